import type { CompiledPlan, Rule } from './compiled.ts'
import type { RouteQuery } from './decision.ts'
import { shown } from './destination.ts'
import { counts, formMatching, type ReadForm, readForm } from './forms.ts'
import { isOpen } from './schedule.ts'

/** On whose account a call goes out, and by whose rules. */
export type Account =
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'trunk'; readonly trunk: string }
  /** A number of ours that sends its calls on. */
  | { readonly kind: 'number'; readonly number: string }

/** What rules are asked: of a call, or of one that is sent on. */
export interface Asked {
  readonly dialled: string
  /** As a number of the phone network; null: it has no such form, or is written so. */
  readonly read: ReadForm | null
  readonly account: Account
  readonly query: RouteQuery
}

/** A rule that decides. `form`: what it matched, as it was dialled or the E.164 form of it. */
export interface Match {
  readonly rule: Rule
  readonly form: string
}

/** One condition of a rule: whether it holds, and in words why it does not. */
interface Condition {
  holds(rule: Rule, asked: Asked, plan: CompiledPlan): boolean
  says(rule: Rule, asked: Asked, plan: CompiledPlan): string
}

/** As the account is written: `user:101`, `trunk:NAME`, `number:+1555…`. */
export function accountText(account: Account): string {
  switch (account.kind) {
    case 'user':
      return `user:${account.user}`
    case 'trunk':
      return `trunk:${account.trunk}`
    case 'number':
      return `number:${account.number}`
    default:
      return account satisfies never
  }
}

export function asking(dialled: string, account: Account, query: RouteQuery, plan: CompiledPlan): Asked {
  return { dialled, read: readForm(dialled, plan.numbering), account, query }
}

/** The first rule that matches; null: none does. */
export function firstMatch(asked: Asked, plan: CompiledPlan): Match | null {
  const { dialled, read } = asked
  for (const place of plan.index.candidates(dialled, read?.e164 ?? null)) {
    const rule = plan.rules[place]
    if (!rule || !whoCalls.holds(rule, asked, plan)) continue
    const form = formMatching(rule, dialled, read)
    if (form !== null && CIRCUMSTANCES.every((condition) => condition.holds(rule, asked, plan))) return { rule, form }
  }
  return null
}

/** Why the rule does not match, by the first of its conditions that does not hold; null: it matches. */
export function whyNot(rule: Rule, asked: Asked, plan: CompiledPlan): string | null {
  return CONDITIONS.find((condition) => !condition.holds(rule, asked, plan))?.says(rule, asked, plan) ?? null
}

/** The number that the caller shows, E.164 where it can be read so; null: withheld, or none. */
export function callersNumber(query: RouteQuery, plan: CompiledPlan): string | null {
  return query.caller.kind === 'trunk' ? query.caller.number : plan.surroundings.callerId(query.caller.user)
}

const whoCalls: Condition = {
  holds(rule, { account }) {
    switch (rule.from.kind) {
      case 'any':
        // Whoever calls from outside pays nothing, so what goes out must be said for that trunk.
        return account.kind !== 'trunk' || !rule.goesOut
      case 'user':
        return account.kind === 'user' && account.user === rule.from.user
      case 'group':
        return account.kind === 'user' && rule.from.members.has(account.user)
      case 'trunk':
        return account.kind === 'trunk' && account.trunk === rule.from.trunk
      default:
        return rule.from satisfies never
    }
  },
  says(rule, { account }) {
    const who = accountText(account)
    if (rule.from.kind === 'group') return `it is for group:${rule.from.group} and ${who} is not in it`
    if (rule.from.kind !== 'any') return `it is for ${rule.entry.from} and the call is from ${who}`
    return `it is for any and goes out, and a call from a trunk goes out only by a rule for ${who}`
  },
}

const whatIsDialled: Condition = {
  holds: (rule, { dialled, read }) => formMatching(rule, dialled, read) !== null,
  says(rule, { dialled, read }) {
    const { match } = rule.entry
    if (read !== null && counts(read, rule)) return `neither ${shown(dialled)} nor ${read.e164} matches ${match}`
    const not = `${shown(dialled)} does not match ${match}`
    if (read === null || !rule.match.matches(read.e164)) return not
    return `${not}; ${read.e164} would, but is not known to exist`
  },
}

const callerMatches: Condition = {
  holds: (rule, { query }, plan) => rule.caller === null || rule.caller.matches(callerText(query, plan)),
  says: (rule, { query }, plan) => `the caller ${shown(callerText(query, plan))} does not match ${rule.entry.caller}`,
}

const scheduleHolds: Condition = {
  holds: ({ when }, { query }) => when === null || isOpen(when.schedule, query.at) === when.open,
  says: ({ when }) => `schedule ${when?.name} is ${when?.open ? 'closed' : 'open'} then`,
}

const enoughCalls: Condition = {
  holds: ({ entry }, { query }) =>
    entry.overCalls === null || query.usage.callsUp(entry.overCallsOf) >= entry.overCalls,
  says({ entry }, { query }) {
    const which = entry.overCallsOf === 'any' ? '' : ` of ${entry.overCallsOf}`
    return `${query.usage.callsUp(entry.overCallsOf)} calls${which} are up and it wants at least ${entry.overCalls}`
  },
}

/** The cheap ones first. */
const CIRCUMSTANCES: readonly Condition[] = [callerMatches, scheduleHolds, enoughCalls]
const CONDITIONS: readonly Condition[] = [whoCalls, whatIsDialled, ...CIRCUMSTANCES]

function callerText(query: RouteQuery, plan: CompiledPlan): string {
  return (callersNumber(query, plan) ?? 'anonymous').slice(0, 128)
}
