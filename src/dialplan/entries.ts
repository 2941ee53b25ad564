import { accountOf, attempting, entered, type Move, rejection, type Standing, shownNumber } from './attempt.ts'
import type { CompiledPlan, OwnNumber, Rule } from './compiled.ts'
import { type Account, accountText, callersNumber, type Match } from './conditions.ts'
import type { Outbound, RouteQuery } from './decision.ts'
import { isOpen } from './schedule.ts'
import { filled } from './template.ts'
import { inOrderOfChance } from './weights.ts'

/** Goes by the rule, to the first of its destinations in their order for this call. What it matched is what it rewrites. */
export function enterRule({ rule, form }: Match, standing: Standing): Move {
  const { query } = standing
  const groups = rule.match.names.length > 0 ? rule.match.groups(form) : new Map<string, string>()
  const to = rule.entry.to.map((text) => filled(text, groups))
  return entered(standing, {
    entry: `route ${rule.entry.name}`,
    left: rule.entry.weights ? inOrderOfChance(to, rule.entry.weights, query.draw) : to,
    outbound: rule.dials ? ruleOutbound(rule, form, groups, standing) : null,
  })
}

/** Goes where the number of ours sends its calls now: to who is called by this caller, else to `to`, else to `fallback`. */
export function enterNumber(own: OwnNumber, standing: Standing): Move {
  const { query, plan } = standing
  const { number, fallback, to } = own.entry
  const account: Account = { kind: 'number', number }
  const outbound: Outbound = {
    number: { raw: number, e164: number },
    callerId: shownNumber(account, query, plan),
    account: accountText(account),
    emergency: false,
  }
  const step = { entry: `number ${number}`, outbound }
  const personal = ownWay(own, query, plan)
  if (personal !== null) return entered(standing, { ...step, left: [personal] })
  if (available(own, query)) return entered(standing, { ...step, left: to })
  if (fallback !== null) return entered(standing, { ...step, left: [fallback] })
  const at = [...standing.at, { ...step, now: 'reject:486', left: [], heard: null }]
  return attempting({ ...standing, at }, rejection(486, `${number} takes no calls now`), [])
}

/** Where this caller alone goes; null: where all others do. */
export function ownWay(own: OwnNumber, query: RouteQuery, plan: CompiledPlan): string | null {
  const caller = callersNumber(query, plan)
  return caller === null ? null : (own.callers.get(asE164(caller, plan)) ?? null)
}

function ruleOutbound(rule: Rule, form: string, groups: ReadonlyMap<string, string>, standing: Standing): Outbound {
  const { query, plan } = standing
  const { number, prepend, strip, callerId } = rule.entry
  const raw = number === null ? prepend + form.slice(strip) : filled(number, groups)
  const account = accountOf(standing)
  return {
    number: { raw, e164: plan.numbering.read(raw)?.e164 ?? null },
    callerId: callerId ?? shownNumber(account, query, plan),
    account: accountText(account),
    // A habit such as 0112 for an outside line: the rule has made an emergency number of it.
    emergency: account.kind === 'user' && plan.numbering.isEmergency(raw),
  }
}

/** Whether calls to the number go to `to` now. */
export function available({ entry, schedule }: OwnNumber, { at, usage }: RouteQuery): boolean {
  switch (entry.availability) {
    case 'always':
      return true
    case 'never':
      return false
    case 'after-hours':
      return schedule !== null && !isOpen(schedule, at)
    case 'scheduled':
      return schedule !== null && isOpen(schedule, at)
    case 'overflow':
      return entry.overCalls !== null && usage.callsUp(`number:${entry.number}`) >= entry.overCalls
    default:
      return entry.availability satisfies never
  }
}

function asE164(number: string, plan: CompiledPlan): string {
  return number.startsWith('+') ? number : (plan.numbering.read(number)?.e164 ?? number)
}
