import type { Millis } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import {
  emptyPacket,
  sequenceNumber,
  setMarker,
  setPayloadType,
  setSequenceNumber,
  setSsrc,
  setTimestamp,
  ssrc,
  timestamp,
} from './packet.ts'

/** RFC 3550 §A.1: a sequence number further ahead or behind belongs to another stream. */
const MAX_DROPOUT = 3000
const MAX_MISORDER = 100
/** How far a timestamp may differ from what the clock says before it is another timeline, ms. */
const MAX_JUMP = 5000
/** The least that lies between the packets of two sources, ms: the usual length of one. */
const FRAME = 20
/** Of a run: it is over; and nothing of it was sent yet, or since a packet of our own was put into it. */
const NONE = -2
const EMPTY = -1
/** No time yet. A number, for a field that is now a number, now null costs an allocation at each packet. */
const NEVER: Millis = Number.NaN

/** How the timestamps of a format run. */
export interface Timeline {
  /** RTP clock, Hz. */
  readonly clockRate: number
  /** Whether a timestamp says when its packet was sent; those of RFC 4733 events say when the event began. */
  readonly advances: boolean
}

/**
 * The one stream that a peer hears from us, whatever is linked to it: our SSRC, and sequence numbers and timestamps
 * that go on without a break (RFC 3550 §7.1). A run of packets from one source is moved by constant offsets, so that
 * the peer sees what the network lost or reordered before us. A new run begins with the marker set: at another source,
 * after a pause that we imposed, and where sequence numbers or timestamps jump.
 */
export class OutgoingStream {
  readonly ssrc: number
  /** The sequence number that the first packet has. */
  readonly firstSequence: number
  /** The highest sequence number sent. */
  #sequence: number
  /** The last timestamp that said when it was sent, modulo 2^32 as an Int32 (a larger number would be an object), and when. */
  #timestamp: number
  #sentAt = NEVER
  #clockRate = 8000
  #source = 0
  #sequenceOffset = 0
  #timestampOffset = 0
  /** How far `#sequence` is beyond the first that may come once more, `EMPTY`: none may; `NONE`: the next packet begins a run. */
  #run = NONE

  constructor(random: Random) {
    this.ssrc = random.integer(2 ** 32)
    this.#sequence = random.integer(2 ** 15)
    this.firstSequence = this.#sequence + 1
    this.#timestamp = random.integer(2 ** 32) | 0
  }

  /** The RTP clock of the last packet that said when it was sent, Hz. */
  get clockRate(): number {
    return this.#clockRate
  }

  /** Ends the run: what comes next is not the continuation of what went before, even if it looks so. */
  interrupt(): void {
    this.#run = NONE
  }

  /**
   * Makes `packet` the next of this stream, in place, with payload type `type`. False: it is a late one from before the
   * run, whose place in the stream is taken, and must not be sent.
   */
  rewrite(packet: Uint8Array, type: number, timeline: Timeline, now: Millis): boolean {
    if (!this.#continues(packet, timeline, now)) this.#begin(packet, timeline, now)
    const sequence = (sequenceNumber(packet) + this.#sequenceOffset) & 0xffff
    const step = int16(sequence - this.#sequence)
    if (this.#run + step < 0) return false
    const time = (timestamp(packet) + this.#timestampOffset) | 0
    setPayloadType(packet, type)
    setSequenceNumber(packet, sequence)
    setTimestamp(packet, time)
    setSsrc(packet, this.ssrc)
    if (step > 0) {
      this.#sequence = sequence
      this.#run += step
      if (timeline.advances) {
        this.#timestamp = time
        this.#sentAt = now
      }
    }
    return true
  }

  /**
   * Makes `packet` the next of this stream, in place, between those of whatever run is under way: a key pressed (RFC 4733).
   * `timestamp`: as `timeAt` gives it.
   */
  insert(packet: Uint8Array, type: number, timestamp: number, now: Millis): void {
    if (Number.isNaN(this.#sentAt)) {
      // The stream begins with it, and has a time from now on.
      this.#timestamp = timestamp | 0
      this.#sentAt = now
    }
    this.#sequence = (this.#sequence + 1) & 0xffff
    // The run goes on behind it; what comes late from before it would take numbers that are taken.
    this.#sequenceOffset++
    if (this.#run !== NONE) this.#run = EMPTY
    setPayloadType(packet, type)
    setSequenceNumber(packet, this.#sequence)
    setTimestamp(packet, timestamp)
    setSsrc(packet, this.ssrc)
  }

  /** What the stream's timestamp is at `now`, modulo 2^32 as an Int32. */
  timeAt(now: Millis): number {
    const elapsed = Number.isNaN(this.#sentAt) ? 0 : now - this.#sentAt
    return (this.#timestamp + Math.round((elapsed * this.#clockRate) / 1000)) | 0
  }

  /** A packet without payload that takes the next place in the stream (RFC 6263 §4.6). */
  keepalive(type: number, now: Millis): Uint8Array {
    const packet = emptyPacket()
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.interrupt()
    setPayloadType(packet, type)
    setSequenceNumber(packet, this.#sequence)
    setTimestamp(packet, this.timeAt(now))
    setSsrc(packet, this.ssrc)
    return packet
  }

  #continues(packet: Uint8Array, { clockRate, advances }: Timeline, now: Millis): boolean {
    if (this.#run === NONE || (ssrc(packet) | 0) !== this.#source) return false
    const step = int16(sequenceNumber(packet) + this.#sequenceOffset - this.#sequence)
    if (step >= MAX_DROPOUT || step <= -MAX_MISORDER) return false
    if (!advances) return true
    if (clockRate !== this.#clockRate) return false
    const drift = (timestamp(packet) + this.#timestampOffset - this.timeAt(now)) | 0
    return Math.abs(drift) * 1000 < MAX_JUMP * clockRate
  }

  #begin(packet: Uint8Array, { clockRate, advances }: Timeline, now: Millis): void {
    if (advances) this.#clockRate = clockRate
    if (!Number.isNaN(this.#sentAt)) this.#timestamp = this.timeAt(Math.max(now, this.#sentAt + FRAME))
    this.#sentAt = now
    this.#source = ssrc(packet) | 0
    this.#sequenceOffset = this.#sequence + 1 - sequenceNumber(packet)
    this.#timestampOffset = (this.#timestamp - timestamp(packet)) | 0
    this.#run = EMPTY
    setMarker(packet)
  }
}

function int16(value: number): number {
  return (value << 16) >> 16
}
