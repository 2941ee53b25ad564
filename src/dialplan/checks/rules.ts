import { covers, includes } from '../language/covers.ts'
import { contains, fixedChars, isEmpty, type Language, language } from '../language/language.ts'
import { overlap } from '../language/overlap.ts'
import type { PlanSource } from '../plan.ts'
import { type CheckedRule, checkedRule, mayMeet } from './checkedRule.ts'
import { forTrunksAlone, holdsApartFromTime, isAtAllTimes, membersOf } from './conditions.ts'
import type { Finding } from './finding.ts'
import { ask, newPatience, type Patience } from './patience.ts'
import { type Shadow, shadowed } from './shadow.ts'

/**
 * Rules that never get a call, and those that share numbers with an earlier one although neither is plainly the narrower. Pauses
 * after each rule.
 */
export function* checkRules(source: PlanSource, shadow: Shadow): Generator<undefined, readonly Finding[]> {
  const members = membersOf(source.groups)
  const findings: Finding[] = []
  let overlaps = 0
  const alive: CheckedRule[] = []
  const patience = newPatience()
  for (const entry of source.routes) {
    yield
    const rule = checkedRule(entry)
    const ever = alive.filter(
      (earlier) => mayMeet(earlier, rule) && holdsApartFromTime(earlier, rule, members, patience),
    )
    const before = ever.filter((earlier) => isAtAllTimes(earlier, rule))
    const never = whyNever(rule, ever, shadow, patience)
    const shared = never ? null : overlapping(rule, before, patience)
    if (shared) overlaps++
    const finding = never ?? unread(rule) ?? (overlaps > MAX_OVERLAPS ? null : shared)
    if (finding) findings.push({ about: `route ${rule.entry.name}`, ...finding })
    if (!never) alive.push(rule)
  }
  if (overlaps > MAX_OVERLAPS) findings.push(more(overlaps - MAX_OVERLAPS))
  if (patience.left <= 0) findings.push(TOO_MANY)
  return findings
}

/** Nobody reads more. */
const MAX_OVERLAPS = 20

function more(count: number): Finding {
  const message = `${count} more rules share numbers with an earlier one that sends them elsewhere`
  return { severity: 'note', about: 'routes', message }
}

const TOO_MANY: Finding = {
  severity: 'note',
  about: 'routes',
  message:
    'so many rules match alike numbers that not all could be compared; give them expressions that begin with different digits',
}

type Found = Omit<Finding, 'about'>

function whyNever(rule: CheckedRule, ever: readonly CheckedRule[], shadow: Shadow, patience: Patience): Found | null {
  if (!rule.language) return null
  if (isEmpty(rule.language)) return never('nothing that one can dial matches its expression')
  const hidden = shadowed(rule, shadow)
  if (hidden) return never(hidden)
  const by = takersAtAllTimes(rule, ever, patience)
  if (by.length === 0) return null
  const taken = `all that it matches, ${inWords(by)} before it`
  if (!by.some((earlier) => forTrunksAlone(earlier, rule))) return never(taken)
  return { severity: 'note', message: `it gets calls from trunks alone: of the users’ calls ${taken}` }
}

function never(why: string): Found {
  return { severity: 'warning', message: `it never gets a call: ${why}` }
}

/** Schedules that are tried open and closed: a plan has a few. */
const MAX_SCHEDULES = 8

/** The earlier rules that take all of it: at any time the same ones, or some while a schedule is open and others while it is closed. */
function takersAtAllTimes(
  later: CheckedRule,
  ever: readonly CheckedRule[],
  patience: Patience,
): readonly CheckedRule[] {
  const always = ever.filter((earlier) => isAtAllTimes(earlier, later))
  const alone = takers(later, always, patience)
  if (alone.length > 0) return alone
  const schedules = new Set(ever.flatMap(({ entry }) => entry.when?.replace(/^!/, '') ?? []))
  for (const schedule of [...schedules].slice(0, MAX_SCHEDULES)) {
    const [whileOpen = [], whileClosed = []] = [schedule, `!${schedule}`].map((when) =>
      takers(
        later,
        ever.filter((earlier) => always.includes(earlier) || earlier.entry.when === when),
        patience,
      ),
    )
    if (whileOpen.length > 0 && whileClosed.length > 0) return [...new Set([...whileOpen, ...whileClosed])]
  }
  return []
}

/** The earlier rules that take all of it, one alone where there is one; none: they leave something, or we can't tell. */
function takers(later: CheckedRule, before: readonly CheckedRule[], patience: Patience): readonly CheckedRule[] {
  const { language: all, sample } = later
  // What is quickly tried tells for most rules that they are not covered.
  if (!all || !before.some((earlier) => earlier.language && contains(earlier.language, sample ?? ''))) return []
  const languages = before.flatMap(({ language }) => language ?? [])
  if (ask(patience, () => covers(languages, all)) !== 'yes' || !takeGuessed(before, later, patience)) return []
  const includesAll = (language: Language | null) => language && ask(patience, () => includes(language, all)) === 'yes'
  const alone = before.find((earlier) => includesAll(earlier.language) && takeGuessed([earlier], later, patience))
  if (alone) return [alone]
  return before.filter(({ language }) => language && typeof ask(patience, () => overlap(language, all)) === 'object')
}

/** What is no E.164 form, so that it is matched only as it was dialled. */
const NO_E164 = language('(?s:|[^+].*|\\+\\d{0,4}|\\+\\d{16,}|\\+\\d*[^\\d].*)')

/**
 * Rules that cover what another matches cover what it matches by E.164 forms too, but for this: one that only refuses is asked of
 * guessed numbers, and earlier ones that send calls on are not.
 */
function takeGuessed(earlier: readonly CheckedRule[], later: CheckedRule, patience: Patience): boolean {
  const { language: all, refuses } = later
  if (!refuses) return true
  const refusing = earlier.flatMap((rule) => (rule.refuses && rule.language ? [rule.language] : []))
  if (!all || 'unknown' in NO_E164) return false
  return ask(patience, () => covers([...refusing, NO_E164], all)) === 'yes'
}

function inWords(takers: readonly CheckedRule[]): string {
  const names = takers.map(({ entry }) => entry.name)
  if (names.length < 2) return `route ${names.join()} takes`
  if (names.length > 4) return `routes ${names.slice(0, 3).join(', ')} and others take`
  return `routes ${names.slice(0, -1).join(', ')} and ${names.at(-1)} take`
}

function unread({ entry, language: known }: CheckedRule): Found | null {
  if (known) return null
  const read = language(entry.match)
  const what = 'unknown' in read ? read.unknown : 'something unusual'
  return { severity: 'note', message: `it cannot be compared with other rules, as its expression has ${what}` }
}

/** The first earlier rule that takes a part of what this one matches, unless it is a narrower rule put first on purpose. */
function overlapping(rule: CheckedRule, before: readonly CheckedRule[], patience: Patience): Found | null {
  for (const earlier of before) {
    const [a, b] = [earlier.language, rule.language]
    if (!a || !b || earlier.does === rule.does) continue
    const common = ask(patience, () => overlap(a, b))
    if (typeof common === 'string' || isNarrower(a, b, common.text, patience)) continue
    const first = `route ${earlier.entry.name} as well, which comes first and sends it to ${earlier.entry.to.join(',')}`
    return { severity: 'note', message: `${common.text || 'nothing dialled'} matches ${first}` }
  }
  return null
}

/** Whether the first is plainly the narrower: it matches nothing else, or asks for more of the number just so. */
function isNarrower(first: Language, second: Language, common: string, patience: Patience): boolean {
  if (fixedChars(first, common) > fixedChars(second, common)) return true
  return ask(patience, () => includes(second, first)) !== 'no'
}
