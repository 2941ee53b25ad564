import { closest } from '../closest.ts'
import { type Destination, parseDestination, shown } from './destination.ts'
import type { Numbering } from './numbering.ts'
import type { PlanSource, PlanSurroundings } from './plan.ts'
import type { Says } from './problem.ts'
import { filled, placesIn } from './template.ts'

/** What entries may name. */
export interface Names {
  readonly surroundings: PlanSurroundings
  readonly numbering: Numbering
  readonly groups: ReadonlySet<string>
  readonly trunks: ReadonlySet<string>
  readonly schedules: ReadonlySet<string>
  readonly numbers: ReadonlySet<string>
}

export function namesIn(source: PlanSource, surroundings: PlanSurroundings, numbering: Numbering): Names {
  return {
    surroundings,
    numbering,
    groups: new Set(source.groups.map(({ name }) => name)),
    trunks: new Set(surroundings.trunks.map(({ name }) => name)),
    schedules: new Set(source.schedules.map(({ name }) => name)),
    numbers: new Set(source.numbers.map(({ number }) => number)),
  }
}

/** Kinds that a part of the text may stand for: no caller chooses a trunk or an app. */
const FILLED_KINDS: readonly Destination['kind'][] = ['user', 'group', 'number', 'sip']

/** Says what is wrong with a destination. `groups`: the named groups that may stand in it. */
export function checkDestination(text: string, groups: readonly string[], names: Names, says: Says): void {
  const places = placesIn(text)
  if (!checkPlaces(text, places, groups, says)) return
  const parsed = parseDestination(
    places.length === 0 ? text : filled(text, new Map(places.map((name) => [name, '00']))),
  )
  if ('problem' in parsed) return says(`${text}: ${parsed.problem}`)
  if (places.length === 0) return checkNamed(parsed, names, says)
  if (!FILLED_KINDS.includes(parsed.kind)) says(`${text} cannot be chosen by what is dialled; name the ${parsed.kind}`)
}

/** Whether each `${name}` in the text is a named group. */
export function checkPlaces(text: string, places: readonly string[], groups: readonly string[], says: Says): boolean {
  const stray = places.find((name) => !groups.includes(name))
  if (stray === undefined) return true
  const known = groups.length > 0 ? `named groups are ${groups.join(', ')}` : 'there are no named groups'
  says(`\${${stray}} in ${shown(text)} is no named group of the match; ${known}, written (?P<name>…)`)
  return false
}

export function checkUser(user: string, names: Names, says: Says): void {
  if (!names.surroundings.isUser(user)) says(`there is no user ${shown(user)}; add it or name another`)
}

export function checkGroup(group: string, names: Names, says: Says): void {
  if (!names.groups.has(group)) says(missing('group', group, names.groups))
}

export function checkTrunk(trunk: string, names: Names, says: Says): void {
  if (!names.trunks.has(trunk)) says(missing('trunk', trunk, names.trunks))
}

export function checkSchedule(schedule: string, names: Names, says: Says): void {
  if (!names.schedules.has(schedule)) says(missing('schedule', schedule, names.schedules))
}

function checkNamed(destination: Destination, names: Names, says: Says): void {
  switch (destination.kind) {
    case 'user':
      return checkUser(destination.user, names, says)
    case 'group':
      return checkGroup(destination.group, names, says)
    case 'trunk':
      return checkTrunk(destination.trunk, names, says)
    case 'app':
      if (!names.surroundings.isApp(destination.app)) says(`there is no app ${shown(destination.app)}`)
      return
    case 'number':
      return checkNumber(destination.number, names, says)
    case 'sip':
    case 'reject':
      return
    default:
      return destination satisfies never
  }
}

function checkNumber(number: string, names: Names, says: Says): void {
  if (names.numbering.isEmergency(number)) {
    says(`${number} is an emergency number: calls are not sent on to it; name another`)
  } else if (!names.numbers.has(number) && names.numbering.read(number) === null) {
    says(`${number} is no number of the phone network; write it as +15551234567`)
  }
}

function missing(what: string, name: string, known: ReadonlySet<string>): string {
  const near = closest(name, known)
  return `there is no ${what} ${shown(name)}; ${near === null ? 'add it or name another' : `did you mean ${near}?`}`
}
