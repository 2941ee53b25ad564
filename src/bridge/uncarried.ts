import { ALLOW } from '../sip/dialog/capabilities.ts'
import type { ServerTransaction } from '../sip/transaction/serverTransaction.ts'

/** Answers a request in a call's dialog that is carried nowhere. */
export function answerUncarried(transaction: ServerTransaction): void {
  const { method, body } = transaction.request
  switch (method) {
    // RFC 2976 §2.2: one without a body asks for nothing; what is in a body nobody here understands.
    case 'INFO':
      return transaction.respond(body.length === 0 ? 200 : 415)
    // RFC 3428 §7: there is nobody here to read it.
    case 'MESSAGE':
      return transaction.respond(415)
    // RFC 6665 §4.1.3, §4.2.1.1: there are no subscriptions, nor events to subscribe to.
    case 'NOTIFY':
      return transaction.respond(481)
    case 'SUBSCRIBE':
      return transaction.respond(489)
    default:
      return transaction.respond(405, { headers: [ALLOW] })
  }
}
