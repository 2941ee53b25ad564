import { includes } from '../language/covers.ts'
import type { GroupEntry } from '../plan.ts'
import type { CheckedRule } from './checkedRule.ts'
import { ask, type Patience } from './patience.ts'

export type Members = ReadonlyMap<string, readonly string[]>

export function membersOf(groups: readonly GroupEntry[]): Members {
  return new Map(groups.map(({ name, members }) => [name, members]))
}

/**
 * Whether the conditions of `wide`, schedules aside, hold whenever those of `narrow` do, whatever is dialled; false as well where we
 * can't tell. Two rules for any are asked of users' calls here; `forTrunksAlone` tells where others are left to the second.
 */
export function holdsApartFromTime(
  wide: CheckedRule,
  narrow: CheckedRule,
  members: Members,
  patience: Patience,
): boolean {
  return callersInclude(wide, narrow, members) && callsInclude(wide, narrow) && callerIncludes(wide, narrow, patience)
}

/** Whether the schedule of `wide` lets it match whenever that of `narrow` does. */
export function isAtAllTimes({ entry: wide }: CheckedRule, { entry: narrow }: CheckedRule): boolean {
  return wide.when === null || wide.when === narrow.when
}

/** Whether calls from trunks pass the first by, and come to the second. */
export function forTrunksAlone(first: CheckedRule, second: CheckedRule): boolean {
  return first.entry.from === 'any' && first.goesOut && second.entry.from === 'any' && !second.goesOut
}

function callersInclude(wide: CheckedRule, narrow: CheckedRule, members: Members): boolean {
  const from = wide.entry.from
  const other = narrow.entry.from
  // A call from a trunk goes by a rule for any only where that does not go out.
  if (from === 'any') return !other.startsWith('trunk:') || !wide.goesOut
  if (from === other) return true
  const many = usersOf(from, members)
  const few = usersOf(other, members)
  return few.length > 0 && few.every((user) => many.includes(user))
}

function usersOf(from: string, members: Members): readonly string[] {
  if (from.startsWith('user:')) return [from.slice('user:'.length)]
  return from.startsWith('group:') ? (members.get(from.slice('group:'.length)) ?? []) : []
}

function callerIncludes(wide: CheckedRule, narrow: CheckedRule, patience: Patience): boolean {
  if (wide.entry.caller === null || wide.entry.caller === narrow.entry.caller) return true
  const [a, b] = [wide.callers, narrow.callers]
  return a !== null && b !== null && ask(patience, () => includes(a, b)) === 'yes'
}

function callsInclude({ entry: wide }: CheckedRule, { entry: narrow }: CheckedRule): boolean {
  if (wide.overCalls === null) return true
  return wide.overCallsOf === narrow.overCallsOf && narrow.overCalls !== null && wide.overCalls <= narrow.overCalls
}
