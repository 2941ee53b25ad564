import type { Millis } from '../../platform/clock.ts'

/** RFC 3550 §A.1: sequence numbers further ahead, or further behind, are no loss but another stream. */
const MAX_DROPOUT = 3000
const MAX_MISORDER = 200
const SEQUENCES = 2 ** 16
/** Between two streams of one leg, so that their extended sequence numbers never meet. */
const APART = 2 ** 17
const NONE = -1
/** A change of the transit time by more than this is the sender's clock that was set, or a sender that paused it. */
const JUMP: Millis = 2000
/** Packets this near each other in arrival, against what they are apart in order, go on in one breath. */
const TOGETHER: Millis = 200

/** What a packet is to the stream it came in; `stray` proves nothing and is to be dropped. */
export type Standing = 'continues' | 'restarted' | 'stray'

/**
 * One line of order and time under all packets of a leg: sequence numbers without their wrap, timestamps as ms, and neither
 * broken by another SSRC, another clock rate (RFC 7160) or a timestamp that jumps.
 */
export class MediaTimeline {
  /** Of the packet taken last: its extended sequence number. */
  sequence = 0
  /** Of the packet taken last: when it was sampled, ms from an arbitrary start; meaningless if it had no clock. */
  time: Millis = 0

  #hasBegun = false
  #ssrc = 0
  #newest = 0
  /** The sequence number that would prove a jump to be a restart. */
  #restart = NONE
  /** The packet with a clock that is newest in order: what others are measured from. */
  readonly #mark = { sequence: 0, timestamp: 0, clockRate: 0, time: 0, arrived: 0, spacing: 20 }

  /**
   * Places a packet that arrived at `now`. `clockRate` (Hz) is its timestamp's; 0 for one whose timestamp does not advance:
   * the events of RFC 4733 carry the time of their beginning, so they have an order but no `time`.
   */
  take(ssrc: number, sequence: number, timestamp: number, clockRate: number, now: Millis): Standing {
    const standing = this.#place(ssrc | 0, sequence)
    if (standing !== 'stray' && clockRate > 0) this.#setTime(timestamp | 0, clockRate, now)
    return standing
  }

  #place(ssrc: number, sequence: number): Standing {
    if (!this.#hasBegun || ssrc !== this.#ssrc) return this.#begin(ssrc, sequence)
    const ahead = (sequence - this.#newest) & (SEQUENCES - 1)
    if (ahead >= MAX_DROPOUT && ahead < SEQUENCES - MAX_MISORDER) {
      // Two in a row at the new place: the peer restarted without telling.
      if (sequence === this.#restart) return this.#begin(ssrc, sequence)
      this.#restart = (sequence + 1) & (SEQUENCES - 1)
      return 'stray'
    }
    this.sequence = this.#newest + (ahead < MAX_DROPOUT ? ahead : ahead - SEQUENCES)
    if (this.sequence > this.#newest) this.#newest = this.sequence
    return 'continues'
  }

  #begin(ssrc: number, sequence: number): Standing {
    this.#newest += APART
    this.#newest += (sequence - this.#newest) & (SEQUENCES - 1)
    this.sequence = this.#newest
    this.#hasBegun = true
    this.#ssrc = ssrc
    this.#restart = NONE
    // What its timestamps count from is unknown: the next one is placed by its arrival.
    this.#mark.clockRate = 0
    return 'restarted'
  }

  #setTime(timestamp: number, clockRate: number, now: Millis): void {
    const mark = this.#mark
    const apart = (((timestamp - mark.timestamp) | 0) * 1000) / clockRate
    const isJump = clockRate !== mark.clockRate || Math.abs(now - mark.arrived - apart) > JUMP
    this.time = isJump ? this.#timeAfterJump(mark.clockRate !== 0, now) : mark.time + apart
    if (this.sequence <= mark.sequence && !isJump) return
    const steps = this.sequence - mark.sequence
    if (steps === 1 && !isJump && apart > 0 && apart <= 120) mark.spacing = apart
    mark.sequence = this.sequence
    mark.timestamp = timestamp
    mark.clockRate = clockRate
    mark.time = this.time
    mark.arrived = now
  }

  /** The timestamp tells nothing: in one breath with the packets before it goes on where they end, else when it came. */
  #timeAfterJump(isOneStream: boolean, now: Millis): Millis {
    const mark = this.#mark
    const arrivedApart = now - mark.arrived
    const apart = (this.sequence - mark.sequence) * mark.spacing
    const goesOn = isOneStream && Math.abs(arrivedApart - apart) < TOGETHER
    return mark.time + (goesOn ? apart : arrivedApart)
  }
}
