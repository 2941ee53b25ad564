import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock, Millis } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'

/** Long enough for the slowest phone's second try, short enough that a sniffed nonce soon is worth nothing. */
export const NONCE_LIFETIME: Millis = 600_000

const STAMP_OCTETS = 6
const SALT_OCTETS = 6
const MAC_OCTETS = 12
const OCTETS = STAMP_OCTETS + SALT_OCTETS + MAC_OCTETS
/** In base64. */
const LENGTH = (OCTETS * 4) / 3
/** How far behind the highest nc another one may arrive. */
const WINDOW = 32

interface Uses {
  readonly expires: Millis
  /** The highest nc taken so far. */
  highest: number
  /** Bit n: nc `highest - n` was taken. */
  taken: number
}

/**
 * Digest nonces (RFC 7616 §3.3) that cost nothing to hand out: time, salt and a MAC over both and the address they were
 * given to. Only a nonce that was used with the right password takes memory, for its nonce count (§3.4.5). Since a nonce
 * holds for one address, nobody can spend another's tries by forging its source address.
 */
export class Nonces {
  readonly #clock: Clock
  readonly #random: Random
  readonly #secret: Uint8Array
  readonly #uses = new Map<string, Uses>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
    this.#secret = random.bytes(32)
  }

  /** Nonces that are remembered: those in use. */
  get size(): number {
    return this.#uses.size
  }

  issue(address: string): string {
    const bytes = Buffer.alloc(OCTETS)
    bytes.writeUIntBE(Math.floor(this.#clock.now()), 0, STAMP_OCTETS)
    bytes.set(this.#random.bytes(SALT_OCTETS), STAMP_OCTETS)
    bytes.set(this.#mac(bytes, address), STAMP_OCTETS + SALT_OCTETS)
    return bytes.toString('base64url')
  }

  /** Whether this nonce was given to this address, and not too long ago. */
  holds(nonce: string, address: string): boolean {
    const bytes = nonce.length === LENGTH ? Buffer.from(nonce, 'base64url') : null
    if (bytes?.length !== OCTETS) return false
    if (!timingSafeEqual(bytes.subarray(STAMP_OCTETS + SALT_OCTETS), this.#mac(bytes, address))) return false
    return this.#clock.now() <= bytes.readUIntBE(0, STAMP_OCTETS) + NONCE_LIFETIME
  }

  /** Takes nonce count `nc` once: false for one that was taken before or lies too far behind. */
  use(nonce: string, nc: number): boolean {
    this.#forgetExpired()
    const uses = this.#uses.get(nonce)
    if (!uses) {
      this.#uses.set(nonce, { expires: this.#clock.now() + NONCE_LIFETIME, highest: nc, taken: 1 })
      return true
    }
    const behind = uses.highest - nc
    if (behind >= WINDOW || (behind >= 0 && (uses.taken & (1 << behind)) !== 0)) return false
    if (behind >= 0) uses.taken |= 1 << behind
    else {
      uses.taken = behind <= -WINDOW ? 1 : (uses.taken << -behind) | 1
      uses.highest = nc
    }
    return true
  }

  // In the order of first use, which is nearly that of expiry: looking at the oldest few is enough.
  #forgetExpired(): void {
    const now = this.#clock.now()
    for (const [nonce, uses] of this.#uses) {
      if (uses.expires >= now) return
      this.#uses.delete(nonce)
    }
  }

  #mac(bytes: Buffer, address: string): Uint8Array {
    const mac = createHmac('sha256', this.#secret)
    mac.update(bytes.subarray(0, STAMP_OCTETS + SALT_OCTETS))
    return mac.update(address).digest().subarray(0, MAC_OCTETS)
  }
}
