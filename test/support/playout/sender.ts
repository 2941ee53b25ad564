import type { ConcealingDecoder } from '../../../src/codecs/codec.ts'
import { Playout } from '../../../src/media/playout/playout.ts'
import type { PlayoutFormat } from '../../../src/media/playout/voices.ts'
import type { Millis } from '../../../src/platform/clock.ts'
import { rtp } from '../../rtp/rtpBytes.ts'

/** Formats a test can send: linear samples at two rates, comfort noise, events. */
export const L16: PlayoutFormat = { codec: 'L16/8000', clockRate: 8000, receive: 96 }
export const WIDE: PlayoutFormat = { codec: 'L16/16000', clockRate: 16_000, receive: 97 }
export const CN: PlayoutFormat = { codec: 'cn/8000/1', clockRate: 8000, receive: 13 }
export const EVENT: PlayoutFormat = { codec: 'telephone-event/8000', clockRate: 8000, receive: 101 }

/** Linear samples, low octet first. */
export function linear(perMs: number): ConcealingDecoder {
  return concealing(perMs, (payload, out) => {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
    const count = Math.min(out.length, payload.length >> 1)
    for (let i = 0; i < count; i++) out[i] = view.getInt16(2 * i, true)
    return count
  })
}

/** Conceals by the last 20 ms, ever quieter, which fade into what is decoded next. */
export function concealing(perMs: number, decode: ConcealingDecoder['decode']): ConcealingDecoder {
  const past = new Int16Array(20 * perMs)
  const join = 5 * perMs
  let concealed = 0
  const further = () => Math.max(0, 1 - concealed / (200 * perMs)) * (past[concealed++ % past.length] ?? 0)
  return {
    decode(payload, out) {
      const count = decode(payload, out)
      const newest = out.slice(Math.max(0, count - past.length), count)
      if (concealed > 0) for (let i = 0; i < join; i++) out[i] = further() * (1 - i / join) + ((out[i] ?? 0) * i) / join
      past.copyWithin(0, newest.length)
      past.set(newest, past.length - newest.length)
      concealed = 0
      return count
    },
    conceal(out) {
      for (let i = 0; i < out.length; i++) out[i] = Math.round(further())
    },
  }
}

/** What CN sounds like here. */
export const NOISE = 77

const noise: ConcealingDecoder = { decode: () => 0, conceal: (out) => void out.fill(NOISE) }

function decoderOf(format: PlayoutFormat) {
  if (format === L16) return { decoder: linear(8), sampleRate: 8000 }
  if (format === WIDE) return { decoder: linear(16), sampleRate: 16_000 }
  return format === CN ? { decoder: noise, sampleRate: 8000 } : null
}

/** A sender of a tone whose packets come when the test says, and a playout that is pulled each 20 ms. */
export class Sender {
  readonly playout: Playout
  readonly out: number[] = []
  /** Frame by frame, whether anything was to be heard. */
  readonly heard: boolean[] = []
  now: Millis = 1000
  sequence = 65_530
  timestamp = 0xffffff00
  ssrc = 1
  hertz = 400
  peak = 8000
  readonly #rate: number
  #phase = 0

  constructor(rate = 8000) {
    this.#rate = rate
    this.playout = new Playout(rate, decoderOf)
  }

  /** The next packet of the tone; the sender goes on whether it is sent or not. */
  next(format = L16, ms = 20, marker = false): () => void {
    const samples = (ms * format.clockRate) / 1000
    const payload = Buffer.alloc(2 * samples)
    for (let i = 0; i < samples; i++) {
      payload.writeInt16LE(Math.round(this.peak * Math.sin(this.#phase)), 2 * i)
      this.#phase += (2 * Math.PI * this.hertz) / format.clockRate
    }
    return this.#packet(format, payload, samples, marker)
  }

  /** A packet of another kind: noise, or an event that began at the sender's time. */
  other(format: PlayoutFormat): () => void {
    return this.#packet(format, Buffer.from([10, 0, 0, 160]), 0, false)
  }

  /** The sender is silent for `ms` of its own clock. */
  pause(ms: Millis): void {
    this.timestamp += ms * 8
  }

  /** Pulls what is due in the next `ms`. */
  listen(ms: Millis, frame = 20): void {
    for (const end = this.now + ms; this.now < end; this.now += frame) {
      const out = new Int16Array((frame * this.#rate) / 1000)
      this.heard.push(this.playout.pull(out, this.now))
      this.out.push(...out)
    }
  }

  /** Talks for `ms`: a packet each 20 ms, just in time. */
  talk(ms: Millis, format = L16): void {
    for (let at = 0; at < ms; at += 20) {
      this.next(format)()
      this.listen(20)
    }
  }

  #packet(format: PlayoutFormat, payload: Buffer, samples: number, marker: boolean): () => void {
    const { sequence, timestamp, ssrc } = this
    this.sequence++
    this.timestamp += samples
    const packet = rtp({ type: format.receive, marker, sequence, timestamp, ssrc, payload })
    return () => this.playout.push(packet, payload.length, format, this.now)
  }
}

/** The largest second difference of samples: how sharp their sharpest corner is. */
export function sharpest(samples: ArrayLike<number>): number {
  let most = 0
  for (let i = 2; i < samples.length; i++) {
    const bend = (samples[i] ?? 0) - 2 * (samples[i - 1] ?? 0) + (samples[i - 2] ?? 0)
    most = Math.max(most, Math.abs(bend))
  }
  return most
}
