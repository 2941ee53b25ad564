import { timingSafeEqual } from 'node:crypto'
import type { Clock, Millis } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import { hash } from '../message/digest.ts'

/** Long enough for the slowest phone's second try, short enough that a sniffed nonce soon is worth nothing. */
export const NONCE_LIFETIME: Millis = 600_000

const STAMP_OCTETS = 6
const SERIAL_OCTETS = 6
const MAC_OCTETS = 12
const SIGNED_OCTETS = STAMP_OCTETS + SERIAL_OCTETS
const OCTETS = SIGNED_OCTETS + MAC_OCTETS
/** In base64. */
const LENGTH = (OCTETS * 4) / 3
const SECRET_OCTETS = 32
/** How far behind the highest nc another one may arrive. */
const WINDOW = 32
/** Used nonces are forgotten together with all that were issued in the same tenth of a second. */
const SLICE: Millis = 100

interface Uses {
  /** The highest nc taken so far. */
  highest: number
  /** Bit n: nc `highest - n` was taken. */
  taken: number
}

/**
 * Digest nonces (RFC 7616 §3.3) that cost nothing to hand out: time, serial number and a MAC over both and the address
 * they were given to. Only a nonce that was used with the right password takes memory, for its nonce count (§3.4.5). Since
 * a nonce holds for one address, nobody can spend another's tries by forging its source address.
 */
export class Nonces {
  readonly #clock: Clock
  readonly #secret: Uint8Array
  /** By the slice in which they were issued, then by serial number: a few words each, for ten minutes of them are many. */
  readonly #slices = new Map<number, Map<number, Uses>>()
  #issued = 0

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#secret = random.bytes(SECRET_OCTETS)
  }

  /** Nonces that are remembered: those in use. */
  get size(): number {
    let size = 0
    for (const uses of this.#slices.values()) size += uses.size
    return size
  }

  issue(address: string): string {
    const bytes = Buffer.allocUnsafe(OCTETS)
    bytes.writeUIntBE(Math.floor(this.#clock.now()), 0, STAMP_OCTETS)
    bytes.writeUIntBE(++this.#issued, STAMP_OCTETS, SERIAL_OCTETS)
    bytes.write(this.#mac(bytes, address), SIGNED_OCTETS, 'hex')
    return bytes.toString('base64url')
  }

  /** Whether this nonce was given to this address, and not too long ago. */
  holds(nonce: string, address: string): boolean {
    const bytes = nonce.length === LENGTH ? Buffer.from(nonce, 'base64url') : null
    if (bytes?.length !== OCTETS) return false
    const mac = Buffer.from(this.#mac(bytes, address), 'hex')
    if (!timingSafeEqual(bytes.subarray(SIGNED_OCTETS), mac)) return false
    return this.#clock.now() <= stampOf(bytes) + NONCE_LIFETIME
  }

  /** Takes nonce count `nc` of a nonce that holds, once: false for one taken before or too far behind. */
  use(nonce: string, nc: number): boolean {
    this.#forgetExpired()
    const bytes = Buffer.from(nonce, 'base64url')
    const serial = bytes.readUIntBE(STAMP_OCTETS, SERIAL_OCTETS)
    const slice = this.#slice(Math.floor(stampOf(bytes) / SLICE))
    const uses = slice.get(serial)
    if (uses) return take(uses, nc)
    slice.set(serial, { highest: nc, taken: 1 })
    return true
  }

  #slice(number: number): Map<number, Uses> {
    const known = this.#slices.get(number)
    if (known) return known
    const slice = new Map<number, Uses>()
    this.#slices.set(number, slice)
    return slice
  }

  // In the order of first use, which is nearly that of issue: looking at the oldest few is enough.
  #forgetExpired(): void {
    const now = this.#clock.now()
    for (const slice of this.#slices.keys()) {
      if ((slice + 1) * SLICE + NONCE_LIFETIME >= now) return
      this.#slices.delete(slice)
    }
  }

  // A hash over the secret and a text, cut to 96 bits, is a MAC: what is cut off is what it would take to lengthen the text.
  #mac(bytes: Buffer, address: string): string {
    const octets = Buffer.allocUnsafe(SECRET_OCTETS + SIGNED_OCTETS + address.length)
    octets.set(this.#secret)
    bytes.copy(octets, SECRET_OCTETS, 0, SIGNED_OCTETS)
    octets.write(address, SECRET_OCTETS + SIGNED_OCTETS, 'latin1')
    return hash('SHA-256', octets).slice(0, MAC_OCTETS * 2)
  }
}

function stampOf(bytes: Buffer): Millis {
  return bytes.readUIntBE(0, STAMP_OCTETS)
}

function take(uses: Uses, nc: number): boolean {
  const behind = uses.highest - nc
  if (behind >= WINDOW || (behind >= 0 && (uses.taken & (1 << behind)) !== 0)) return false
  if (behind >= 0) uses.taken |= 1 << behind
  else {
    uses.taken = behind <= -WINDOW ? 1 : (uses.taken << -behind) | 1
    uses.highest = nc
  }
  return true
}
