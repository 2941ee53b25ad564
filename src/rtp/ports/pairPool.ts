import type { Millis, Timer } from '../../platform/clock.ts'
import type { Endpoint } from '../../platform/network.ts'
import { bindPair, type PairSource, type SocketPair } from './socketPair.ts'

/** How long nothing must have come to a pair before another leg gets it, ms: late packets of the last call are over. */
const QUIET = 1000
/** How long a pair that nobody wants stays bound, ms. */
const KEPT_FOR = 30_000

/** Takes the datagrams of a pair. */
export interface PairListener {
  onRtp(datagram: Uint8Array, from: Endpoint): void
  onRtcp(datagram: Uint8Array, from: Endpoint): void
  /** A datagram that did not get so far: from a stranger, unreadable, or not the peer's though it says so. */
  onRefused(why: 'source' | 'malformed' | 'forged'): void
}

/** A pair on loan to a leg. */
export interface LentPair extends SocketPair {
  /** Hands over what comes from the end of this turn of the event loop; what the sockets still hold is dropped. */
  deliverTo(listener: PairListener): void
  /** Gives the pair back. */
  close(): void
}

/**
 * The socket pairs of one thread. A pair that is given back stays bound and is lent again, the longest quiet first: to
 * create, bind and close sockets costs more than all else about a leg. What comes to it meanwhile is dropped, and it has
 * to become quiet anew.
 */
export class PairPool {
  readonly #source: PairSource
  readonly #most: number
  readonly #arrived: () => void
  /** By address, the longest quiet first. */
  readonly #kept = new Map<string, Set<BoundPair>>()
  #count = 0
  #sweeper: Timer | null = null
  #isClosed = false

  /** `most`: how many pairs to keep; `arrived` is called for each datagram. */
  constructor(source: PairSource, most: number, arrived: () => void) {
    this.#source = source
    this.#most = most
    this.#arrived = arrived
  }

  /** Lends a pair at `address`; null if no ports are left. Rejects with the system's error when it refuses the address. */
  async lend(address: string): Promise<LentPair | null> {
    const kept = first(this.#kept.get(address))
    if (!kept || !this.#isQuiet(kept)) return this.#bind(address)
    this.#remove(kept)
    this.#source.ports.reuse(kept.port)
    return this.#loan(kept)
  }

  /** Closes all that is kept, and whatever is given back from now on. */
  close(): void {
    this.#isClosed = true
    this.#sweeper?.cancel()
    for (const pairs of this.#kept.values()) for (const pair of pairs) this.#discard(pair)
  }

  async #bind(address: string): Promise<LentPair | null> {
    const ear = newEar(this.#arrived)
    const bind = () => bindPair(this.#source, address, ear.onRtp, ear.onRtcp)
    // What is kept for other addresses holds ports, too.
    const sockets = (await bind()) ?? (this.#makeRoom() ? await bind() : null)
    return sockets && this.#loan(new BoundPair(sockets, ear))
  }

  #loan(pair: BoundPair): LentPair {
    const { rtp, rtcp } = pair.sockets
    let isOut = true
    pair.ear.listen(DEAF)
    return {
      rtp,
      rtcp,
      deliverTo: (listener) =>
        this.#source.clock.endOfTurn(() => {
          if (isOut) pair.ear.listen(listener)
        }),
      close: () => {
        if (isOut) this.#keep(pair)
        isOut = false
      },
    }
  }

  #keep(pair: BoundPair): void {
    const { clock, ports } = this.#source
    if (this.#isClosed || this.#most === 0) return this.#unbind(pair, clock.wall())
    const oldest = this.#count >= this.#most ? this.#oldest() : null
    if (oldest) this.#discard(oldest)
    const disturbed = () => this.#disturbed(pair)
    pair.ear.listen({ onRtp: disturbed, onRtcp: disturbed, onRefused() {} })
    ports.keep(pair.port)
    pair.keptSince = clock.now()
    this.#append(pair)
    this.#sweeper ??= clock.after(KEPT_FOR, () => this.#sweep())
  }

  #disturbed(pair: BoundPair): void {
    this.#remove(pair)
    if (this.#source.clock.now() < pair.keptSince + KEPT_FOR) this.#append(pair)
    else this.#unbind(pair, this.#source.clock.wall())
  }

  #makeRoom(): boolean {
    const oldest = this.#oldest()
    if (!oldest || !this.#isQuiet(oldest)) return false
    this.#discard(oldest)
    return true
  }

  #sweep(): void {
    const { clock } = this.#source
    const expired = (pair: BoundPair | null) => pair && clock.now() >= pair.quietSince + KEPT_FOR
    let oldest = this.#oldest()
    for (; oldest && expired(oldest); oldest = this.#oldest()) this.#discard(oldest)
    this.#sweeper = oldest && clock.after(oldest.quietSince + KEPT_FOR - clock.now(), () => this.#sweep())
  }

  #oldest(): BoundPair | null {
    let oldest: BoundPair | null = null
    for (const pairs of this.#kept.values()) {
      const pair = first(pairs)
      if (pair && (oldest === null || pair.quietSince < oldest.quietSince)) oldest = pair
    }
    return oldest
  }

  #isQuiet(pair: BoundPair): boolean {
    return this.#source.clock.now() >= pair.quietSince + QUIET
  }

  #append(pair: BoundPair): void {
    const pairs = this.#kept.get(pair.address) ?? new Set()
    this.#kept.set(pair.address, pairs.add(pair))
    pair.quietSince = this.#source.clock.now()
    this.#count++
  }

  #remove(pair: BoundPair): void {
    const pairs = this.#kept.get(pair.address)
    pairs?.delete(pair)
    if (pairs?.size === 0) this.#kept.delete(pair.address)
    this.#count--
  }

  #discard(pair: BoundPair): void {
    this.#remove(pair)
    this.#unbind(pair, this.#isQuiet(pair) ? null : this.#source.clock.wall())
  }

  #unbind(pair: BoundPair, restsFrom: Date | null): void {
    pair.sockets.rtp.close()
    pair.sockets.rtcp.close()
    this.#source.ports.release(pair.port, restsFrom)
  }
}

class BoundPair {
  readonly sockets: SocketPair
  readonly ear: Ear
  keptSince: Millis = 0
  quietSince: Millis = 0

  constructor(sockets: SocketPair, ear: Ear) {
    this.sockets = sockets
    this.ear = ear
  }

  get address(): string {
    return this.sockets.rtp.local.address
  }

  get port(): number {
    return this.sockets.rtp.local.port
  }
}

const DEAF: PairListener = { onRtp() {}, onRtcp() {}, onRefused() {} }

/** What a pair's sockets deliver to, for whoever has the pair. */
interface Ear extends Omit<PairListener, 'onRefused'> {
  listen(listener: PairListener): void
}

function newEar(arrived: () => void): Ear {
  let listener = DEAF
  return {
    onRtp(datagram, from) {
      arrived()
      listener.onRtp(datagram, from)
    },
    onRtcp(datagram, from) {
      arrived()
      listener.onRtcp(datagram, from)
    },
    listen(to) {
      listener = to
    },
  }
}

function first<T>(items: ReadonlySet<T> | undefined): T | null {
  for (const item of items ?? []) return item
  return null
}
