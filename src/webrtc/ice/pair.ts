import type { Millis } from '../../platform/clock.ts'
import type { Endpoint, UdpSocket } from '../../platform/network.ts'

/** A local socket and an address of the peer's (RFC 8445 §6.1.2), and what its checks have shown. */
export interface Pair {
  readonly base: UdpSocket
  /** The place of `base` among our candidates. */
  readonly index: number
  readonly remote: Endpoint
  priority: number
  state: 'waiting' | 'checking' | 'valid' | 'failed'
  /** The controlling side has chosen it. */
  nominated: boolean
  /** The peer has asked by it, and knew the password. */
  asked: boolean
  /** The last answer to a check of ours. */
  heardAt: Millis
}

/** A check that waits for its answer. */
export interface Transaction {
  readonly id: string
  readonly pair: Pair
  readonly octets: Uint8Array
  readonly nominates: boolean
  sent: number
  dueAt: Millis
}

/** The pairs of one agent, by where they lead. */
export class Pairs {
  readonly #pairs = new Map<string, Pair>()

  get size(): number {
    return this.#pairs.size
  }

  find(base: UdpSocket, remote: Endpoint): Pair | null {
    return this.#pairs.get(keyOf(base, remote)) ?? null
  }

  add(pair: Pair): void {
    this.#pairs.set(keyOf(pair.base, pair.remote), pair)
  }

  /** The best first. */
  sorted(state?: Pair['state']): Pair[] {
    const pairs = [...this.#pairs.values()].filter((pair) => state === undefined || pair.state === state)
    return pairs.sort((a, b) => b.priority - a.priority)
  }

  clear(): void {
    this.#pairs.clear()
  }
}

function keyOf(base: UdpSocket, { address, port }: Endpoint): string {
  return `${base.local.address} ${address} ${port}`
}
