import { texts } from '../language/language.ts'
import type { Numbering } from '../numbering.ts'
import type { PlanSource, PlanSurroundings } from '../plan.ts'
import type { CheckedRule } from './checkedRule.ts'

/** Rules that match no more than this are tried number by number. */
const SMALL = 1_000

/** What comes before the rules of those who dial it, in words; null: nothing does. */
export type Shadow = (dialled: string, from: string) => string | null

/** As `route` asks: of users emergency numbers, built-in ones, users, groups and our own numbers, of trunks our own numbers alone. */
export function shadowOf(source: PlanSource, surroundings: PlanSurroundings, numbering: Numbering): Shadow {
  const groups = new Set(source.groups.map(({ name }) => name))
  const numbers = new Map(source.numbers.map((entry) => [entry.number, entry]))
  const own = (forms: readonly string[], trunk: string | null) =>
    forms.some((form) => {
      const entry = numbers.get(form)
      return entry !== undefined && (trunk === null || entry.trunk === null || entry.trunk === trunk)
    })
  return (dialled, from) => {
    const e164 = numbers.size > 0 ? (numbering.read(dialled)?.e164 ?? dialled) : dialled
    if (from.startsWith('trunk:')) {
      return own([dialled, `+${dialled}`, e164], from.slice('trunk:'.length)) ? OWN : null
    }
    if (numbering.isEmergency(dialled)) return 'an emergency number'
    if (surroundings.builtIn(dialled) !== null) return 'a built-in number'
    if (surroundings.isUser(dialled)) return 'a user'
    if (groups.has(dialled)) return 'a group'
    return own([dialled, e164], null) ? OWN : null
  }
}

const OWN = 'one of our own numbers'
/** E.164 forms, which are matched however they were dialled. */
const E164 = /^\+\d{5,15}$/

/** Why the rule never gets a call, where all that it matches comes before the rules; null: it gets some. */
export function shadowed({ entry, language }: CheckedRule, shadow: Shadow): string | null {
  const all = language && texts(language, SMALL)
  const [first] = all ?? []
  if (!all || first === undefined) return null
  // Calls from trunks come to a rule for any as well, where users, groups and built-in numbers are not asked for.
  const reasons = all.map((text) => shadow(text, entry.from))
  const [reason] = reasons
  if (!reason || reasons.includes(null)) return null
  // Users and groups have their name in one form alone, and our own numbers have theirs in all.
  if (all.some((text, at) => E164.test(text) && reasons[at] !== OWN)) return null
  const also = all.length > 1 ? ', and so is it with all else that the rule matches' : ''
  return `who dials ${first} gets ${reason} before any rule is asked${also}`
}
