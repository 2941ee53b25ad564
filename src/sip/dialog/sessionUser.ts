import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Cause } from '../message/reason.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'

/** Whoever talks through a session. */
export interface SessionUser {
  /** A re-INVITE, or an UPDATE with an offer, came: answer it through `reoffer`, now or later. */
  reoffered(reoffer: Reoffer): void
  /** The ACK to our 2xx came with this body: an answer, if the 2xx held an offer. */
  acknowledged(ack: SipRequest): void
  /** A request in the dialog that is neither of the call's life nor known here, such as INFO. */
  requested(transaction: ServerTransaction): void
  /**
   * The session must be refreshed and the peer takes no UPDATE: offer it once more what is in force. Gives the status of
   * its answer.
   */
  refresh(): Promise<number>
  ended(end: SessionEnd): void
}

/** How a session ended. */
export type SessionEnd =
  | { readonly by: 'peer'; readonly causes: readonly Cause[] }
  /** Our answer was never acknowledged, or a request of ours was answered as if the call were gone (§12.2.1.2). */
  | { readonly by: 'failure'; readonly reason: string }

/** An offer of the peer in a dialog (re-INVITE, UPDATE, PRACK), or its wish for ours (re-INVITE), to be answered once. */
export interface Reoffer {
  readonly request: SipRequest
  /** Whether the peer has taken it back (CANCEL), or the session is over: there is nothing to answer any more. */
  readonly withdrawn: boolean
  /** Called if the peer takes it back before it was answered. */
  onWithdrawn(run: () => void): void
  accept(body: Uint8Array): void
  reject(status: number, headers?: readonly HeaderLine[]): void
}

/** What became of an offer of ours. The 2xx must be acknowledged, with our answer if it held an offer. */
export type ReofferOutcome =
  | { readonly kind: 'accepted'; readonly response: SipResponse; acknowledge(body?: Uint8Array): void }
  | { readonly kind: 'rejected'; readonly status: number }
