import type { OwnNumber } from './compiled.ts'
import { checkAfter, checkOtherwise, checkTo, isWhole, type Parts } from './compileRoute.ts'
import { shown } from './destination.ts'
import type { CallerEntry, NumberEntry } from './plan.ts'
import type { Says } from './problem.ts'
import { checkDestination, checkSchedule, checkTrunk, type Names } from './references.ts'

const E164 = /^\+[1-9]\d{2,14}$/

/** Compiles a number of ours with those of its callers who have a destination of their own. */
export function compileNumber(
  entry: NumberEntry,
  callers: ReadonlyMap<string, string>,
  { names, schedules }: Parts,
  says: Says,
): OwnNumber {
  if (!E164.test(entry.number)) says(`${shown(entry.number)} is no number; write it as +15551234567`)
  checkTo(entry.to, [], names, says)
  checkOtherwise(entry, names, says)
  checkAfter(entry.after, says)
  if (entry.trunk !== null) checkTrunk(entry.trunk, names, says)
  if (entry.fallback !== null) checkDestination(entry.fallback, [], names, says)
  checkAvailability(entry, names, says)
  return { entry, schedule: schedules.get(entry.schedule ?? '') ?? null, callers }
}

/** Says what is wrong with a caller's own destination. */
export function checkCaller(entry: CallerEntry, names: Names, says: Says): void {
  if (!names.numbers.has(entry.number)) says(`${shown(entry.number)} is no number of ours; add it first`)
  if (!E164.test(entry.caller)) says(`${shown(entry.caller)} is no caller's number; write it as +15551234567`)
  checkDestination(entry.to, [], names, says)
}

function checkAvailability({ availability, schedule, overCalls }: NumberEntry, names: Names, says: Says): void {
  if (schedule !== null) checkSchedule(schedule, names, says)
  if ((availability === 'after-hours' || availability === 'scheduled') && schedule === null) {
    says(`${availability} needs a schedule; name one`)
  }
  if (availability === 'overflow' && overCalls === null) says('overflow needs a number of calls; give over-calls')
  if (overCalls !== null && !isWhole(overCalls, 1, 1_000_000)) {
    says(`over-calls ${overCalls} is no count of calls; write 1 or more`)
  }
}
