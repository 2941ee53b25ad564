import type { Clock, Millis, Timer } from './clock.ts'

/** How late a coarse timer may be. */
export const GRAIN: Millis = 20

/**
 * Timers that are never early but may be a grain late. All that fall due within one grain share one timer of the system:
 * so a hundred thousand transactions that wait half a minute wake the event loop fifty times a second at most, and a
 * timer that is started and cancelled, as most are, costs one small object.
 */
export class CoarseTimers {
  readonly #exact: Pick<Clock, 'now' | 'after'>
  /** By their end, in grains. */
  readonly #grains = new Map<number, Grain>()

  constructor(exact: Pick<Clock, 'now' | 'after'>) {
    this.#exact = exact
  }

  after(delay: Millis, run: () => void): Timer {
    const now = this.#exact.now()
    const end = Math.ceil((now + delay) / GRAIN)
    const timer = new CoarseTimer(this.#grains.get(end) ?? this.#open(end, now), run)
    timer.start()
    return timer
  }

  #open(end: number, now: Millis): Grain {
    const grain: Grain = {
      timers: new Set(),
      close: () => {
        timeout.cancel()
        if (this.#grains.get(end) === grain) this.#grains.delete(end)
      },
    }
    const timeout = this.#exact.after(end * GRAIN - now, () => {
      grain.close()
      for (const timer of grain.timers) timer.fire()
    })
    this.#grains.set(end, grain)
    return grain
  }
}

/** The timers that fire together. */
interface Grain {
  readonly timers: Set<CoarseTimer>
  /** Takes no more timers, and lets go of the system's if it has not fired. */
  close(): void
}

class CoarseTimer implements Timer {
  readonly #grain: Grain
  readonly #run: () => void

  constructor(grain: Grain, run: () => void) {
    this.#grain = grain
    this.#run = run
  }

  start(): void {
    this.#grain.timers.add(this)
  }

  cancel(): void {
    const { timers, close } = this.#grain
    if (timers.delete(this) && timers.size === 0) close()
  }

  fire(): void {
    this.#grain.timers.delete(this)
    this.#run()
  }
}
