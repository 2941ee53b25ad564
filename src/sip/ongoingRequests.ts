import type { Clock } from '../platform/clock.ts'
import type { SipRequest } from './message/message.ts'
import { Lingering } from './transaction/lingering.ts'
import { TIMEOUT } from './transaction/timers.ts'

/**
 * The requests outside a dialog that came of late, so that one which comes again by another path, as forking proxies make
 * them, is known for what it is: RFC 3261 §8.2.2.2. No message is kept for it. Who has proven nothing is not in here: its
 * requests are answered without being remembered.
 */
export class OngoingRequests {
  readonly #keys: Lingering<true>

  constructor(clock: Clock) {
    this.#keys = new Lingering(clock, TIMEOUT)
  }

  /** Whether this very request is being answered already: it is no repeat, or its transaction would have taken it. */
  has(request: SipRequest): boolean {
    return this.#keys.get(keyOf(request)) !== undefined
  }

  /** Remembers the request for as long as copies of it may be under way: 64·T1. */
  add(request: SipRequest): void {
    this.#keys.set(keyOf(request), true)
  }
}

// The Request-URI counts, as it does for proxies (§16.3 step 4): one that comes back to us with another one is a spiral,
// and legal. Max-Forwards bounds it. Neither of the five can hold a space.
function keyOf({ uri, method, from, callId, cSeq }: SipRequest): string {
  return `${callId} ${from.tag ?? ''} ${cSeq.number} ${method} ${uri.text}`
}
