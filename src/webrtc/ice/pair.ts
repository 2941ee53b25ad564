import type { Millis } from '../../platform/clock.ts'
import type { Endpoint, UdpSocket } from '../../platform/network.ts'
import { hostPriority, pairPriority } from './candidate.ts'
import type { IceRole } from './stunMessage.ts'

/** What a peer, or who has learnt its password, can make us remember and check (RFC 8445 §19.5.1). */
export const MOST_PAIRS = 64

/** A pair in use that nothing came by for so long gives way to any other that works, ms: longer than between two checks of it. */
const SILENT = 7000
/** So does one by which no check of ours was answered for so long, ms: two of them were lost. */
const UNANSWERED = 13_000
/** A pair that nothing came by for so long gives way to one that the peer nominates after, ms: the peer has moved. */
const LEFT = 1000

/** A local socket and an address of the peer's (RFC 8445 §6.1.2), and what its checks have shown. */
export interface Pair {
  readonly base: UdpSocket
  /** The place of `base` among our candidates. */
  readonly index: number
  readonly remote: Endpoint
  /** The priority of the peer's candidate. */
  readonly theirs: number
  priority: number
  state: 'waiting' | 'checking' | 'valid' | 'failed'
  /** When the controlling side has chosen it, the last time; null: never. */
  nominatedAt: Millis | null
  /** The peer has asked by it, and knew the password. */
  asked: boolean
  /** How many of our checks were refused for our role. */
  conflicts: number
  /** The last answer to a check of ours. */
  answeredAt: Millis
  /** The last that came by it and was the peer's without doubt: a check, an answer, a packet of its own. */
  heardAt: Millis
}

/** The pairs of one agent, by where they lead. */
export class Pairs {
  readonly #pairs = new Map<string, Pair>()

  find(base: UdpSocket, remote: Endpoint): Pair | null {
    return this.#pairs.get(keyOf(base, remote)) ?? null
  }

  /** Whether it is one of these, and not of those before a restart. */
  has(pair: Pair): boolean {
    return this.find(pair.base, pair.remote) === pair
  }

  /** A further pair; null if there are too many. `theirs`: the priority of the peer's candidate. */
  add(base: UdpSocket, index: number, { address, port }: Endpoint, theirs: number, role: IceRole): Pair | null {
    if (this.#pairs.size >= MOST_PAIRS) return null
    const remote = { address, port }
    const priority = priorityOf(index, theirs, role)
    const never = Number.NEGATIVE_INFINITY
    const untried = { state: 'waiting', nominatedAt: null, asked: false, conflicts: 0 } as const
    const pair: Pair = { base, index, remote, theirs, priority, ...untried, answeredAt: never, heardAt: never }
    this.#pairs.set(keyOf(base, remote), pair)
    return pair
  }

  /** Forgets one that has failed, if there are as many as there may be. */
  makeRoom(): void {
    if (this.#pairs.size < MOST_PAIRS) return
    const failed = [...this.#pairs].find(([, { state }]) => state === 'failed')
    if (failed) this.#pairs.delete(failed[0])
  }

  /** Those in this state, the best first. */
  sorted(state: Pair['state']): Pair[] {
    const pairs = [...this.#pairs.values()].filter((pair) => pair.state === state)
    return pairs.sort((a, b) => b.priority - a.priority)
  }

  /** Our role has changed, and with it what is best (RFC 8445 §7.3.1.1). */
  prioritize(role: IceRole): void {
    for (const pair of this.#pairs.values()) pair.priority = priorityOf(pair.index, pair.theirs, role)
  }

  /** None is known to work any more. */
  doubt(): void {
    for (const pair of this.#pairs.values()) if (pair.state === 'valid') pair.state = 'failed'
  }

  clear(): void {
    this.#pairs.clear()
  }
}

export function leadsTo({ base, remote }: Pair, by: UdpSocket, to: Endpoint): boolean {
  return base === by && remote.port === to.port && remote.address === to.address
}

/**
 * Whether to send by `pair`, which works, rather than by `current`. One that works is used until one is nominated (RFC 8445
 * §12.1.1), and of those that are, the best; unless it has fallen silent.
 */
export function isBetter(pair: Pair, current: Pair | null, now: Millis): boolean {
  if (current === null || current.state !== 'valid') return true
  if (now >= current.heardAt + SILENT || now >= current.answeredAt + UNANSWERED) return true
  if (pair.nominatedAt === null) return current.nominatedAt === null && pair.priority > current.priority
  if (current.nominatedAt === null || pair.priority > current.priority) return true
  return pair.nominatedAt >= current.heardAt + LEFT
}

function priorityOf(index: number, theirs: number, role: IceRole): number {
  const ours = hostPriority(index)
  return role === 'controlling' ? pairPriority(ours, theirs) : pairPriority(theirs, ours)
}

function keyOf(base: UdpSocket, { address, port }: Endpoint): string {
  return `${base.local.address} ${address} ${port}`
}
