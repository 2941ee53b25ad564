import type { Clock, Timer } from '../../platform/clock.ts'
import { T1, T2, TIMEOUT } from '../transaction/timers.ts'

/**
 * Repeats our 2xx to an INVITE until its ACK comes, over every transport: the ACK is end to end, so a reliable hop says
 * nothing of it (RFC 3261 §13.3.1.4).
 */
export class AnswerRepeater {
  readonly #clock: Clock
  readonly #repeat: () => void
  readonly #abandoned: () => void
  readonly #gaveUpAt: number
  #interval = T1
  #timer: Timer

  /** Starts at once. `abandoned` runs when no ACK came within 64·T1. */
  constructor(clock: Clock, repeat: () => void, abandoned: () => void) {
    this.#clock = clock
    this.#repeat = repeat
    this.#abandoned = abandoned
    this.#gaveUpAt = clock.now() + TIMEOUT
    this.#timer = clock.after(T1, () => this.#fired())
  }

  /** The ACK came, or the dialog is over. */
  stop(): void {
    this.#timer.cancel()
  }

  #fired(): void {
    const left = this.#gaveUpAt - this.#clock.now()
    if (left <= 0) return this.#abandoned()
    this.#repeat()
    this.#interval = Math.min(this.#interval * 2, T2)
    this.#timer = this.#clock.after(Math.min(this.#interval, left), () => this.#fired())
  }
}
