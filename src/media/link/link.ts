import type { Digit } from '../../codecs/tones/dtmf.ts'
import type { Millis } from '../../platform/clock.ts'
import type { RtpLeg } from '../../rtp/rtpLeg.ts'
import type { Hearing } from '../playout/hearing.ts'
import type { Ticker } from '../ticker.ts'
import { Lane, type LaneEnd } from './lane.ts'

/** What joins a leg to another, wherever that is. */
export interface Joint {
  /** Takes in what either leg now negotiated. */
  refresh(): void
  /** The peer of `from` presses a key, as an event. */
  press(from: RtpLeg, digit: Digit): void
  /** It lets go of the key after `duration`. */
  release(from: RtpLeg, duration: Millis): void
  /** What the peer of `from` says, where it goes on as sound here; null: its packets pass. */
  heard(from: RtpLeg): Hearing | null
  close(): void
}

/**
 * Two legs that hear each other, or one that hears itself. Packets of a codec that both sides negotiated pass straight
 * through, renumbered in place; so do those of the other G.711, by a table. All others are decoded and encoded anew. Keys
 * are told each side in the way it knows, and in one way only.
 */
export class Link implements Joint {
  readonly #lanes: readonly Lane[]

  constructor(a: LaneEnd, b: LaneEnd, ticker: Ticker) {
    this.#lanes = a === b ? [new Lane(a.rtp, a, ticker)] : [new Lane(a.rtp, b, ticker), new Lane(b.rtp, a, ticker)]
  }

  refresh(): void {
    for (const lane of this.#lanes) lane.refresh()
  }

  heard(from: RtpLeg): Hearing | null {
    return this.#lanes.find((lane) => lane.from === from)?.heard ?? null
  }

  press(from: RtpLeg, digit: Digit): void {
    for (const lane of this.#lanes) if (lane.from === from) lane.press(digit)
  }

  release(from: RtpLeg, duration: Millis): void {
    for (const lane of this.#lanes) if (lane.from === from) lane.release(duration)
  }

  close(): void {
    for (const lane of this.#lanes) lane.close()
  }
}
