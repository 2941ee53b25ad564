import { clamp } from '../clamp.ts'
import type { Codec, ConcealingDecoder, Encoder } from '../codec.ts'
import { type NativeOpus, nativeOpus, OPUS_RATES, type RawDecoder, rawDecoder } from './opusLibrary.ts'
import { carriesPrevious, lostFrame, packetLength } from './opusPacket.ts'
import type { OpusSettings } from './opusSettings.ts'

/** A decoder that can also take from a packet what was said before it. */
export interface RecoveringDecoder extends ConcealingDecoder {
  /**
   * Where the packet just before `next` is missing, and nothing was concealed in its place: fills `out`, as long as what is
   * missing, from what `next` repeats of it, and gives how many samples that are; 0: `next` repeats nothing, conceal instead.
   * `next` itself is still to be decoded.
   */
  recover(next: Uint8Array, out: Int16Array): number
}

/** How Opus is on the wire, at whatever rate it is encoded (RFC 7587 §4.1 and §7): the RTP format is always opus/48000/2. */
const CLOCK_RATE = 48_000

/** Requests of opus_encoder_ctl, and values that are no numbers (libopus, opus_defines.h). */
const SET_APPLICATION = 4000
const SET_BITRATE = 4002
const SET_MAX_BANDWIDTH = 4004
const SET_VBR = 4006
const SET_COMPLEXITY = 4010
const SET_INBAND_FEC = 4012
const SET_PACKET_LOSS = 4014
const SET_DTX = 4016
const SET_SIGNAL = 4024
const VOIP = 2048
const VOICE = 3001
const NARROWBAND = 1101

/**
 * How long libopus looks for the best it can do, of 10. Beyond 5 time doubles for what little is gained on voice. Narrow-band
 * loses next to nothing by 1, which takes half as long; with FEC it loses more, and by 0 libopus repeats nothing.
 */
const COMPLEXITY = { narrow: 1, narrowWithFec: 3, wide: 5 } as const
/** What the encoder is told of the network where the peer wants FEC, %: libopus repeats nothing where nothing is lost. */
const EXPECTED_LOSS = 10
/** Bits a second; narrow-band with FEC needs 24,000, or libopus leaves FEC out to have bits for the voice itself. */
const BITRATES = { narrow: 18_000, narrowWithFec: 24_000, wide: 28_000, full: 32_000 } as const

/** Lengths of frames that are encoded, in units of 10 ms: of any other length the native encoder ends the process. */
const FRAMES: readonly number[] = [1, 2, 4, 6]
/** libopus makes packets as short as this of frames that need not be sent (DTX). */
const UNSENT = 2

/** Concealment is as loud as it comes for so long, and fades to nothing in as long again, ms. */
const HOLD = 60
const FADE = 140
/** How long what is decoded takes to be loud again, where concealment had faded, ms. */
const RISE = 5

/**
 * Opus (RFC 6716), mono inside, at one of 8000, 12000, 16000, 24000 or 48000 Hz: libopus encodes from and decodes to any of
 * them, and to mono from stereo, whatever the other side has. Throws RangeError for another rate, and its encoders and
 * decoders throw where Opus was not loaded.
 */
export function opus(sampleRate: number, settings: OpusSettings): Codec {
  if (!OPUS_RATES.includes(sampleRate)) throw new RangeError(`No sample rate of Opus: ${sampleRate} Hz`)
  return {
    spec: { name: 'opus', clockRate: CLOCK_RATE, sampleRate, channels: 1, ptime: 20 },
    encoder: () => new OpusEncoder(sampleRate, settings),
    decoder: (): RecoveringDecoder => new OpusDecoder(sampleRate),
  }
}

class OpusEncoder implements Encoder {
  readonly #opus: NativeOpus
  readonly #pcm: Int16Array
  /** Samples in 10 ms. */
  readonly #unit: number
  /** The octets of `#pcm` by the length of a frame, in units of 10 ms. */
  readonly #frames: readonly (Uint8Array | null)[]

  constructor(sampleRate: number, settings: OpusSettings) {
    this.#unit = sampleRate / 100
    const pcm = new Int16Array(6 * this.#unit)
    this.#pcm = pcm
    const octets = (length: number) => new Uint8Array(pcm.buffer, 0, 2 * length * this.#unit)
    this.#frames = Array.from({ length: 7 }, (_, length) => (FRAMES.includes(length) ? octets(length) : null))
    this.#opus = nativeOpus(sampleRate)
    for (const [request, value] of requests(sampleRate, settings)) this.#opus.applyEncoderCTL(request, value)
  }

  /**
   * `pcm` is 10, 20, 40 or 60 ms; throws RangeError for another length, and where `out` has no room. Unlike other codecs it
   * allocates: the library gives each packet as a Buffer of its own.
   */
  encode(pcm: Int16Array, out: Uint8Array): number {
    const frame = this.#frames[pcm.length / this.#unit]
    if (!frame) throw new RangeError(`Opus has no frames of ${pcm.length} samples`)
    this.#pcm.set(pcm)
    const packet = this.#opus.encode(frame)
    if (packet.length <= UNSENT) return 0
    out.set(packet)
    return packet.length
  }
}

function requests(sampleRate: number, settings: OpusSettings): readonly (readonly [number, number])[] {
  const { fec, dtx, cbr, maxPlaybackRate } = settings
  return [
    // Only before the first frame.
    [SET_APPLICATION, VOIP],
    [SET_SIGNAL, VOICE],
    [SET_COMPLEXITY, complexityOf(sampleRate, fec)],
    [SET_MAX_BANDWIDTH, bandwidthOf(maxPlaybackRate)],
    [SET_BITRATE, bitrateOf(Math.min(sampleRate, maxPlaybackRate), settings)],
    [SET_VBR, cbr ? 0 : 1],
    [SET_INBAND_FEC, fec ? 1 : 0],
    [SET_PACKET_LOSS, fec ? EXPECTED_LOSS : 0],
    [SET_DTX, dtx ? 1 : 0],
  ]
}

/** The widest that a player of `rate` has any use for: narrow-band is 8 kHz, then 12, 16, 24 and 48. */
function bandwidthOf(rate: number): number {
  return NARROWBAND + OPUS_RATES.filter((each) => each > 8000 && each <= rate).length
}

/** By the rate that is encoded from: it is what libopus works on, however little the peer can play. */
function complexityOf(sampleRate: number, fec: boolean): number {
  if (sampleRate >= 16_000) return COMPLEXITY.wide
  return fec ? COMPLEXITY.narrowWithFec : COMPLEXITY.narrow
}

function bitrateOf(rate: number, { fec, maxAverageBitrate }: OpusSettings): number {
  const narrow = fec ? BITRATES.narrowWithFec : BITRATES.narrow
  const wanted = rate < 16_000 ? narrow : rate < 48_000 ? BITRATES.wide : BITRATES.full
  return Math.min(wanted, maxAverageBitrate ?? wanted)
}

class OpusDecoder implements RecoveringDecoder {
  readonly #raw: RawDecoder
  /** Samples in a ms. */
  readonly #unit: number
  /** A packet of the last one's kind without anything in it, for concealment; its TOC comes from the packet before. */
  readonly #lost = new Uint8Array(1)
  #toc = -1
  /** What was concealed and not asked for yet, from `#restAt` on. */
  #rest: Int16Array = new Int16Array(0)
  #restAt = 0
  /** How much was concealed in a row, samples, and how loud the last of it was, from 0 to 1. */
  #concealed = 0
  #gain = 1

  constructor(sampleRate: number) {
    this.#raw = rawDecoder(sampleRate)
    this.#unit = sampleRate / 1000
  }

  /** Allocates: the library gives what it decodes as an array of its own. What cannot be decoded gives 0 samples. */
  decode(payload: Uint8Array, out: Int16Array): number {
    if (packetLength(payload) === 0) return 0
    try {
      const pcm = this.#raw.decode(payload)
      this.#toc = payload[0] ?? 0
      return this.#deliver(pcm, out)
    } catch {
      // Broken inside: as good as lost.
      return 0
    }
  }

  recover(next: Uint8Array, out: Int16Array): number {
    if (this.#raw.recover === null || packetLength(next) === 0 || !carriesPrevious(next)) return 0
    try {
      return this.#deliver(this.#raw.recover(next, out.length), out)
    } catch {
      return 0
    }
  }

  conceal(out: Int16Array, next?: Uint8Array): void {
    if (next !== undefined && this.#restAt === this.#rest.length && this.recover(next, out) === out.length) return
    for (let at = 0; at < out.length; at++) {
      if (this.#restAt === this.#rest.length) this.#concealMore(out.length - at)
      out[at] = this.#faded(this.#rest[this.#restAt++] ?? 0)
    }
  }

  /** Takes `pcm` to `out`, rising from where concealment had faded to. */
  #deliver(pcm: Int16Array, out: Int16Array): number {
    const count = Math.min(pcm.length, out.length)
    const rise = 1 / (RISE * this.#unit)
    for (let at = 0; at < count; at++) {
      if (this.#gain < 1) this.#gain = Math.min(1, this.#gain + rise)
      out[at] = this.#gain * (pcm[at] ?? 0)
    }
    this.#restAt = this.#rest.length
    this.#concealed = 0
    return count
  }

  /** Has the library conceal a frame: 20 ms where so many samples are wanted, for it fades by frames, else 10. */
  #concealMore(wanted: number): void {
    this.#restAt = 0
    const length = wanted >= 20 * this.#unit ? 20 : 10
    if (this.#toc < 0) {
      // Nothing was ever heard.
      this.#rest = new Int16Array(length * this.#unit)
      return
    }
    this.#lost[0] = lostFrame(this.#toc, length)
    this.#rest = this.#raw.decode(this.#lost)
  }

  #faded(sample: number): number {
    this.#concealed++
    const late = this.#concealed / this.#unit - HOLD
    if (late > 0) this.#gain = Math.min(this.#gain, clamp(1 - late / FADE, 0, 1))
    return this.#gain * sample
  }
}
