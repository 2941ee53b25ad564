import { codecNamed } from '../codecs/codecs.ts'
import type { Millis } from '../platform/clock.ts'
import type { KnownFormat, RtpLeg } from '../rtp/rtpLeg.ts'
import { Playout } from './playout.ts'
import { Sender } from './sender.ts'
import { TICK, type Ticker } from './ticker.ts'

/** After so long without sound to send it stops ticking, until a packet comes. */
const IDLE_TICKS = 250

/**
 * One direction of a link whose ends share no codec: packets go through a jitter buffer into sound, and every 20 ms the sound
 * of 20 ms into packets of the other side's codec.
 */
export class Transcoder {
  readonly #ticker: Ticker
  readonly #sender: Sender
  readonly #playout: Playout
  readonly #pcm: Int16Array
  #stop: (() => void) | null = null
  #idle = 0

  private constructor(ticker: Ticker, sender: Sender) {
    const { sampleRate } = sender
    this.#ticker = ticker
    this.#sender = sender
    this.#playout = new Playout(sampleRate, (format) => soundOf(format.codec, sampleRate))
    this.#pcm = new Int16Array((sampleRate * TICK) / 1000)
  }

  /** To `leg`, in the first of its formats that we can make; null: there is none. */
  static to(leg: RtpLeg, from: readonly KnownFormat[], ticker: Ticker): Transcoder | null {
    const format = leg.formats.find(({ codec }) => codecNamed(codec))
    const source = from.find(({ codec }) => codecNamed(codec))
    if (!format || !source) return null
    const rate = codecNamed(source.codec)?.spec.sampleRate ?? format.clockRate
    const sender = Sender.of(leg, { format, fmtp: format.fmtp, ptime: leg.ptime }, rate)
    return sender && new Transcoder(ticker, sender)
  }

  /** Takes a packet of the one side. */
  take(packet: Uint8Array, octets: number, format: KnownFormat, now: Millis): void {
    this.#idle = 0
    this.#playout.push(packet, octets, format, now)
    this.#stop ??= this.#ticker.add(this.#tick)
  }

  /** Whether it has sound to send. */
  get active(): boolean {
    return this.#stop !== null
  }

  stop(): void {
    this.#stop?.()
    this.#stop = null
  }

  readonly #tick = (now: Millis): void => {
    if (this.#playout.pull(this.#pcm, now)) {
      this.#idle = 0
      return this.#sender.write(this.#pcm, now)
    }
    this.#sender.pause(this.#pcm.length, now)
    if (++this.#idle >= IDLE_TICKS) this.stop()
  }
}

function soundOf(name: string, wantedRate: number) {
  const codec = codecNamed(name, null, wantedRate)
  return codec && { decoder: codec.decoder(), sampleRate: codec.spec.sampleRate }
}
