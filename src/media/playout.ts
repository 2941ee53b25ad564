import type { ConcealingDecoder, Decoder } from '../codecs/codec.ts'
import { Resampler } from '../codecs/resample.ts'
import type { Millis } from '../platform/clock.ts'
import { payloadOffset } from '../rtp/packet.ts'

// Stand-in until the jitter buffer is in: a fixed 40 ms, in the order of arrival.

export interface PlayoutFormat {
  readonly codec: string
  readonly clockRate: number
  readonly receive: number
}

export interface SoundOf {
  readonly decoder: Decoder | ConcealingDecoder
  readonly sampleRate: number
}

export class Playout {
  readonly #sampleRate: number
  readonly #decoderOf: (format: PlayoutFormat) => SoundOf | null
  readonly #decoders = new Map<string, { of: SoundOf; resampler: Resampler } | null>()
  #fifo: number[] = []
  #started = false

  constructor(sampleRate: number, decoderOf: (format: PlayoutFormat) => SoundOf | null) {
    this.#sampleRate = sampleRate
    this.#decoderOf = decoderOf
  }

  push(packet: Uint8Array, octets: number, format: PlayoutFormat, _now: Millis): void {
    let found = this.#decoders.get(format.codec)
    if (found === undefined) {
      const of = this.#decoderOf(format)
      found = of && { of, resampler: new Resampler(of.sampleRate, this.#sampleRate) }
      this.#decoders.set(format.codec, found)
    }
    if (!found) return
    const at = payloadOffset(packet)
    const pcm = new Int16Array(5760)
    const count = found.of.decoder.decode(packet.subarray(at, at + octets), pcm)
    const out = new Int16Array(5760)
    const made = found.resampler.resample(pcm.subarray(0, count), out)
    this.#fifo.push(...out.subarray(0, made))
  }

  pull(out: Int16Array, _now: Millis): boolean {
    if (!this.#started && this.#fifo.length < (this.#sampleRate * 40) / 1000) return false
    this.#started = this.#fifo.length >= out.length
    if (!this.#started) return false
    out.set(this.#fifo.splice(0, out.length))
    return true
  }
}
