import type { Clock, Millis } from '../platform/clock.ts'
import { ipv6Groups } from '../sip/message/host.ts'

export interface Rate {
  /** Requests a second that a source may send for ever. */
  readonly perSecond: number
  /** Requests that it may send at once. */
  readonly burst: number
  /** Sources that are remembered. */
  readonly sources: number
}

interface Allowance {
  left: number
  at: Millis
}

/**
 * How many requests each source may still send: a token bucket for each IPv4 address and each IPv6 subnet of /64, which is
 * one customer's. The source that was quiet for longest is forgotten first.
 */
export class RateLimit {
  readonly #clock: Clock
  readonly #rate: Rate
  readonly #sources = new Map<string, Allowance>()

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock
    this.#rate = rate
  }

  /** Whether a request of `address` is within its allowance; if so it is counted. */
  take(address: string): boolean {
    const now = this.#clock.now()
    const source = sourceOf(address)
    const allowance = this.#sources.get(source) ?? { left: this.#rate.burst, at: now }
    allowance.left = Math.min(this.#rate.burst, allowance.left + ((now - allowance.at) / 1000) * this.#rate.perSecond)
    allowance.at = now
    this.#remember(source, allowance)
    if (allowance.left < 1) return false
    allowance.left--
    return true
  }

  // Moved to the end: the map is in the order of the last request.
  #remember(source: string, allowance: Allowance): void {
    this.#sources.delete(source)
    this.#sources.set(source, allowance)
    if (this.#sources.size <= this.#rate.sources) return
    for (const oldest of this.#sources.keys()) {
      this.#sources.delete(oldest)
      return
    }
  }
}

function sourceOf(address: string): string {
  return ipv6Groups(address)?.slice(0, 4).join(':') ?? address
}
