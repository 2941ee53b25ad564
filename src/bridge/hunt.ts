import type { Attempt, Cause, RouteQuery } from '../dialplan/decision.ts'
import type { Millis } from '../platform/clock.ts'
import type { Bridge, Device, LineAttempt } from './bridge.ts'
import type { Call, Ending } from './call.ts'
import type { Outcome } from './callRecord.ts'
import { metered } from './metered.ts'
import { noteRoute, noteWentOn } from './noteRoute.ts'

/** What is to be done next for a call that nobody has taken yet. */
export type Turn =
  /** Together, for so long, ms. */
  | { readonly kind: 'ring'; readonly devices: readonly Device[]; readonly timeout: Millis }
  | { readonly kind: 'run'; readonly app: string }
  | { readonly kind: 'end'; readonly ending: Ending }

export type RingTurn = Extract<Turn, { readonly kind: 'ring' }>

/** A call's way through the dial plan: one attempt after the other, until one is taken or there is none left. */
export class Hunt {
  readonly #bridge: Bridge
  readonly #call: Call
  readonly #query: RouteQuery
  #attempt: Attempt
  /** What the attempt before it failed for. */
  #cause: Cause | null = null
  /** Gives back what the attempt at hand uses. */
  #release: () => void = () => {}
  /** Of an emergency call the trunks that counted as down: tried at last all the same, for they may not be. */
  readonly #passedOver: LineAttempt[] = []
  #lastResort = false

  constructor(bridge: Bridge, call: Call, query: RouteQuery) {
    this.#bridge = bridge
    this.#call = call
    this.#query = query
    this.#attempt = bridge.route(query)
    call.onEnded(() => this.#release())
    noteRoute(call, query, this.#attempt)
  }

  first(): Turn {
    return this.#turn()
  }

  /** What follows on an attempt that was not taken; `ending`: how the call ends if nothing does. Cause null: nothing may. */
  next(cause: Cause | null, ending: Ending): Turn {
    this.#release()
    if (cause === null) return { kind: 'end', ending }
    const next = this.#following(cause)
    if (next === null) return { kind: 'end', ending }
    this.#attempt = next
    this.#cause = cause
    noteWentOn(this.#call, cause, next)
    return this.#turn()
  }

  #following(cause: Cause): Attempt | null {
    const at = this.#bridge.clock.wall().getTime()
    const query = { ...this.#query, at, countedToday: [...this.#call.uses] }
    const next = this.#lastResort ? null : this.#bridge.goOn(this.#attempt, cause, query)
    if (next !== null) return next
    this.#lastResort = true
    return this.#passedOver.shift() ?? null
  }

  #turn(): Turn {
    const attempt = this.#attempt
    switch (attempt.action) {
      case 'ring':
        return this.#ring(attempt)
      case 'dial':
      case 'sip':
        return this.#dial(attempt)
      case 'run':
        return { kind: 'run', app: attempt.app }
      case 'reject':
        return { kind: 'end', ending: rejection(attempt) }
      default:
        return attempt satisfies never
    }
  }

  #ring({ users, timeout }: Extract<Attempt, { readonly action: 'ring' }>): Turn {
    const devices = users.flatMap((user) => this.#bridge.devices(user))
    if (devices.length > 0) return this.#ringing(devices, timeout)
    const [user] = users
    return this.next('offline', noPhone(user !== undefined && users.length === 1 ? user : this.#call.dialled))
  }

  #dial(attempt: LineAttempt): Turn {
    const line = this.#bridge.line(attempt, this.#call, { cause: this.#cause, lastResort: this.#lastResort })
    if (line === null) {
      if (attempt.action === 'dial' && attempt.emergency && !this.#lastResort) this.#passedOver.push(attempt)
      const where = attempt.action === 'dial' ? `trunk ${attempt.trunk}` : attempt.uri
      return this.next('unavailable', failed('failed', 503, `${where} is down or has no room for another call`))
    }
    if (attempt.action === 'dial') this.#release = metered(this.#bridge, this.#call, attempt)
    return this.#ringing([line], attempt.timeout)
  }

  #ringing(devices: readonly Device[], timeout: number | null): RingTurn {
    return { kind: 'ring', devices, timeout: timeout === null ? this.#bridge.noAnswerAfter : timeout * 1000 }
  }
}

/** How a call ends to somebody who has no phone at hand. */
export function noPhone(who: string): Ending {
  return failed('offline', 480, `no phone of ${who} is registered`)
}

function rejection({ status, reason, denied }: Extract<Attempt, { readonly action: 'reject' }>): Ending {
  if (denied !== null) return failed('denied', status, denied)
  const outcome = status === 486 || status === 600 ? 'busy' : status === 404 ? 'not-found' : 'rejected'
  return failed(outcome, status, reason)
}

function failed(outcome: Outcome, status: number, reason: string): Ending {
  return { by: 'server', outcome, status, reason }
}
