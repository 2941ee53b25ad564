import { codecNamed } from '../../codecs/codecs.ts'
import type { Millis } from '../../platform/clock.ts'
import type { KnownFormat } from '../../rtp/format.ts'
import type { RtpTap } from '../../rtp/rtpLeg.ts'
import type { PlayoutStats } from '../engine.ts'
import { Playout } from './playout.ts'

/** What a leg's peer says, as sound: its packets go in, frames come out. */
export class Hearing implements RtpTap {
  readonly #playout: Playout

  /** `rate`: of the sound, Hz. */
  constructor(rate: number) {
    this.#playout = new Playout(rate, ({ codec }) => {
      const made = codecNamed(codec, null, rate)
      return made && { decoder: made.decoder(), sampleRate: made.spec.sampleRate }
    })
  }

  take(packet: Uint8Array, octets: number, format: KnownFormat, now: Millis): void {
    this.#playout.push(packet, octets, format, now)
  }

  /** What has become of its packets, as a copy that stands still. */
  stats(): PlayoutStats {
    const { delay, target, lost, late, dropped, concealed, removed, inserted } = this.#playout.stats
    return { delay, target, lost: lost + dropped, late, concealed, removed, inserted }
  }

  /** Fills `out` with what comes next; false: nothing is to be heard, and `out` is silent. */
  pull(out: Int16Array, now: Millis): boolean {
    return this.#playout.pull(out, now)
  }
}
