import { type Language, language } from '../language/language.ts'
import { literalPrefix } from '../language/literalPrefix.ts'
import { example } from '../language/overlap.ts'
import type { RouteEntry } from '../plan.ts'

/** A rule with what is asked of it again and again. */
export interface CheckedRule {
  readonly entry: RouteEntry
  /** null: we can't follow its expression, or it has none that is right. */
  readonly language: Language | null
  /** With what all that it matches begins. */
  readonly prefix: string
  /** One text that it matches; null: there is none, or we can't tell. */
  readonly sample: string | null
  /** What it does with a call, to compare with others. */
  readonly does: string
  /** Whether calls leave us by it; by such a rule for `any` none from a trunk does. */
  readonly goesOut: boolean
}

export function checkedRule(entry: RouteEntry): CheckedRule {
  const read = language(entry.match)
  const known = 'unknown' in read ? null : read
  const { name, match, from, caller, when, overCalls, overCallsOf, ...does } = entry
  const all = [...entry.to, entry.busy, entry.noAnswer, entry.offline, entry.unavailable]
  return {
    entry,
    language: known,
    sample: known && example(known),
    does: JSON.stringify(Object.entries(does).sort()),
    prefix: literalPrefix(entry.match),
    goesOut: all.some((text) => text !== null && /^(trunk|number|sip):/.test(text)),
  }
}

/** Whether something may match both, as far as their beginnings tell. */
export function mayMeet(a: CheckedRule, b: CheckedRule): boolean {
  return a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)
}
