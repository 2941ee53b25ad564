import type { CompiledPlan, Limit } from './compiled.ts'
import type { Attempt, Outbound, RouteQuery, Usage } from './decision.ts'
import { shown } from './destination.ts'
import { withinHours } from './hours.ts'
import type { DialClass } from './plan.ts'

/** Why a call may not go out. */
export interface Denial {
  readonly status: number
  /** The guard in a few words. */
  readonly denied: string
  /** Whether another trunk may take it. */
  readonly ofTrunk: boolean
}

/**
 * Whether the call may go out: what its account may dial, then the caps of the account, then those of the trunk; null: it may.
 * An emergency call of a user's always may.
 */
export function guard(outbound: Outbound, trunk: string, query: RouteQuery, plan: CompiledPlan): Denial | null {
  if (outbound.emergency) return null
  return (
    ofClass(outbound, plan) ??
    ofAccount(outbound.account, query, plan) ??
    ofLimit(`trunk:${trunk}`, ownLimit(`trunk:${trunk}`, plan), query, plan, true)
  )
}

/** Of the caps on the call those of which four fifths or more are used, in words, for an alarm. */
export function nearCaps(outbound: Outbound, trunk: string, usage: Usage, plan: CompiledPlan): readonly string[] {
  const subjects: (readonly [string, Limit])[] = [
    [outbound.account, accountLimit(outbound.account, plan)],
    [`trunk:${trunk}`, ownLimit(`trunk:${trunk}`, plan)],
  ]
  return subjects.flatMap(([subject, limit]) =>
    caps(subject, limit, { usage })
      .filter(({ used, cap }) => cap !== null && used >= 0.8 * cap)
      .map(({ used, cap, what }) => `${subject} has ${Math.floor(used)} of ${cap} ${what}`),
  )
}

/** How long a call may last by the caps of minutes, ms; null: as long as it wants. */
export function timeLeft(attempt: Attempt, usage: Usage, plan: CompiledPlan): number | null {
  if (attempt.action !== 'dial' || attempt.emergency) return null
  const { account, trunk } = attempt
  const left = [
    [account, accountLimit(account, plan)] as const,
    [`trunk:${trunk}`, ownLimit(`trunk:${trunk}`, plan)] as const,
  ].flatMap(([subject, { minutesPerDay }]) =>
    minutesPerDay === null ? [] : [Math.max(0, minutesPerDay - usage.minutesToday(subject)) * 60_000],
  )
  return left.length === 0 ? null : Math.min(...left)
}

/** What the number counts as. What cannot be read is the dearest, unless it can only be somebody's extension or name. */
export function classOf(raw: string, plan: CompiledPlan): DialClass {
  const read = plan.numbering.read(raw)
  if (read) return read.class
  return /^(\d{1,4}|[A-Za-z][A-Za-z_.-]{0,63})$/.test(raw) ? 'internal' : 'premium'
}

function ofClass(outbound: Outbound, plan: CompiledPlan): Denial | null {
  const { account } = outbound
  const { raw } = outbound.number
  const user = userOf(account)
  if (user === null && plan.numbering.isEmergency(raw)) {
    return forbidden(`emergency numbers are not called on account of ${account}`)
  }
  const kind = classOf(raw, plan)
  const allowed = user === null ? kind !== 'premium' : plan.surroundings.allowed(user).includes(kind)
  return allowed ? null : forbidden(`${kind} calls are not allowed to ${user ?? account}`)
}

function forbidden(denied: string): Denial {
  return { status: 403, denied, ofTrunk: false }
}

function userOf(account: string): string | null {
  return account.startsWith('user:') ? account.slice('user:'.length) : null
}

const NO_LIMIT: Limit = { calls: null, callsPerDay: null, minutesPerDay: null, night: null, nightText: null }

function ownLimit(subject: string, plan: CompiledPlan): Limit {
  return plan.limits.get(subject) ?? NO_LIMIT
}

/** A user's own values, and those for `any` where it has none. Numbers have no caps but their trunk's. */
function accountLimit(account: string, plan: CompiledPlan): Limit {
  if (userOf(account) === null) return NO_LIMIT
  const own = ownLimit(account, plan)
  const any = ownLimit('any', plan)
  const night = own.night === null ? any : own
  return {
    calls: own.calls ?? any.calls,
    callsPerDay: own.callsPerDay ?? any.callsPerDay,
    minutesPerDay: own.minutesPerDay ?? any.minutesPerDay,
    night: night.night,
    nightText: night.nightText,
  }
}

function ofAccount(account: string, query: RouteQuery, plan: CompiledPlan): Denial | null {
  return ofLimit(account, accountLimit(account, plan), query, plan, false)
}

function ofLimit(
  subject: string,
  limit: Limit,
  query: RouteQuery,
  plan: CompiledPlan,
  ofTrunk: boolean,
): Denial | null {
  if (limit.night !== null && withinHours(limit.night, query.at, plan.surroundings.tz)) {
    return { status: 403, denied: `night lock ${shown(limit.nightText ?? '')} of ${subject}`, ofTrunk }
  }
  const full = caps(subject, limit, query).find(({ used, cap }) => cap !== null && used >= cap)
  if (!full) return null
  // RFC 3261 §21.4.18: a phone shows 480 as "try later"; after a 503 of ours it might leave for another server.
  const status = ofTrunk ? 503 : 480
  return { status, denied: `${subject} has ${Math.floor(full.used)} of ${full.cap} ${full.what}`, ofTrunk }
}

interface Cap {
  readonly used: number
  readonly cap: number | null
  readonly what: string
}

function caps(
  subject: string,
  limit: Limit,
  { usage, countedToday = [] }: Pick<RouteQuery, 'usage' | 'countedToday'>,
): readonly Cap[] {
  const all: Cap[] = []
  if (limit.calls !== null) all.push({ used: usage.callsUp(subject), cap: limit.calls, what: 'calls at once' })
  if (limit.callsPerDay !== null) {
    const others = usage.callsToday(subject) - (countedToday.includes(subject) ? 1 : 0)
    all.push({ used: others, cap: limit.callsPerDay, what: 'calls a day' })
  }
  if (limit.minutesPerDay !== null) {
    all.push({ used: usage.minutesToday(subject), cap: limit.minutesPerDay, what: 'minutes a day' })
  }
  return all
}
