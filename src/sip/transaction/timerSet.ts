import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import type { TimerName } from './timers.ts'

/** The running timers of one transaction, by name. */
export class TimerSet {
  readonly #clock: Clock
  readonly #fired: (timer: TimerName) => void
  readonly #running = new Map<TimerName, Timer>()

  constructor(clock: Clock, fired: (timer: TimerName) => void) {
    this.#clock = clock
    this.#fired = fired
  }

  start(name: TimerName, delay: Millis): void {
    this.stop(name)
    const timer = this.#clock.after(delay, () => {
      this.#running.delete(name)
      this.#fired(name)
    })
    this.#running.set(name, timer)
  }

  stop(name: TimerName): void {
    this.#running.get(name)?.cancel()
    this.#running.delete(name)
  }

  clear(): void {
    for (const timer of this.#running.values()) timer.cancel()
    this.#running.clear()
  }
}
