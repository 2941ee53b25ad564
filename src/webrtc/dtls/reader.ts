const NOTHING = Buffer.alloc(0)

/** Reads the structures of TLS (RFC 5246 §4). Reading past the end yields zeros and nothing, and is told by `failed`. */
export class Reader {
  readonly #octets: Buffer
  #at = 0
  #failed = false

  constructor(octets: Buffer) {
    this.#octets = octets
  }

  /** Whether more was read than there is. */
  get failed(): boolean {
    return this.#failed
  }

  /** Octets that are not read yet. */
  get left(): number {
    return this.#octets.length - this.#at
  }

  /** Where it is, octets from the start. */
  get at(): number {
    return this.#at
  }

  uint8(): number {
    return this.take(1)[0] ?? 0
  }

  uint16(): number {
    const [high = 0, low = 0] = this.take(2)
    return (high << 8) | low
  }

  skip(count: number): void {
    this.take(count)
  }

  /** A view of the next octets. */
  take(count: number): Buffer {
    if (count > this.left) {
      this.#failed = true
      return NOTHING
    }
    this.#at += count
    return this.#octets.subarray(this.#at - count, this.#at)
  }

  /** A vector whose length stands before it in so many octets. */
  vector(lengthOctets: 1 | 2 | 3): Buffer {
    let length = 0
    for (const octet of this.take(lengthOctets)) length = length * 256 + octet
    return this.take(length)
  }
}
