import { clamp, saturate } from '../clamp.ts'

/** The zero section of the predictor looks back at this many differences. */
const ZEROS = 6

/**
 * The adaptive predictor of a sub-band, the same for both bands and on both sides of the wire: two poles and six zeros that
 * follow the differences as they were quantised, so that encoder and decoder never part. Capitals in the comments are the
 * names that G.722 gives its blocks and variables, without the L or H of the band.
 */
export class Predictor {
  /** S: what the next value of the band is expected to be. */
  expected = 0
  /** SZ: the zero section's part of it. */
  #fromZeros = 0
  /** A1 and A2, and RLT: the reconstructed signal of the two values before, doubled. */
  #a1 = 0
  #a2 = 0
  #lastReconstructed = 0
  /** The signs of P, the partially reconstructed signal, of the two values before. */
  #lastNegative = false
  #negativeBefore = false
  /** B1 to B6, and DLT: the last six differences, doubled, the newest first. */
  readonly #b = new Int32Array(ZEROS)
  readonly #differences = new Int32Array(ZEROS)

  /** Learns by how much the band's value differed from what was `expected`, as the quantiser gave it. */
  update(difference: number): void {
    this.#adaptPoles(this.#fromZeros + difference < 0)
    this.#adaptZeros(difference)
    const reconstructed = saturate(2 * (this.expected + difference)) // RECONS
    const fromPoles = ((this.#a1 * reconstructed) >> 15) + ((this.#a2 * this.#lastReconstructed) >> 15) // FILTEP
    this.#lastReconstructed = reconstructed
    this.expected = saturate(this.#fromZeros + fromPoles) // PREDIC
  }

  /** UPPOL2 and UPPOL1, where the first uses A1 as it was and the second A2 as it has become. */
  #adaptPoles(negative: boolean): void {
    const towards = negative === this.#lastNegative ? 1 : -1
    const towards2 = negative === this.#negativeBefore ? 128 : -128
    this.#negativeBefore = this.#lastNegative
    this.#lastNegative = negative
    const a2 = ((-towards * clamp(this.#a1, -8191, 8191)) >> 5) + towards2 + ((this.#a2 * 127) >> 7)
    this.#a2 = clamp(a2, -12288, 12288)
    // The poles stay inside the unit circle: |A1| may be no more than 1 - 2^-4 - A2.
    const limit = 15360 - this.#a2
    this.#a1 = clamp(192 * towards + ((this.#a1 * 255) >> 8), -limit, limit)
  }

  /** UPZERO, DELAYA and FILTEZ in one walk from the oldest difference to the newest. */
  #adaptZeros(difference: number): void {
    const step = difference === 0 ? 0 : 128
    let sum = 0
    for (let i = ZEROS - 1; i >= 0; i--) {
      const sign = ((this.#differences[i] ?? 0) ^ difference) < 0 ? -step : step
      const b = (((this.#b[i] ?? 0) * 255) >> 8) + sign
      const delayed = i === 0 ? 2 * difference : (this.#differences[i - 1] ?? 0)
      this.#b[i] = b
      this.#differences[i] = delayed
      sum += (b * delayed) >> 15
    }
    this.#fromZeros = sum
  }
}
