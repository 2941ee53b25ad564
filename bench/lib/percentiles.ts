/** What a distribution of times comes to, ms. */
export interface Percentiles {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Sums up `times` (ms), rounded to µs; zeros where there are none. */
export function percentiles(times: readonly number[]): Percentiles {
  const sorted = Float64Array.from(times).sort()
  const at = (share: number) => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
    return Math.round(value * 1000) / 1000
  }
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

/** The middle of `numbers`, to two places; NaN where there are none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return Math.round((((low ?? Number.NaN) + (high ?? Number.NaN)) / 2) * 100) / 100
}
