import type { Millis } from '../platform/clock.ts'

/** RFC 3550 §A.1: further ahead, or further behind, is no loss but another stream. */
const MAX_DROPOUT = 3000
const MAX_MISORDER = 100
const SEQUENCES = 2 ** 16
const NONE = -1
/** No time yet. A number, for a field that is now a number, now null costs an allocation at each packet. */
const NEVER: Millis = Number.NaN

/** What came of the packets a peer sent: loss by RFC 3550 §A.3, jitter by §A.8, over all streams the leg has heard. */
export class Reception {
  #ssrc = 0
  #hasBegun = false
  /** The first sequence number of this stream; the highest, without its cycles; the cycles, times 2^16. */
  #base = 0
  #highest = 0
  #cycles = 0
  #received = 0
  /** The sequence number that would prove a jump to be a restart. */
  #restart = NONE
  #lostBefore = 0
  #streams = 0
  #timestamp = 0
  #arrived = NEVER
  #jitter = NEVER
  #clockRate = 8000

  /** Packets that never came. A duplicate makes up for one, as §A.3 counts. */
  get lost(): number {
    return this.#lostBefore + this.#lostNow
  }

  /** Mean deviation of the packets' spacing, ms; null before two packets came. */
  get jitter(): Millis | null {
    return Number.isNaN(this.#jitter) ? null : this.#jitter
  }

  /** How many streams have begun: another SSRC, or a restart, is another stream. The following say of the last one: */
  get streams(): number {
    return this.#streams
  }

  get ssrc(): number {
    return this.#ssrc >>> 0
  }

  /** The highest sequence number, with its cycles in the upper 16 bits. */
  get highest(): number {
    return (this.#cycles + this.#highest) >>> 0
  }

  /** Packets that should have come by now. */
  get expected(): number {
    return this.#hasBegun ? this.#cycles + this.#highest - this.#base + 1 : 0
  }

  /** Packets that did, duplicates included. */
  get received(): number {
    return this.#received
  }

  /** `jitter` in units of the stream's timestamps. */
  get jitterUnits(): number {
    return Math.floor(((this.jitter ?? 0) * this.#clockRate) / 1000)
  }

  /**
   * Counts a packet that arrived at `now`. `clockRate` (Hz) is its timestamp's, 0 for a packet whose timestamp says
   * nothing of when it was sent: the events of RFC 4733 all carry the time of their beginning.
   */
  take(ssrc: number, sequence: number, timestamp: number, clockRate: number, now: Millis): void {
    if (!this.#hasBegun || (ssrc | 0) !== this.#ssrc) this.#begin(ssrc, sequence)
    if (this.#count(ssrc, sequence) && clockRate > 0) this.#measure(timestamp, clockRate, now)
  }

  get #lostNow(): number {
    return Math.max(0, this.expected - this.#received)
  }

  #begin(ssrc: number, sequence: number): void {
    this.#lostBefore += this.#lostNow
    this.#hasBegun = true
    this.#streams++
    this.#ssrc = ssrc | 0
    this.#base = sequence
    this.#highest = sequence
    this.#cycles = 0
    this.#received = 0
    this.#restart = NONE
    this.#arrived = NEVER
  }

  #count(ssrc: number, sequence: number): boolean {
    const ahead = (sequence - this.#highest + SEQUENCES) % SEQUENCES
    if (ahead < MAX_DROPOUT) {
      if (sequence < this.#highest) this.#cycles += SEQUENCES
      this.#highest = sequence
    } else if (ahead <= SEQUENCES - MAX_MISORDER) {
      // Two in a row at the new place: the peer restarted without telling. One alone is a stray and counts for nothing.
      const restarted = sequence === this.#restart
      this.#restart = (sequence + 1) % SEQUENCES
      if (!restarted) return false
      this.#begin(ssrc, sequence)
    }
    this.#received++
    return true
  }

  #measure(timestamp: number, clockRate: number, now: Millis): void {
    if (!Number.isNaN(this.#arrived)) {
      const sentApart = (((timestamp - this.#timestamp) | 0) * 1000) / clockRate
      const deviation = Math.abs(now - this.#arrived - sentApart)
      const jitter = this.jitter ?? 0
      this.#jitter = jitter + (deviation - jitter) / 16
    }
    this.#arrived = now
    this.#clockRate = clockRate
    this.#timestamp = timestamp | 0
  }
}
