import { refusesOnly } from '../forms.ts'
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
  /** The callers' numbers that it is for; null: all, or we can't tell. */
  readonly callers: Language | null
  /** One text that it matches; null: there is none, or we can't tell. */
  readonly sample: string | null
  /** What it does with a call, to compare with others. */
  readonly does: string
  /** Whether calls leave us by it; by such a rule for `any` none from a trunk does. */
  readonly goesOut: boolean
  /** Whether it only refuses calls: then it is asked of guessed numbers as well. */
  readonly refuses: boolean
}

export function checkedRule(entry: RouteEntry): CheckedRule {
  const known = knownLanguage(entry.match)
  const { name, match, from, caller, when, overCalls, overCallsOf, ...does } = entry
  const all = [...entry.to, entry.busy, entry.noAnswer, entry.offline, entry.unavailable]
  return {
    entry,
    language: known,
    callers: entry.caller === null ? null : knownLanguage(entry.caller),
    sample: known && example(known),
    does: JSON.stringify(Object.entries(does).sort()),
    prefix: literalPrefix(entry.match),
    refuses: refusesOnly(entry),
    goesOut: all.some((text) => text !== null && /^(trunk|number|sip):/.test(text)),
  }
}

function knownLanguage(pattern: string): Language | null {
  const read = language(pattern)
  return 'unknown' in read ? null : read
}

/** Whether something may match both, as far as their beginnings tell. */
export function mayMeet(a: CheckedRule, b: CheckedRule): boolean {
  return a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)
}
