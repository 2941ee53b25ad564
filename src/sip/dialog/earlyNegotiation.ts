import type { Random } from '../../platform/random.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import { ALLOW } from './capabilities.ts'
import { SDP_TYPE } from './contact.ts'
import { IncomingReoffer } from './incomingReoffer.ts'
import type { Offers } from './offers.ts'
import type { Peer } from './peer.ts'
import type { Reoffer } from './sessionUser.ts'

/** What the peer may change before the 2xx to the INVITE, whoever sent that: RFC 3311 §5.2, RFC 3262 §5. */
export class EarlyNegotiation {
  readonly #peer: Peer
  readonly #offers: Offers
  readonly #random: Random
  readonly #reoffered: (reoffer: Reoffer) => void

  /** `reoffered` gets every offer that may be made now. */
  constructor(peer: Peer, offers: Offers, random: Random, reoffered: (reoffer: Reoffer) => void) {
    this.#peer = peer
    this.#offers = offers
    this.#random = random
    this.#reoffered = reoffered
  }

  /** Answers an UPDATE, or a PRACK whose body, if it has one, is an offer. */
  receive(transaction: ServerTransaction): void {
    if (transaction.request.body.length === 0) return this.#accept(transaction)
    const refusal = this.#offers.refusal(this.#random)
    if (refusal) return transaction.respond(refusal.status, refusal.answer)
    this.#offers.made('peer')
    const reoffer = new IncomingReoffer(transaction, (body) => {
      this.#offers.settled()
      if (body) this.#accept(transaction, body)
    })
    this.#reoffered(reoffer)
  }

  // RFC 3311 §5.2 with RFC 3261 §12.2.2: only an UPDATE that is accepted refreshes the target; a PRACK is about none.
  #accept(transaction: ServerTransaction, body?: Uint8Array): void {
    const { request } = transaction
    const headers: HeaderLine[] = body ? [SDP_TYPE] : []
    if (request.method === 'UPDATE') {
      this.#peer.dialog.refreshTarget(request)
      headers.push(this.#peer.contact, ALLOW)
    }
    transaction.respond(200, { headers, body })
  }
}
