import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import type { Names } from '../../platform/names.ts'
import { type Located, locate, withoutAsking } from './locate.ts'
import { type Server, targetsOf } from './order.ts'
import { type Place, targetKey } from './target.ts'

/** How long an answer counts: what its server says, within these bounds; the second, where it says nothing. */
const LEAST: Millis = 5_000
const USUAL: Millis = 60_000
const MOST: Millis = 3_600_000
/** A name that does not exist may do so soon: routers say so while they start. */
const NOTHING: Millis = 10_000
/** The next answer is asked for when this much of the time has passed. */
const AHEAD = 0.8
/** After a question without an answer, doubled each time. */
const RETRY: Millis = 5_000
const RETRY_MOST: Millis = 60_000

/** Why nothing, or nothing new, is known of a place. */
export type Trouble = 'no such name' | 'no name server answers'

/** What is known of one place, and how it is kept fresh. What was known stays while no name server answers. */
export class KnownPlace {
  readonly #place: Place
  readonly #names: Names
  readonly #clock: Clock
  readonly #watchers = new Set<() => void>()
  #located: Located | null
  #trouble: Trouble | null = null
  #askAgainAt: Millis
  #freshUntil: Millis
  #unanswered = 0
  #running: Promise<void> | null = null
  #timer: Timer | null = null

  constructor(place: Place, names: Names, clock: Clock) {
    this.#place = place
    this.#names = names
    this.#clock = clock
    this.#located = withoutAsking(place)
    this.#freshUntil = this.#located ? Number.POSITIVE_INFINITY : clock.now()
    this.#askAgainAt = this.#freshUntil
    if (this.#located?.servers.length === 0) this.#trouble = 'no such name'
  }

  get servers(): readonly Server[] {
    return this.#located?.servers ?? []
  }

  get trouble(): Trouble | null {
    return this.#trouble
  }

  get fresh(): boolean {
    return this.#clock.now() < this.#freshUntil
  }

  /** Whether somebody watches it, or it is being asked for. */
  get needed(): boolean {
    return this.#watchers.size > 0 || this.#running !== null
  }

  /** Asks if it is time to; does not wait. */
  freshen(): void {
    if (this.#clock.now() >= this.#askAgainAt) void this.refresh()
  }

  /** Asks the name servers, once for all who want it now. Never rejects. */
  refresh(): Promise<void> {
    this.#running ??= this.#ask().finally(() => {
      this.#running = null
      this.#schedule()
    })
    return this.#running
  }

  /** Keeps it fresh, and calls `changed` whenever its targets become others, until the function it returns is called. */
  watch(changed: () => void): () => void {
    const mine = (): void => changed()
    this.#watchers.add(mine)
    this.freshen()
    this.#schedule()
    return () => {
      this.#watchers.delete(mine)
      if (this.#watchers.size === 0) this.#timer?.cancel()
    }
  }

  close(): void {
    this.#watchers.clear()
    this.#timer?.cancel()
  }

  async #ask(): Promise<void> {
    const before = this.#targets()
    this.#take(await locate(this.#place, this.#names))
    if (this.#targets() === before) return
    for (const changed of [...this.#watchers]) if (this.#watchers.has(changed)) changed()
  }

  #take(found: Located): void {
    const something = isThere(found)
    if (found.complete) {
      this.#unanswered = 0
      this.#located = found
      this.#trouble = something ? null : 'no such name'
      this.#keepFor(something ? bounded(found.ttl) : NOTHING)
    } else {
      this.#unanswered++
      // Some servers may be missing in it: better than nothing, not better than all of them.
      if (something && !(this.#located?.complete && isThere(this.#located))) this.#located = found
      this.#trouble = 'no name server answers'
      this.#keepFor(Math.min(RETRY_MOST, RETRY * 2 ** Math.min(8, this.#unanswered - 1)))
    }
  }

  #keepFor(span: Millis): void {
    const now = this.#clock.now()
    this.#freshUntil = now + span
    this.#askAgainAt = now + AHEAD * span
  }

  #schedule(): void {
    this.#timer?.cancel()
    if (this.#watchers.size === 0 || this.#running || this.#askAgainAt === Number.POSITIVE_INFINITY) return
    this.#timer = this.#clock.after(Math.max(0, this.#askAgainAt - this.#clock.now()), () => void this.refresh())
  }

  #targets(): string {
    return this.servers.flatMap(targetsOf).map(targetKey).sort().join()
  }
}

function isThere({ servers }: Located): boolean {
  return servers.some(({ addresses }) => addresses.length > 0)
}

function bounded(ttl: Millis | null): Millis {
  return ttl === null ? USUAL : Math.min(MOST, Math.max(LEAST, ttl))
}
