import type { Millis } from '../../platform/clock.ts'

/** The histogram of delays: `BINS` of so many ms each; what is longer counts in the last. */
const BIN: Millis = 2
const BINS = 256
/** Packets that the histogram remembers, on average. */
const MEMORY = 1500
/** What a packet that comes too late is worth, in ms of delay for all packets: 30 ms for each per cent. */
const PRICE = 3000
/** The target before anything is known: of two packets of 20 ms one waits. */
const FIRST: Millis = 20
/** The target is worked out anew after so many packets. */
const EVERY = 8

/** Packets are in one breath that come so much nearer each other than they were sent: by this part of the time between. */
const ONE_BREATH = 0.75

/** The quickest packet counts for PARTS - 1 to PARTS times so long: then the path, or the sender's clock, is another. */
const PART: Millis = 500
const PARTS = 8
/** Weights grow, so that older ones fade; here they are all made smaller together. */
const HEAVY = 1e12

/**
 * How long packets take beyond the quickest of late, and how long it pays to wait for them.
 *
 * Delays are counted in a histogram that forgets. Of a target t the price is t itself and PRICE times the share of
 * packets that take longer: the cheapest is taken. A rare spike of 300 ms is so left alone, for waiting 300 ms all the time is
 * dearer, where stalls of 60 ms each other second are waited for; no spike need be told from other delays.
 */
export class DelayEstimate {
  /** How long to wait for a packet beyond the quickest one's arrival, ms. */
  target: Millis = FIRST
  /** Arrival less media time of the quickest packet of the last seconds, ms; NaN before the first packet. */
  base: Millis = Number.NaN

  readonly #bins = new Float64Array(BINS)
  #weight = 1
  #total = 1
  #packets = 1
  #sinceTarget = 0
  #timeBefore: Millis = 0
  #delayBefore: Millis = 0
  /** The least transit time of each of the last PARTS parts, and when the last of them began. */
  readonly #parts = new Float64Array(PARTS).fill(Number.POSITIVE_INFINITY)
  #part = 0
  #partBegan: Millis = Number.NaN

  constructor() {
    this.#bins[FIRST / BIN - 1] = 1
  }

  /** Counts a packet that arrived at `now` and was sampled at `time`, ms of any clock of about the same pace. */
  take(time: Millis, now: Millis): void {
    const transit = now - time
    this.#follow(transit, now)
    const delay = transit - this.base
    if (!this.#isHeldUp(time, delay)) this.#count(delay)
    if (++this.#sinceTarget < EVERY && delay <= this.target) return
    this.#sinceTarget = 0
    this.target = this.#cheapest()
  }

  /** What is known of the path's delay is void, for it is another stream's; how it varies is still believed. */
  restart(): void {
    this.#parts.fill(Number.POSITIVE_INFINITY)
    this.#partBegan = Number.NaN
    this.base = Number.NaN
  }

  #follow(transit: Millis, now: Millis): void {
    if (Number.isNaN(this.#partBegan)) this.#partBegan = now
    // After a long pause nothing of before is left; one turn of the ring is enough to say so.
    const passed = Math.min(PARTS, Math.floor((now - this.#partBegan) / PART))
    if (passed > 0) {
      for (let i = 0; i < passed; i++) {
        this.#part = (this.#part + 1) % PARTS
        this.#parts[this.#part] = Number.POSITIVE_INFINITY
      }
      this.#partBegan = now
      this.base = this.#least()
    }
    if (transit < (this.#parts[this.#part] ?? 0)) this.#parts[this.#part] = transit
    if (!(transit >= this.base)) this.base = transit
  }

  #least(): Millis {
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < PARTS; i++) least = Math.min(least, this.#parts[i] ?? least)
    return least
  }

  /** Whether a packet came in one breath with the one before: what held that one up held up this one too, and is one event. */
  #isHeldUp(time: Millis, delay: Millis): boolean {
    const sentApart = time - this.#timeBefore
    const isHeldUp = sentApart > 0 && this.#delayBefore - delay > ONE_BREATH * sentApart
    this.#timeBefore = time
    this.#delayBefore = delay
    return isHeldUp
  }

  #count(delay: Millis): void {
    const bin = Math.min(BINS - 1, Math.floor(delay / BIN))
    this.#bins[bin] = (this.#bins[bin] ?? 0) + this.#weight
    this.#total += this.#weight
    // As long as little is known, all of it counts alike.
    if (this.#packets < MEMORY) {
      this.#packets++
      return
    }
    // Instead of all others becoming lighter, each packet weighs more than the one before.
    this.#weight *= 1 + 1 / MEMORY
    this.#forget()
  }

  #forget(): void {
    if (this.#weight < HEAVY) return
    for (let i = 0; i < BINS; i++) this.#bins[i] = (this.#bins[i] ?? 0) / this.#weight
    this.#total /= this.#weight
    this.#weight = 1
  }

  #cheapest(): Millis {
    const price = PRICE / this.#total
    let later = 0
    let best = BINS
    let least = Number.POSITIVE_INFINITY
    for (let bins = BINS; bins > 0; bins--) {
      const cost = bins * BIN + price * later
      if (cost < least) {
        least = cost
        best = bins
      }
      later += this.#bins[bins - 1] ?? 0
    }
    return best * BIN
  }
}
