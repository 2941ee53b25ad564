import { type Cipher, createCipheriv } from 'node:crypto'
import { MAX_PACKET_LENGTH } from '../packet.ts'
import { HmacSha1 } from './hmacSha1.ts'
import type { SessionKeys } from './sessionKeys.ts'

/** Octets of a tag that is not cut shorter (RFC 3711 §5.2). */
export const TAG_LENGTH = 10

const AES_BLOCK = 16
const BLOCKS = Math.ceil(MAX_PACKET_LENGTH / AES_BLOCK)

// The counter blocks of the packet at hand; nothing of them is kept between calls.
const counters = new Uint8Array(BLOCKS * AES_BLOCK)
const counterWords = new Int32Array(counters.buffer)
const counterViews = Array.from({ length: BLOCKS + 1 }, (_, count) => counters.subarray(0, count * AES_BLOCK))

/** Encrypts and authenticates one direction of RTP, or of RTCP, with AES in counter mode and HMAC-SHA1 (RFC 3711 §4). */
export class Protection {
  /** AES on block after block, made once: a cipher in counter mode would have to be made anew for each packet. */
  readonly #aes: Cipher
  readonly #hmac: HmacSha1
  readonly #salt: Uint8Array
  /** Octets of its tags. */
  readonly tagLength: number

  constructor({ cipher, auth, salt }: SessionKeys, tagLength = TAG_LENGTH) {
    this.#aes = createCipheriv('aes-128-ecb', cipher, null).setAutoPadding(false)
    this.#hmac = new HmacSha1(auth)
    this.#salt = salt
    this.tagLength = tagLength
  }

  /**
   * Encrypts octets `from` to `to` of a packet where they lie, or decrypts them: both are the same. The packet index is
   * 2^16 · `high` + `low` (§4.1.1); at most 1500 octets.
   */
  crypt(packet: Uint8Array, from: number, to: number, ssrc: number, high: number, low: number): void {
    const blocks = counterViews[Math.ceil((to - from) / AES_BLOCK)]
    if (!blocks) throw new RangeError(`${to - from} octets in one packet`)
    if (blocks.length === 0) return
    this.#count(blocks, ssrc, high, low)
    const keystream = this.#aes.update(blocks)
    for (let at = from; at < to; at++) packet[at] = (packet[at] ?? 0) ^ (keystream[at - from] ?? 0)
  }

  /** Writes the tag over the first `length` octets, and `roc` if there is one (§4.2), behind them. */
  seal(packet: Uint8Array, length: number, roc: number | null): void {
    const digest = this.#hmac.digest(packet, length, roc)
    for (let at = 0; at < this.tagLength; at++) packet[length + at] = digest[at] ?? 0
  }

  /** Whether the tag behind the first `length` octets is right; takes as long wherever it is wrong. */
  isSealed(packet: Uint8Array, length: number, roc: number | null): boolean {
    const digest = this.#hmac.digest(packet, length, roc)
    let difference = 0
    for (let at = 0; at < this.tagLength; at++) difference |= (packet[length + at] ?? 0) ^ (digest[at] ?? 0)
    return difference === 0
  }

  /** §4.1.1: salt · 2^16 XOR SSRC · 2^64 XOR index · 2^16, then counted up for each block. */
  #count(blocks: Uint8Array, ssrc: number, high: number, low: number): void {
    blocks.set(this.#salt)
    for (let at = 0; at < 4; at++) {
      const shift = 24 - 8 * at
      blocks[4 + at] = (blocks[4 + at] ?? 0) ^ (ssrc >>> shift)
      blocks[8 + at] = (blocks[8 + at] ?? 0) ^ (high >>> shift)
    }
    blocks[12] = (blocks[12] ?? 0) ^ (low >>> 8)
    blocks[13] = (blocks[13] ?? 0) ^ low
    blocks[14] = 0
    blocks[15] = 0
    for (let word = 4; word < blocks.length / 4; word++) counterWords[word] = counterWords[word & 3] ?? 0
    // 1500 octets are 94 blocks: the count fits into its last octet.
    for (let block = 1; block < blocks.length / AES_BLOCK; block++) blocks[AES_BLOCK * block + 15] = block
  }
}
