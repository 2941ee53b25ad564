import type { Clock, Millis } from '../../platform/clock.ts'
import type { Names } from '../../platform/names.ts'
import type { Random } from '../../platform/random.ts'
import { hostToAsk } from './hostToAsk.ts'
import { KnownPlace, type Trouble } from './knownPlace.ts'
import { ordered } from './order.ts'
import { type Place, type Target, targetKey } from './target.ts'

/** Nobody waits longer than this for a name. */
const WITHIN: Millis = 2_000
/** How long a server that failed comes after all others. */
const FAILED_FOR: Millis = 60_000
/** Places that nobody watches are forgotten beyond these; so are failures. */
const MOST_PLACES = 1_000
const MOST_FAILED = 1_000

export interface LocatorOptions {
  readonly names: Names
  readonly clock: Clock
  readonly random: Random
}

/**
 * Finds servers (RFC 3263) and remembers them: for as long as the name servers say, within 5 s and an hour, and beyond it
 * while none of them answers. Each call draws anew among servers that share their load by weight.
 */
export class Locator {
  readonly #options: LocatorOptions
  readonly #places = new Map<string, KnownPlace>()
  /** Until when. */
  readonly #failed = new Map<string, Millis>()

  constructor(options: LocatorOptions) {
    this.#options = options
  }

  /**
   * What is known now, the best first, at most 32; empty: nothing. Never waits, so that a call may ask; what grows old is
   * asked for anew in the background.
   */
  targets(at: Place): readonly Target[] {
    const place = this.#place(at)
    place.freshen()
    return this.#ordered(place)
  }

  /** As `targets`, but waits until it is fresh; at most 2 s, then it is what is known. Never rejects. */
  async resolve(at: Place): Promise<readonly Target[]> {
    const place = this.#place(at)
    if (!place.fresh) await this.#soon(place.refresh())
    return this.targets(at)
  }

  /** Every address that is known now of a place, in no order: who may be believed to be it. */
  addresses(at: Place): ReadonlySet<string> {
    const place = this.#place(at)
    place.freshen()
    return new Set(place.servers.flatMap(({ addresses }) => addresses))
  }

  /** Why a place has no targets, or why those it has are old; null: all is well, or it was not asked for yet. */
  trouble(at: Place): Trouble | null {
    return this.#place(at).trouble
  }

  /**
   * Keeps a place fresh, and calls `changed` whenever its targets become others than they were when this was called, until
   * the function it returns is called. Their order alone is no change.
   */
  watch(at: Place, changed: (targets: readonly Target[]) => void): () => void {
    const place = this.#place(at)
    return place.watch(() => changed(this.#ordered(place)))
  }

  /** A server did not answer, or not as one does that works: for a minute it comes after all others (RFC 3263 §4.3). */
  failed(target: Target): void {
    this.#failed.delete(targetKey(target))
    this.#failed.set(targetKey(target), this.#options.clock.now() + FAILED_FOR)
    const [oldest] = this.#failed.keys()
    if (this.#failed.size > MOST_FAILED && oldest !== undefined) this.#failed.delete(oldest)
  }

  /** Whether that is less than a minute ago. */
  hasFailed(target: Target): boolean {
    return (this.#failed.get(targetKey(target)) ?? 0) > this.#options.clock.now()
  }

  /** Asks for nothing any more. */
  close(): void {
    for (const place of this.#places.values()) place.close()
    this.#places.clear()
  }

  #place(at: Place): KnownPlace {
    const key = `${hostToAsk(at.host) ?? ''} ${at.port ?? ''} ${at.protocol ?? ''}`
    const known = this.#places.get(key)
    if (known) return known
    const place = new KnownPlace(at, this.#options.names, this.#options.clock)
    this.#makeRoom()
    this.#places.set(key, place)
    return place
  }

  #makeRoom(): void {
    if (this.#places.size < MOST_PLACES) return
    for (const [key, place] of this.#places) {
      if (place.needed) continue
      this.#places.delete(key)
      return
    }
  }

  #ordered(place: KnownPlace): Target[] {
    return ordered(place.servers, this.#options.random, (target) => this.hasFailed(target))
  }

  async #soon(done: Promise<void>): Promise<void> {
    const { promise, timer } = this.#patience()
    await Promise.race([done, promise])
    timer.cancel()
  }

  #patience() {
    let over: () => void = () => {}
    const promise = new Promise<void>((resolve) => {
      over = resolve
    })
    return { promise, timer: this.#options.clock.after(WITHIN, over) }
  }
}
