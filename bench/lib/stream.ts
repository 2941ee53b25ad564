import { isRtcp } from '../../src/rtp/packet.ts'

/** What came of one stream in one measurement. */
export interface Heard {
  /** Packets that there should have been, by their timestamps and by the time that passed. */
  readonly expected: number
  readonly received: number
  /** How far the time between each packet and the one before was from what it should be, ms. */
  readonly uneven: readonly number[]
}

const FRAME = 20

/** A stream of packets of 20 ms, judged as it comes. */
export class Stream {
  /** Ticks of its RTP clock to a frame. */
  readonly #ticks: number
  #isJudged = false
  #lastAt = 0
  #first = 0
  #last = 0
  #received = 0
  #uneven: number[] = []

  constructor(ticks: number) {
    this.#ticks = ticks
  }

  take(packet: Buffer, now: number): void {
    // What is no sound keeps the way open; and where the port below is another phone's, its reports come here.
    if (packet.length <= 12 || isRtcp(packet)) return
    const before = this.#lastAt
    this.#lastAt = now
    if (!this.#isJudged) return
    const timestamp = packet.readUInt32BE(4)
    if (this.#received++ === 0) this.#first = timestamp
    this.#last = timestamp
    if (before > 0) this.#uneven.push(Math.abs(now - before - FRAME))
  }

  begin(): void {
    this.#isJudged = true
  }

  /** After `frames` frames: a stream that lies between two of them has one less. */
  end(frames: number): Heard {
    this.#isJudged = false
    const received = this.#received
    const lasted = received === 0 ? 0 : ((this.#last - this.#first) | 0) / this.#ticks + 1
    return { expected: Math.max(received, Math.round(lasted), frames - 1), received, uneven: this.#uneven }
  }
}
