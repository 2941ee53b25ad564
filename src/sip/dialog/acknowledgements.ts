import type { SipResponse } from '../message/message.ts'

/** Of so many INVITEs of ours the ACK is kept, to be repeated: a peer repeats its 2xx for 64·T1 at most. */
const MOST_KEPT = 8

/** A 2xx of the peer that our ACK is due for. */
export interface Owed {
  readonly response: SipResponse
  /** Whether it brought an offer, which the ACK is to answer. */
  readonly offers: boolean
}

/** The ACKs for the 2xx that our INVITEs of one dialog got: RFC 3261 §13.2.2.4. INVITEs go by their CSeq number. */
export class Acknowledgements {
  readonly #sent = new Map<number, Uint8Array>()
  #owed: Owed | null = null

  /** The 2xx that still waits for an ACK; null if none does. */
  get owed(): Owed | null {
    return this.#owed
  }

  /** A 2xx came. Gives the ACK to repeat; null for a 2xx that was not acknowledged yet, and is to be. */
  answered(response: SipResponse, offers: boolean): Uint8Array | null {
    const sent = this.#sent.get(response.cSeq.number)
    if (sent) return sent
    // A repeat of what is owed already is no news.
    if (this.#owed?.response.cSeq.number !== response.cSeq.number) this.#owed = { response, offers }
    return null
  }

  /** The ACK went out, as these octets. Tells whether an offer is answered by it. */
  acknowledged(cSeq: number, ack: Uint8Array): boolean {
    const owed = this.#owed?.response.cSeq.number === cSeq ? this.#owed : null
    if (owed) this.#owed = null
    // A copy: octets as they were written share a slab with all that left at the same time, and would keep it.
    this.#sent.set(cSeq, Uint8Array.prototype.slice.call(ack))
    const [oldest] = this.#sent.keys()
    if (this.#sent.size > MOST_KEPT && oldest !== undefined) this.#sent.delete(oldest)
    return owed?.offers ?? false
  }
}
