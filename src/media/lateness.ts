import type { Millis } from '../platform/clock.ts'

/** How fine turns are told apart by how late they came, ms. */
const STEP: Millis = 0.25
/** Beyond this they are told apart no more, ms: whoever waits for sound has heard the gap by then. */
const LIMIT: Millis = 100
const BUCKETS = LIMIT / STEP
/** After the buckets, one cell for those beyond the limit and one for the worst, ms. */
const BEYOND = BUCKETS
const WORST = BUCKETS + 1

/** Memory of a count of late turns: one thread writes, others read. Floats, for whole numbers of 32 bits end after months. */
export type LatenessCells = Float64Array<SharedArrayBuffer>

export function newLatenessCells(): LatenessCells {
  return new Float64Array(new SharedArrayBuffer((WORST + 1) * Float64Array.BYTES_PER_ELEMENT))
}

/** Counts a turn in `cells` that came `late` ms after it was due. Allocates nothing. */
export function countLate(cells: LatenessCells, late: Millis): void {
  const bucket = late >= LIMIT ? BEYOND : Math.max(0, Math.ceil(late / STEP) - 1)
  cells[bucket] = (cells[bucket] ?? 0) + 1
  if (late > (cells[WORST] ?? 0)) cells[WORST] = late
}

/** How punctual the pulse is by which sound is made, since the start. */
export interface Lateness {
  readonly turns: number
  /** 99 of 100 turns came at most so late, ms, rounded up to a quarter. */
  readonly p99: Millis
  readonly worst: Millis
  /** How many came later than the bucket before and at most `upTo` ms late (null: later than all of them); none is empty. */
  readonly buckets: readonly LatenessBucket[]
}

export interface LatenessBucket {
  readonly upTo: Millis | null
  readonly turns: number
}

/** What was counted in all of `counts`, those of several threads. */
export function lateness(counts: readonly LatenessCells[]): Lateness {
  const buckets: LatenessBucket[] = []
  for (let bucket = 0; bucket <= BEYOND; bucket++) {
    const turns = counts.reduce((sum, cells) => sum + (cells[bucket] ?? 0), 0)
    if (turns > 0) buckets.push({ upTo: bucket === BEYOND ? null : (bucket + 1) * STEP, turns })
  }
  const worst = counts.reduce((most, cells) => Math.max(most, cells[WORST] ?? 0), 0)
  const turns = buckets.reduce((sum, bucket) => sum + bucket.turns, 0)
  return { turns, p99: percentile(buckets, 0.99 * turns) ?? worst, worst, buckets }
}

/** Up to where `turns` of them are; null: beyond all bounds. */
function percentile(buckets: readonly LatenessBucket[], turns: number): Millis | null {
  let sum = 0
  for (const bucket of buckets) {
    sum += bucket.turns
    if (sum >= turns) return bucket.upTo
  }
  return 0
}
