import type { Reoffer } from '../sip/dialog/sessionUser.ts'
import type { SipRequest } from '../sip/message/message.ts'
import type { ServerTransaction } from '../sip/transaction/serverTransaction.ts'

/** How what one party of a call wants of its media comes to the other. */
export interface Crossing {
  /** Answers the party's offer. `whenAcknowledged` is told what to do with the ACK that brings its answer, where it made none. */
  reoffer(reoffer: Reoffer, whenAcknowledged: (run: (ack: SipRequest) => void) => void): Promise<void>
  /** Offers the party once more what is in force (RFC 4028 §7.4). Gives the status of its answer. */
  refresh(): Promise<number>
  /** Whether a request in the dialog pressed a key, and was answered. */
  takesKey(transaction: ServerTransaction): boolean
}
