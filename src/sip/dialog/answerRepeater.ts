import type { Clock, Timer } from '../../platform/clock.ts'
import { T1, T2, TIMEOUT } from '../transaction/timers.ts'

/**
 * Repeats our 2xx to an INVITE until its ACK comes (RFC 3261 §13.3.1.4), or a provisional response until its PRACK
 * (RFC 3262 §3), over every transport: ACK and PRACK are end to end, so a reliable hop says nothing of them.
 */
export class AnswerRepeater {
  readonly #clock: Clock
  readonly #repeat: () => void
  readonly #abandoned: () => void
  readonly #gaveUpAt: number
  readonly #longest: number
  #interval = T1
  #timer: Timer

  /** Starts at once. `abandoned` runs when nothing came within 64·T1. `longest`: the interval stops growing there, ms. */
  constructor(clock: Clock, repeat: () => void, abandoned: () => void, longest = T2) {
    this.#clock = clock
    this.#repeat = repeat
    this.#abandoned = abandoned
    this.#longest = longest
    this.#gaveUpAt = clock.now() + TIMEOUT
    this.#timer = clock.after(T1, () => this.#fired())
  }

  /** It came, or the dialog is over. */
  stop(): void {
    this.#timer.cancel()
  }

  #fired(): void {
    const left = this.#gaveUpAt - this.#clock.now()
    if (left <= 0) return this.#abandoned()
    this.#repeat()
    this.#interval = Math.min(this.#interval * 2, this.#longest)
    this.#timer = this.#clock.after(Math.min(this.#interval, left), () => this.#fired())
  }
}
