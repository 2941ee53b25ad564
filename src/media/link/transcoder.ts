import type { Millis } from '../../platform/clock.ts'
import type { KnownFormat } from '../../rtp/format.ts'
import type { RtpLeg } from '../../rtp/rtpLeg.ts'
import { InBandKeys, type Keys } from '../keys/inBandKeys.ts'
import { voiceNamed } from '../madeCodecs.ts'
import { Hearing } from '../playout/hearing.ts'
import { TICK, type Ticker } from '../ticker.ts'
import { Sender } from './sender.ts'

/** After so long without sound to send it stops ticking, until a packet comes. */
const IDLE_TICKS = 250

/**
 * One direction of a link whose ends share no codec: packets go through a jitter buffer into sound, and every 20 ms the sound
 * of 20 ms into packets of the other side's codec.
 */
export class Transcoder {
  readonly hearing: Hearing
  readonly #leg: RtpLeg
  readonly #ticker: Ticker
  readonly #sender: Sender
  readonly #pcm: Int16Array
  readonly #inBand: InBandKeys | null
  #stop: (() => void) | null = null
  #idle = 0

  private constructor(leg: RtpLeg, sender: Sender, rate: number, ticker: Ticker, keys: Keys | null) {
    this.#leg = leg
    this.#sender = sender
    this.#ticker = ticker
    this.hearing = new Hearing(rate)
    this.#pcm = new Int16Array((rate * TICK) / 1000)
    this.#inBand = keys && new InBandKeys(rate, keys)
  }

  /**
   * From one that speaks `formats` to `leg`, in the first of its own that we can make; null: there is none. Where `keys` is
   * given, keys that are heard are pressed there, and taken out of the sound.
   */
  static to(leg: RtpLeg, formats: readonly KnownFormat[], ticker: Ticker, keys: Keys | null): Transcoder | null {
    const rate = Math.min(rateOf(formats), rateOf(leg.formats))
    const sender = rate > 0 ? Sender.to(leg, rate) : null
    return sender && new Transcoder(leg, sender, rate, ticker, keys)
  }

  /** Takes a packet of the one side. */
  take(packet: Uint8Array, octets: number, format: KnownFormat, now: Millis): void {
    this.#idle = 0
    this.hearing.take(packet, octets, format, now)
    this.#stop ??= this.#ticker.add(this.#tick, this.#sender.codec)
  }

  /** Whether it has sound to send. */
  get active(): boolean {
    return this.#stop !== null
  }

  stop(): void {
    this.#inBand?.close()
    this.#stop?.()
    this.#stop = null
  }

  readonly #tick = (now: Millis): void => {
    const isHeard = this.hearing.pull(this.#pcm, now)
    if (this.#leg.occupied) return
    if (isHeard) {
      this.#idle = 0
      if (this.#inBand?.take(this.#pcm)) this.#pcm.fill(0)
      return this.#sender.write(this.#pcm, now)
    }
    this.#sender.pause(this.#pcm.length, now)
    if (++this.#idle >= IDLE_TICKS) this.stop()
  }
}

/** What the first that we can make of them sounds at, Hz; 0: there is none. */
function rateOf(formats: readonly KnownFormat[]): number {
  for (const { codec } of formats) {
    const made = voiceNamed(codec)
    if (made) return made.spec.sampleRate
  }
  return 0
}
