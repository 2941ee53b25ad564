import type { Limit } from './compiled.ts'
import { checkAfter, isWhole } from './compileRoute.ts'
import { parseDestination, shown } from './destination.ts'
import { compileHours } from './hours.ts'
import type { ExpectationEntry, ForwardEntry, GroupEntry, LimitEntry } from './plan.ts'
import type { Says } from './problem.ts'
import { checkDestination, checkTrunk, checkUser, type Names } from './references.ts'
import { whenLocal, zoneNamed } from './zone.ts'

/** Compiles caps, and says what is wrong with them. */
export function compileLimit(entry: LimitEntry, names: Names, says: Says): Limit {
  const { calls, callsPerDay, minutesPerDay, night } = entry
  checkSubject(entry.subject, names, says)
  for (const cap of [calls, callsPerDay, minutesPerDay]) {
    if (cap !== null && !isWhole(cap, 0, 1_000_000)) says(`${cap} is no cap; write a whole number, 0 for none at all`)
  }
  const hours = night === null ? null : compileHours(night)
  if (hours && 'problem' in hours) says(hours.problem)
  if (hours && zoneNamed(names.surroundings.tz) === null) {
    says(`the server's time zone ${shown(names.surroundings.tz)} is not known; set one as in Europe/Berlin`)
  }
  const locked = hours && !('problem' in hours) ? hours : null
  return { calls, callsPerDay, minutesPerDay, night: locked, nightText: night }
}

/** Says what is wrong with a group. */
export function checkGroupEntry({ members, step }: GroupEntry, names: Names, says: Says): void {
  for (const member of members) checkUser(member, names, says)
  const twice = members.find((member, place) => members.indexOf(member) !== place)
  if (twice !== undefined) says(`${shown(twice)} is in it twice; name each member once`)
  if (!isWhole(step, 1, 3600)) says(`${step} s is no time to ring; write 1s to 3600s`)
}

/** Says what is wrong with what a user wants done with its calls. */
export function checkForward(entry: ForwardEntry, names: Names, says: Says): void {
  checkUser(entry.user, names, says)
  for (const to of [entry.always, entry.busy, entry.noAnswer, entry.offline]) {
    if (to?.startsWith('trunk:')) says(`${shown(to)} does not say what is dialled; write number:+15551234567`)
    else if (to !== null) checkDestination(to, [], names, says)
  }
  checkAfter(entry.after, says)
}

/** Says what is wrong with an expectation; whether it holds, `broken` says. */
export function checkExpectation({ from, at, to }: ExpectationEntry, names: Names, says: Says): void {
  if (from.startsWith('trunk:')) checkTrunk(from.slice('trunk:'.length), names, says)
  else checkUser(from, names, says)
  if (at !== null && whenLocal(at, names.surroundings.tz) === null) {
    says(`${shown(at)} is no time; write it as 2026-12-25T10:00`)
  }
  const destination = parseDestination(to)
  if ('problem' in destination) says(destination.problem)
}

function checkSubject(subject: string, names: Names, says: Says): void {
  if (subject === 'any') return
  if (subject.startsWith('user:')) checkUser(subject.slice('user:'.length), names, says)
  else if (subject.startsWith('trunk:')) checkTrunk(subject.slice('trunk:'.length), names, says)
  else says(`${shown(subject)} has no calls to cap; write any, user:101 or trunk:NAME`)
}
