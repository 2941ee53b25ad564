/** Buckets to each doubling. */
const FINENESS = 8
/** The shortest that is told apart, ms. */
const SHORTEST = 0.0001

/** How long something took each time, ms. */
export class Timings {
  count = 0
  worst = 0
  readonly #buckets = new Uint32Array(40 * FINENESS)

  note(took: number): void {
    this.count++
    if (took > this.worst) this.worst = took
    const bucket = Math.floor(FINENESS * Math.log2(Math.max(SHORTEST, took) / SHORTEST))
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
  }

  /** What so large a share took at most, ms; up to 9 % too much. */
  quantile(share: number): number {
    let left = share * this.count
    for (const [bucket, count] of this.#buckets.entries()) {
      left -= count
      if (left <= 0) return Math.min(this.worst, SHORTEST * 2 ** ((bucket + 1) / FINENESS))
    }
    return this.worst
  }

  toString(): string {
    const ms = (value: number) => `${value.toFixed(value < 0.1 ? 4 : 2)} ms`
    const shares = [0.5, 0.999].map((share) => ms(this.quantile(share)))
    return `p50 ${shares[0]}, p99.9 ${shares[1]}, worst ${ms(this.worst)}`
  }
}
