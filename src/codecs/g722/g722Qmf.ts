/** The 24 taps of G.722's quadrature mirror filters (its table 11): every other one; the rest are these backwards. */
const TAPS = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11] as const
const LENGTH = TAPS.length

/**
 * One stream's quadrature mirror filter. Splitting a signal in two bands and joining them again is the same pair of sums
 * over the last 12 pairs of values; what the pairs are and what becomes of the sums is the codec's affair.
 */
export class Qmf {
  /** Of the 12 products with the first value of each pair, and with the second. */
  first = 0
  second = 0
  // Each value stands twice, 12 apart, so that the last 12 always lie in one row, oldest first.
  readonly #firsts = new Int32Array(2 * LENGTH)
  readonly #seconds = new Int32Array(2 * LENGTH)
  #oldest = 0

  /** Takes in the next pair of values (16 bits each) and leaves its sums in `first` and `second`. */
  push(first: number, second: number): void {
    const at = this.#oldest
    this.#firsts[at] = this.#firsts[at + LENGTH] = first
    this.#seconds[at] = this.#seconds[at + LENGTH] = second
    this.#oldest = at + 1 === LENGTH ? 0 : at + 1
    this.#filter()
  }

  #filter(): void {
    let first = 0
    let second = 0
    for (let tap = 0; tap < LENGTH; tap++) {
      first += (TAPS[tap] ?? 0) * (this.#firsts[this.#oldest + tap] ?? 0)
      second += (TAPS[LENGTH - 1 - tap] ?? 0) * (this.#seconds[this.#oldest + tap] ?? 0)
    }
    this.first = first
    this.second = second
  }
}
