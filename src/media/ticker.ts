import type { Clock, Millis, Timer } from '../platform/clock.ts'
import { countLate, type Lateness, type LatenessCells, lateness, newLatenessCells } from './lateness.ts'

/** How often whoever makes sound is called, ms. */
export const TICK: Millis = 20

/** How often each of those that tick is called, ms, and over how many turns they are spread within that, so that each is short. */
export interface Beat {
  readonly every: Millis
  readonly turns: number
}

const SOUND: Beat = { every: TICK, turns: 4 }
/** For what is due by time alone, such as reports: all legs in one turn would hold up the packets that pass. */
export const SLOW: Beat = { every: 1000, turns: 20 }

/** Further behind than this, the time that was missed is let go: to make it up would send a burst, ms. */
const HOPELESS: Millis = 100

/** Node's timers count whole milliseconds, so that one may come by as much too early. */
const EARLY: Millis = 1

/** Called once a beat. `now`: the time for which it was due, ms. */
export type Ticking = (now: Millis) => void

/** Those that are called in one turn, and how many of each kind they are. */
interface Phase {
  readonly runs: Set<Ticking>
  readonly kinds: Map<string, number>
}

function newPhase(): Phase {
  return { runs: new Set(), kinds: new Map() }
}

/**
 * A pulse of a thread. By the quick one whoever makes sound, and does not merely pass it on, is called every 20 ms. It keeps to
 * the clock over hours, since each turn is due a step after the one before, not after when that came. It stands still while
 * nobody needs it.
 */
export class Ticker {
  readonly #clock: Clock
  readonly #phases: readonly Phase[]
  /** From one turn to the next. */
  readonly #step: Millis
  #timer: Timer | null = null
  #phase = 0
  #due: Millis = 0
  readonly #late: LatenessCells

  /** `late`: where it counts how late it is, for others to see. */
  constructor(clock: Clock, late: LatenessCells = newLatenessCells(), { every, turns }: Beat = SOUND) {
    this.#clock = clock
    this.#late = late
    this.#phases = Array.from({ length: turns }, newPhase)
    this.#step = every / turns
  }

  /**
   * Calls `run` once a beat until the function it returns is called. `kind`: those of one kind are about as much work as each
   * other. Each turn has as many of a kind as any other, so that all take as long, whatever a kind costs on this machine.
   */
  add(run: Ticking, kind = ''): () => void {
    const phase = this.#phases.reduce((least, each) => (hasFewer(each, least, kind) ? each : least))
    phase.runs.add(run)
    phase.kinds.set(kind, countOf(phase, kind) + 1)
    if (this.#timer === null) this.#begin()
    return () => {
      if (phase.runs.delete(run)) phase.kinds.set(kind, countOf(phase, kind) - 1)
      if (this.#phases.every(({ runs }) => runs.size === 0)) this.close()
    }
  }

  get stats(): Lateness {
    return lateness([this.#late])
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #begin(): void {
    this.#due = this.#clock.now() + this.#step
    this.#wait()
  }

  #wait(): void {
    this.#timer = this.#clock.after(Math.max(0, this.#due - this.#clock.now()), this.#run)
  }

  readonly #run = (): void => {
    const now = this.#clock.now()
    if (now > this.#due + HOPELESS) this.#skip(now)
    while (this.#due <= now + EARLY && this.#timer !== null) this.#turn()
    if (this.#timer !== null) this.#wait()
  }

  #skip(now: Millis): void {
    countLate(this.#late, now - this.#due)
    this.#due = now
  }

  #turn(): void {
    // Not as late as its timer, but as late as the turns before it have made it.
    countLate(this.#late, this.#clock.now() - this.#due)
    for (const run of this.#phases[this.#phase]?.runs ?? []) run(this.#due)
    this.#phase = (this.#phase + 1) % this.#phases.length
    this.#due += this.#step
  }
}

function hasFewer(one: Phase, other: Phase, kind: string): boolean {
  const more = countOf(one, kind) - countOf(other, kind)
  return more < 0 || (more === 0 && one.runs.size < other.runs.size)
}

function countOf({ kinds }: Phase, kind: string): number {
  return kinds.get(kind) ?? 0
}
