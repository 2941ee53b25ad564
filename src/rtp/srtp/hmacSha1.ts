import { sha1Block, sha1Start } from './sha1Block.ts'

const BLOCK = 64
/** Octets of a digest. */
export const DIGEST_LENGTH = 20

/**
 * HMAC-SHA1 (RFC 2104) with one key over many short messages. node:crypto makes an object for each message, which costs
 * more than the hashing of a speech packet does; here the two keyed blocks are hashed once, and nothing is allocated.
 */
export class HmacSha1 {
  readonly #inner = sha1Start()
  readonly #outer = sha1Start()
  readonly #state = sha1Start()
  readonly #block = new Uint8Array(BLOCK)
  readonly #digest = new Uint8Array(DIGEST_LENGTH)

  /** `key` is of at most 64 octets. */
  constructor(key: Uint8Array) {
    if (key.length > BLOCK) throw new RangeError(`an HMAC key of ${key.length} octets`)
    this.#pad(key, 0x36)
    sha1Block(this.#inner, this.#block, 0)
    this.#pad(key, 0x5c)
    sha1Block(this.#outer, this.#block, 0)
    this.#block.fill(0)
  }

  /**
   * The digest of the first `length` octets of `message`, followed by `word` as four octets unless it is null; valid until
   * the next call.
   */
  digest(message: Uint8Array, length: number, word: number | null): Uint8Array {
    this.#state.set(this.#inner)
    let at = 0
    for (; at + BLOCK <= length; at += BLOCK) sha1Block(this.#state, message, at)
    this.#last(message, at, length, word)
    this.#write()
    this.#state.set(this.#outer)
    this.#block.fill(0)
    this.#block.set(this.#digest)
    this.#end(DIGEST_LENGTH, DIGEST_LENGTH)
    this.#write()
    return this.#digest
  }

  #pad(key: Uint8Array, value: number): void {
    this.#block.fill(value)
    for (const [at, octet] of key.entries()) this.#block[at] = octet ^ value
  }

  /** Less than a block is left of the message. */
  #last(message: Uint8Array, from: number, length: number, word: number | null): void {
    const block = this.#block
    let filled = 0
    block.fill(0)
    for (let at = from; at < length; at++) block[filled++] = message[at] ?? 0
    const total = word === null ? length : length + 4
    for (let shift = 24; word !== null && shift >= 0; shift -= 8) {
      if (filled === BLOCK) filled = this.#flush()
      block[filled++] = word >>> shift
    }
    if (filled === BLOCK) filled = this.#flush()
    this.#end(filled, total)
  }

  #flush(): 0 {
    sha1Block(this.#state, this.#block, 0)
    this.#block.fill(0)
    return 0
  }

  /** The end mark behind `filled` octets of the last block, and the length in bits with the keyed block counted. */
  #end(filled: number, total: number): void {
    this.#block[filled] = 0x80
    if (filled >= BLOCK - 8) this.#flush()
    const bits = 8 * (BLOCK + total)
    for (let at = 0; at < 4; at++) this.#block[BLOCK - 1 - at] = bits >>> (8 * at)
    sha1Block(this.#state, this.#block, 0)
  }

  #write(): void {
    for (let at = 0; at < DIGEST_LENGTH; at++) {
      this.#digest[at] = (this.#state[at >> 2] ?? 0) >>> (24 - 8 * (at & 3))
    }
  }
}
