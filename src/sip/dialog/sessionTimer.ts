import type { Clock, Timer } from '../../platform/clock.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { SipResponse } from '../message/message.ts'
import { askTerms, MIN_SE, raisedMinimum, SESSION_EXPIRES, type SessionTerms, type Side } from './sessionTerms.ts'

/** After a refresh that failed, s. */
const AGAIN_AFTER = 10

export interface SessionTimerUser {
  /** Half of the session's time has passed: a refresh is due, and ours. */
  refresh(): void
  /** Nobody has refreshed the session in time. */
  expired(): void
}

/** Sees that a session is refreshed by whoever has to, and ends one that is not: RFC 4028 §10. */
export class SessionTimer {
  readonly #clock: Clock
  readonly #user: SessionTimerUser
  #timer: Timer | null = null
  #running: { readonly seconds: number; readonly ours: boolean; readonly deadline: number } | null = null
  #minimum: number

  /** `minimum`: the Min-SE that the peer has insisted on, s. */
  constructor(clock: Clock, user: SessionTimerUser, minimum = MIN_SE) {
    this.#clock = clock
    this.#user = user
    this.#minimum = minimum
  }

  /** What a re-INVITE or UPDATE of ours asks: that all stays as it was settled. */
  get ask(): readonly HeaderLine[] {
    const refresher = this.#running && (this.#running.ours ? 'uac' : 'uas')
    return askTerms(this.#running?.seconds ?? SESSION_EXPIRES, this.#minimum, refresher)
  }

  /** A 422 came. Tells whether it is worth asking again. */
  raise(response: SipResponse): boolean {
    const minimum = raisedMinimum(response, Math.max(this.#running?.seconds ?? SESSION_EXPIRES, this.#minimum))
    if (minimum === null) return false
    this.#minimum = minimum
    return true
  }

  /** A 2xx has settled the terms, and the time starts anew. `side`: which of the two we were. */
  settle(terms: SessionTerms | null, side: Side): void {
    this.stop()
    if (!terms) return
    const { seconds, refresher } = terms
    // §10: time enough for a BYE before the proxies forget the call.
    const deadline = this.#clock.now() + (seconds - Math.min(32, seconds / 3)) * 1000
    this.#running = { seconds, ours: refresher === side, deadline }
    if (refresher === side) this.#after(seconds * 500, () => this.#refresh())
    else this.#awaitDeadline()
  }

  /** Our refresh got no 2xx, but the dialog stands: another try after `delay` ms, while there is time. */
  failed(delay = AGAIN_AFTER * 1000): void {
    if (!this.#running) return
    const left = this.#running.deadline - this.#clock.now()
    if (delay < left) this.#after(delay, () => this.#refresh())
    else this.#awaitDeadline()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#running = null
  }

  #refresh(): void {
    this.#awaitDeadline()
    this.#user.refresh()
  }

  #awaitDeadline(): void {
    if (!this.#running) return
    this.#after(Math.max(0, this.#running.deadline - this.#clock.now()), () => this.#user.expired())
  }

  #after(delay: number, run: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.after(delay, run)
  }
}
