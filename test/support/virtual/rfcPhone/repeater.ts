import type { Clock, Timer } from '../../../../src/platform/clock.ts'
import { GIVE_UP, T1, T2 } from './timers.ts'

/** RFC 3261 §13.3.1.4: a 2xx is repeated until its ACK comes, for 64·T1. */
export class SuccessRepeater {
  readonly #limit: Timer
  #next: Timer

  constructor(clock: Clock, repeat: () => void, abandoned: () => void) {
    const again = (interval: number): Timer =>
      clock.after(interval, () => {
        repeat()
        this.#next = again(Math.min(interval * 2, T2))
      })
    this.#next = again(T1)
    this.#limit = clock.after(GIVE_UP, () => {
      this.#next.cancel()
      abandoned()
    })
  }

  stop(): void {
    this.#next.cancel()
    this.#limit.cancel()
  }
}
