/** Of so many INVITEs of ours the ACK is kept, to be repeated: a peer repeats its 2xx for 64·T1 at most. */
const MOST_KEPT = 8

/** The ACKs for the 2xx that our INVITEs of one dialog got: RFC 3261 §13.2.2.4. INVITEs go by their CSeq number. */
export class Acknowledgements {
  readonly #sent = new Map<number, Uint8Array>()
  #owed: number | null = null

  /** The INVITE whose 2xx still waits for an ACK; null if none does. */
  get owed(): number | null {
    return this.#owed
  }

  /** A 2xx came. Gives the ACK to repeat; null for a 2xx that was not acknowledged yet, and is to be. */
  answered(cSeq: number): Uint8Array | null {
    const sent = this.#sent.get(cSeq) ?? null
    if (sent === null) this.#owed = cSeq
    return sent
  }

  /** The ACK went out, as these octets. */
  acknowledged(cSeq: number, ack: Uint8Array): void {
    if (this.#owed === cSeq) this.#owed = null
    // A copy: octets as they were written share a slab with all that left at the same time, and would keep it.
    this.#sent.set(cSeq, Uint8Array.prototype.slice.call(ack))
    const [oldest] = this.#sent.keys()
    if (this.#sent.size > MOST_KEPT && oldest !== undefined) this.#sent.delete(oldest)
  }
}
