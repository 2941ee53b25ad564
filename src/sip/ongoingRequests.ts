import type { SipRequest } from './message/message.ts'
import type { ServerTransaction } from './transaction/serverTransaction.ts'

/**
 * The requests outside a dialog that are being answered, so that one which comes again by another path, as forking
 * proxies make them, is known for what it is: RFC 3261 §8.2.2.2. No message is kept for it. Who has proven nothing is not
 * in here: its requests are answered without being remembered.
 */
export class OngoingRequests {
  readonly #keys = new Set<string>()

  get size(): number {
    return this.#keys.size
  }

  /** Whether this very request is being answered already: it is no repeat, or its transaction would have taken it. */
  has(request: SipRequest): boolean {
    return this.#keys.has(keyOf(request))
  }

  /** Remembers the request of `transaction` until its transaction has ended. */
  add(transaction: ServerTransaction): void {
    const key = keyOf(transaction.request)
    this.#keys.add(key)
    transaction.onEnded(() => this.#keys.delete(key))
  }
}

// The Request-URI counts, as it does for proxies (§16.3 step 4): one that comes back to us with another one is a spiral,
// and legal. Max-Forwards bounds it. Neither of the five can hold a space.
function keyOf({ uri, method, from, callId, cSeq }: SipRequest): string {
  return `${callId} ${from.tag ?? ''} ${cSeq.number} ${method} ${uri.text}`
}
