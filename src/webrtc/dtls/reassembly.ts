import { type Fragment, type Message, wholeMessage } from './message.ts'

/** The longest message that is taken, octets: a browser's certificate has 300 to 900, and nothing else is as long. */
export const MAX_MESSAGE = 8192
/** How many messages ahead of the next one are kept: more than a flight has. */
export const MAX_AHEAD = 8

interface Part {
  readonly type: number
  readonly body: Uint8Array
  /** Per octet, whether it has come. */
  readonly has: Uint8Array
  missing: number
}

/** One side's messages, put together from fragments that come in any order and again, told in their order and once. */
export class Reassembly {
  readonly #parts = new Map<number, Part>()
  #next = 0

  /** The message_seq of the next message. */
  get next(): number {
    return this.#next
  }

  /** Takes a fragment; one that contradicts others, is too long or too far ahead is dropped. */
  take({ type, length, sequence, offset, body }: Fragment): void {
    if (sequence < this.#next || sequence >= this.#next + MAX_AHEAD || length > MAX_MESSAGE) return
    const part = this.#parts.get(sequence) ?? {
      type,
      body: new Uint8Array(length),
      has: new Uint8Array(length),
      missing: length,
    }
    if (part.type !== type || part.body.length !== length) return
    this.#parts.set(sequence, part)
    for (const [at, octet] of body.entries()) {
      // What came first stays: a later fragment can't change what was read.
      if (part.has[offset + at] === 1) continue
      part.body[offset + at] = octet
      part.has[offset + at] = 1
      part.missing--
    }
  }

  /** The next message if it is whole. */
  shift(): Message | null {
    const part = this.#parts.get(this.#next)
    if (!part || part.missing > 0) return null
    this.#parts.delete(this.#next)
    return wholeMessage(part.type, this.#next++, part.body)
  }
}
