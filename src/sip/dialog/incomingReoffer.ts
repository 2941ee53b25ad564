import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import type { Reoffer } from './sessionUser.ts'

/** A re-INVITE (RFC 3261 §14.2), UPDATE (RFC 3311 §5.2) or PRACK (RFC 3262 §5) of the peer whose offer waits for its answer. */
export class IncomingReoffer implements Reoffer {
  readonly #transaction: ServerTransaction
  readonly #settled: (accepted: Uint8Array | null) => void
  #open = true
  #withdrawn: () => void = () => {}

  /** `settled` runs once: with the body to answer 200 with, or with null when it was refused or taken back. */
  constructor(transaction: ServerTransaction, settled: (accepted: Uint8Array | null) => void) {
    this.#transaction = transaction
    this.#settled = settled
    if (transaction.request.method !== 'INVITE') return
    transaction.attach({ cancelled: () => this.#takenBack(), failed: () => {} })
    transaction.respond(100)
  }

  get request(): SipRequest {
    return this.#transaction.request
  }

  get withdrawn(): boolean {
    return !this.#open
  }

  onWithdrawn(run: () => void): void {
    this.#withdrawn = run
  }

  accept(body: Uint8Array): void {
    if (this.#open) this.#settle(body)
  }

  reject(status: number, headers: readonly HeaderLine[] = []): void {
    if (!this.#open) return
    this.#settle(null)
    this.#transaction.respond(status, { headers })
  }

  #takenBack(): void {
    this.reject(487)
    this.#withdrawn()
  }

  #settle(accepted: Uint8Array | null): void {
    this.#open = false
    this.#settled(accepted)
  }
}
