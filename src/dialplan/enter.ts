import {
  accountOf,
  attempting,
  entered,
  failed,
  type Move,
  outboundOf,
  type Refusal,
  rejection,
  type Standing,
} from './attempt.ts'
import type { CompiledPlan } from './compiled.ts'
import { accountText, asking, firstMatch } from './conditions.ts'
import type { Cause, RouteQuery } from './decision.ts'
import { type Destination, parseDestination, shown } from './destination.ts'
import { enterNumber, enterRule } from './entries.ts'
import { guard } from './guard.ts'
import type { ForwardEntry } from './plan.ts'
import { reasonFor } from './reasons.ts'

/** Tries the destination at which the call stands. */
export function enter(standing: Standing): Move {
  const now = standing.at.at(-1)?.now ?? ''
  // Compiling refuses circles; a plan that was changed under way, or a group that a caller's number fills, can still make one.
  if (!inGroup(standing) && standing.at.slice(0, -1).some((step) => step.now === now)) return circle(standing)
  const destination = parseDestination(now)
  return 'problem' in destination ? failed(standing, 'unavailable') : enterDestination(destination, now, standing)
}

/** The answer to a call that the plan sends round and round. */
export function circle(standing: Standing): Move {
  const way = standing.at.map(({ now }) => shown(now)).join(' → ')
  return attempting(standing, rejection(482, `the dial plan sends the call in a circle: ${way}`), [])
}

/** Where the user has calls sent on for this cause; null: nowhere. */
export function forwardOf(user: string, cause: Cause, plan: CompiledPlan): string | null {
  const forward = plan.forwards.get(user)
  if (!forward) return null
  if (cause === 'busy') return forward.busy
  if (cause === 'no-answer') return forward.noAnswer
  return cause === 'offline' ? forward.offline : null
}

/** Sends the call where the user says. */
export function enterForward(user: string, to: string, standing: Standing): Move {
  return entered(standing, { entry: `forward ${user}`, left: [to], outbound: null })
}

function enterDestination(destination: Destination, text: string, standing: Standing): Move {
  switch (destination.kind) {
    case 'user':
      return enterUser(destination.user, standing)
    case 'group':
      return enterGroup(destination.group, standing)
    case 'trunk':
      return enterTrunk(destination.trunk, standing)
    case 'number':
      return enterOutside(destination.number, standing)
    case 'sip':
      return enterSip(destination.uri, standing)
    case 'app':
      return attempting(standing, { action: 'run', app: destination.app }, [text])
    case 'reject':
      return attempting(standing, rejection(destination.status, reasonFor(destination.status)), [text])
    default:
      return destination satisfies never
  }
}

function enterUser(user: string, standing: Standing): Move {
  const { plan, seen } = standing
  const member = inGroup(standing)
  const forward = plan.forwards.get(user)
  if (forward && !member) {
    if (forward.always !== null) return enterForward(user, forward.always, standing)
    if (forward.dnd) {
      return forward.busy === null ? failed(standing, 'busy') : enterForward(user, forward.busy, standing)
    }
  }
  if (!plan.surroundings.isUser(user)) return failed(standing, 'unavailable', notFound(user))
  if (seen.includes(`user:${user}`)) return failed(standing, 'unavailable')
  const timeout = member ? stepOf(standing) : ringTime(afterOf(standing), forward)
  return attempting(standing, { action: 'ring', users: [user], timeout }, [`user:${user}`])
}

function notFound(name: string): Refusal {
  return { status: 404, reason: `nobody here has the number ${shown(name)}`, denied: null }
}

function inGroup(standing: Standing): boolean {
  return standing.at.at(-1)?.entry.startsWith('group ') === true
}

function stepOf({ at, plan }: Standing): number | null {
  return plan.groups.get((at.at(-1)?.entry ?? '').slice('group '.length))?.entry.step ?? null
}

/** How long the entry that decides lets each destination ring, seconds. */
function afterOf({ at, plan }: Standing): number | null {
  for (let i = at.length - 1; i >= 0; i--) {
    const { entry } = at[i] ?? { entry: '' }
    if (entry.startsWith('route ')) return plan.rulesByName.get(entry.slice('route '.length))?.entry.after ?? null
    if (entry.startsWith('number ')) return plan.numbers.get(entry.slice('number '.length))?.entry.after ?? null
  }
  return null
}

/** The user's own time counts where the call then goes somewhere, the entry's where it is shorter. */
function ringTime(after: number | null, forward: ForwardEntry | undefined): number | null {
  const own = forward && forward.noAnswer !== null ? forward.after : null
  return own === null || after === null ? (own ?? after) : Math.min(own, after)
}

function enterGroup(name: string, standing: Standing): Move {
  const { plan } = standing
  const group = plan.groups.get(name)
  if (!group) return failed(standing, 'unavailable', notFound(name))
  const users = group.entry.members.filter((user) => isRung(user, standing))
  if (users.length === 0) return failed(standing, group.entry.members.length === 0 ? 'offline' : 'busy')
  if (group.entry.order === 'together') {
    const tried = users.map((user) => `user:${user}`)
    return attempting(standing, { action: 'ring', users, timeout: afterOf(standing) }, tried)
  }
  const inTurn = group.entry.order === 'in-turn' ? users : longestIdleFirst(users, standing.query)
  return entered(standing, { entry: `group ${name}`, left: inTurn.map((user) => `user:${user}`), outbound: null })
}

/** Not who calls, nor who was rung before, nor who wants no calls. */
function isRung(user: string, { query, plan, seen }: Standing): boolean {
  if (query.caller.kind === 'user' && query.caller.user === user) return false
  if (seen.includes(`user:${user}`) || !plan.surroundings.isUser(user)) return false
  return plan.forwards.get(user)?.dnd !== true
}

function longestIdleFirst(users: readonly string[], { usage }: RouteQuery): readonly string[] {
  const since = new Map(users.map((user) => [user, usage.idleSince(user)]))
  return [...users].sort((a, b) => (since.get(a) ?? 0) - (since.get(b) ?? 0))
}

function enterTrunk(trunk: string, standing: Standing): Move {
  const { at, plan, query, seen } = standing
  const outbound = outboundOf(at)
  const tried = `trunk:${trunk} ${outbound?.number.raw}`
  if (outbound === null || outbound.number.raw === '' || seen.includes(tried)) return failed(standing, 'unavailable')
  const denial = guard(outbound, trunk, query, plan)
  if (denial === null) {
    return attempting(standing, { action: 'dial', trunk, timeout: afterOf(standing), ...outbound }, [tried])
  }
  // What a user may not dial is not tried otherwise; where a call is only sent on, there may be another way for it.
  const { status, denied } = denial
  if (denial.ofTrunk || isSentOn(standing)) {
    return failed(standing, 'unavailable', { status, reason: denied, denied })
  }
  return attempting(standing, rejection(status, denied, denied), [])
}

function isSentOn({ at }: Standing): boolean {
  return at.some(({ entry }) => entry.startsWith('forward ') || entry.startsWith('number '))
}

/** A number as a destination: one of ours, or it goes out by the rules of the account that sends it there. */
function enterOutside(number: string, standing: Standing): Move {
  const { plan, query } = standing
  const own = plan.numbers.get(number) ?? plan.numbers.get(plan.numbering.read(number)?.e164 ?? '')
  if (own) return enterNumber(own, standing)
  const account = accountOf(standing)
  const match = firstMatch(asking(number, account, query, plan), plan)
  if (match) return enterRule(match, standing)
  const denied = `no rule allows ${accountText(account)} to call ${shown(number)}`
  return failed(standing, 'unavailable', { status: 403, reason: denied, denied })
}

function enterSip(uri: string, standing: Standing): Move {
  if (standing.seen.includes(uri)) return failed(standing, 'unavailable')
  return attempting(standing, { action: 'sip', uri, timeout: afterOf(standing) }, [uri])
}
