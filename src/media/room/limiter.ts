/**
 * Brings sums of voices back to 16 bits. Clipping them would rasp; so where they are too loud the gain goes down, before the
 * peak comes, and slowly up again afterwards. What is not too loud passes as it is.
 *
 * The sound is looked at in steps of 1 ms, each of which has a gain that would do. The gain changes linearly within a step,
 * from a value that does for this step and the one before to one that does for this and the next; so it must know one step
 * more than it gives, and is late by that.
 */

/** What a step is, and how much later than at the input a sound is at the output, ms. */
const STEP = 1
/** The loudest that comes out: 0.3 dB below full scale. */
const CEILING = 31_650
/** How fast the gain falls where there is time for it, a step: from 1 to 0 in 5 ms, which is no click. */
const ATTACK = STEP / 5
/** How much of what it lacks the gain regains in a step: time constant 200 ms. */
const RELEASE = 1 - Math.exp(-STEP / 200)
/** From this on a gain counts as 1. */
const FULL = 0.9999

/** Limits one stream of sums. */
export class Limiter {
  /** How much later than at the input a sound is at the output, ms. */
  static readonly delay = STEP
  readonly #step: number
  /** Steps of a frame. */
  readonly #steps: number
  /** The step that was held back, and behind it the frame in work. */
  readonly #line: Int32Array
  /** Of each step in the line the loudest sample. */
  readonly #peaks: Int32Array
  /** The gain where each step in the line begins; the first was decided with the frame before. */
  readonly #gains: Float64Array

  /** For frames of `frameSamples` at `sampleRate` Hz. Throws RangeError if they are no whole number of ms. */
  constructor(sampleRate: number, frameSamples: number) {
    this.#step = (sampleRate * STEP) / 1000
    this.#steps = frameSamples / this.#step
    if (!Number.isInteger(this.#steps)) throw new RangeError(`${frameSamples} samples are no whole number of ms`)
    this.#line = new Int32Array(this.#step + frameSamples)
    this.#peaks = new Int32Array(this.#steps + 1)
    this.#gains = new Float64Array(this.#steps + 1).fill(1)
  }

  /** The gain that it has come to: 1 where nothing is too loud. */
  get gain(): number {
    return this.#gains[0] ?? 1
  }

  /** The sums of `total` without `own`, if that is part of it, limited. Each is a frame; allocates nothing. */
  limit(total: Int32Array, own: Int16Array | null, out: Int16Array): void {
    const loudest = this.#take(total, own)
    if (loudest <= CEILING && this.gain === 1) this.#copyTo(out)
    else {
      this.#decideGains()
      this.#scaleTo(out)
    }
    this.#line.copyWithin(0, this.#step * this.#steps)
    this.#peaks[0] = this.#peaks[this.#steps] ?? 0
  }

  /** Puts a frame behind the step that was held back, and gives the loudest sample of both. */
  #take(total: Int32Array, own: Int16Array | null): number {
    const peaks = this.#peaks
    let loudest = peaks[0] ?? 0
    for (let step = 0; step < this.#steps; step++) {
      const peak = own ? this.#takeOthers(step, total, own) : this.#takeAll(step, total)
      peaks[step + 1] = peak
      if (peak > loudest) loudest = peak
    }
    return loudest
  }

  #takeAll(step: number, total: Int32Array): number {
    const line = this.#line
    const length = this.#step
    let [low, high] = [0, 0]
    for (let at = step * length; at < (step + 1) * length; at++) {
      const sum = total[at] ?? 0
      line[at + length] = sum
      if (sum > high) high = sum
      else if (sum < low) low = sum
    }
    return high > -low ? high : -low
  }

  #takeOthers(step: number, total: Int32Array, own: Int16Array): number {
    const line = this.#line
    const length = this.#step
    let [low, high] = [0, 0]
    for (let at = step * length; at < (step + 1) * length; at++) {
      const sum = (total[at] ?? 0) - (own[at] ?? 0)
      line[at + length] = sum
      if (sum > high) high = sum
      else if (sum < low) low = sum
    }
    return high > -low ? high : -low
  }

  #copyTo(out: Int16Array): void {
    const line = this.#line
    for (let at = 0; at < out.length; at++) out[at] = line[at] ?? 0
  }

  /** The gains up to where the step begins that is held back. */
  #decideGains(): void {
    const [gains, peaks] = [this.#gains, this.#peaks]
    for (let step = this.#steps; step > 0; step--) {
      const peak = Math.max(peaks[step - 1] ?? 0, peaks[step] ?? 0)
      const enough = peak > CEILING ? CEILING / peak : 1
      gains[step] = step < this.#steps ? Math.min(enough, (gains[step + 1] ?? 1) + ATTACK) : enough
    }
    for (let step = 1; step <= this.#steps; step++) {
      const before = gains[step - 1] ?? 1
      const released = before + (1 - before) * RELEASE
      gains[step] = Math.min(gains[step] ?? 1, released > FULL ? 1 : released)
    }
  }

  #scaleTo(out: Int16Array): void {
    const [gains, line, length] = [this.#gains, this.#line, this.#step]
    for (let step = 0; step < this.#steps; step++) {
      let gain = gains[step] ?? 1
      const change = ((gains[step + 1] ?? 1) - gain) / length
      for (let at = step * length; at < (step + 1) * length; at++) {
        out[at] = Math.round((line[at] ?? 0) * gain)
        gain += change
      }
    }
    gains[0] = gains[this.#steps] ?? 1
  }
}
