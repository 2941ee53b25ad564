import { type DecoderAtRate, Voice } from './voice.ts'

/** What of a negotiated format playout must know. */
export interface PlayoutFormat {
  /** `name/rate` or `name/rate/channels`, as in SDP. */
  readonly codec: string
  /** RTP clock, Hz. */
  readonly clockRate: number
  /** Its payload type towards us. */
  readonly receive: number
}

/** A decoder for a format and the rate it decodes to, Hz: 8000, 16000, 24000 or 48000, mono; null: the format is no sound. */
export type DecoderOf = (format: PlayoutFormat) => DecoderAtRate | null

interface Negotiated {
  readonly codec: string
  readonly clockRate: number
  readonly voice: Voice | null
}

/** The formats of one stream as voices, which decode to one rate. A payload type that comes to mean another format gets another. */
export class Voices {
  readonly #sampleRate: number
  readonly #decoderOf: DecoderOf
  /** By payload type. */
  readonly #formats: (Negotiated | undefined)[] = []

  /** `sampleRate`: of what the voices give, Hz. `decoderOf` is asked once for a format. */
  constructor(sampleRate: number, decoderOf: DecoderOf) {
    this.#sampleRate = sampleRate
    this.#decoderOf = decoderOf
  }

  /** The voice of a negotiated format, made when its first packet comes; null: it is no sound. */
  of(format: PlayoutFormat): Voice | null {
    const { codec, clockRate, receive } = format
    const known = this.#formats[receive]
    if (known !== undefined && known.codec === codec && known.clockRate === clockRate) return known.voice
    const made = this.#decoderOf(format)
    const voice = made === null ? null : new Voice(made, this.#sampleRate, /^cn\//i.test(codec))
    this.#formats[receive] = { codec, clockRate, voice }
    return voice
  }
}
