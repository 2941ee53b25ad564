import type { Millis } from '../../platform/clock.ts'

/** How loud one party is, and whether it talks: a level that follows at once and falls slowly, and one with hysteresis. */

/** A power in dB of full scale as the mean of squares. */
const power = (decibels: number): number => 32_768 ** 2 * 10 ** (decibels / 10)
const ratio = (decibels: number): number => 10 ** (decibels / 10)

/** Nobody talks more quietly than this, and no line's noise is taken to be less. */
const QUIETEST = power(-42)
const LEAST_NOISE = power(-70)
/** Talk is louder than the line's noise by this; who talks does so until it is within the second. */
const ABOVE_NOISE = ratio(10)
const STILL = ratio(6)
/** How long it must be loud to be talk and no click, and quiet to be over and no pause between words. */
const STARTS: Millis = 60
const ENDS: Millis = 400
/** Time constant of the level's fall: from one syllable to the next. */
const FALL: Millis = 150
/** How fast the noise is taken to have grown, dB a second: less than any voice holds out. */
const NOISE_GROWTH = 2

export class Activity {
  readonly #frame: Millis
  readonly #fall: number
  readonly #growth: number
  #level = 0
  #noise = LEAST_NOISE
  #isTalking = false
  /** How long it has been loud while it does not talk, or quiet while it does. */
  #contrary: Millis = 0

  /** For frames that are `frame` long. */
  constructor(frame: Millis) {
    this.#frame = frame
    this.#fall = Math.exp(-frame / FALL)
    this.#growth = ratio((NOISE_GROWTH * frame) / 1000)
  }

  /** What is compared to find the loudest: the power of the last frame, or what is left of an earlier one's. */
  get level(): number {
    return this.#level
  }

  get isTalking(): boolean {
    return this.#isTalking
  }

  /** Takes the mean square of a frame's samples. */
  note(meanSquare: number): void {
    this.#noise = Math.max(LEAST_NOISE, Math.min(meanSquare, this.#noise * this.#growth))
    this.#follow(meanSquare)
  }

  /** No frame came, or none that counts: of the line's noise that says nothing. */
  noteNothing(): void {
    this.#follow(0)
  }

  #follow(now: number): void {
    this.#level = Math.max(now, this.#level * this.#fall)
    const threshold = Math.max(QUIETEST, this.#noise * ABOVE_NOISE)
    const isLoud = now > (this.#isTalking ? threshold / STILL : threshold)
    if (isLoud === this.#isTalking) this.#contrary = 0
    else this.#contrary += this.#frame
    if (this.#contrary < (this.#isTalking ? ENDS : STARTS)) return
    this.#isTalking = !this.#isTalking
    this.#contrary = 0
  }
}
