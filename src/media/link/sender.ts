import type { Codec, Encoder } from '../../codecs/codec.ts'
import { Resampler } from '../../codecs/resample.ts'
import type { Millis } from '../../platform/clock.ts'
import type { KnownFormat } from '../../rtp/format.ts'
import { HEADER_LENGTH, setMarker, setPayloadType, setSequenceNumber, setSsrc, setTimestamp } from '../../rtp/packet.ts'
import type { RtpLeg } from '../../rtp/rtpLeg.ts'
import { voiceNamed } from '../madeCodecs.ts'

/** No packet of sound is longer, octets: 60 ms of G.711, and of Opus at its highest rate. */
const MAX_PAYLOAD = 1400
/** Lengths of packets that a peer may ask for, ms (RFC 3551 §4.2), and what it gets that asks for none. */
const MIN_PTIME: Millis = 10
const MAX_PTIME: Millis = 60
const USUAL_PTIME: Millis = 20
/** What is written at once at most, ms. */
const MAX_WRITE: Millis = 60

/**
 * Makes packets for a leg out of sound: encodes it in frames as long as the peer wants them and gives each its place in time.
 * The leg gives them their final numbers, so that they go on from whatever it heard before. One speaks to a leg at a time.
 */
export class Sender {
  /** What it encodes to, as `codec` of a format. */
  readonly codec: string
  readonly #leg: RtpLeg
  readonly #format: KnownFormat
  readonly #encoder: Encoder
  readonly #resampler: Resampler
  readonly #resampled: Int16Array
  readonly #packet = new Uint8Array(HEADER_LENGTH + MAX_PAYLOAD)
  readonly #payload = this.#packet.subarray(HEADER_LENGTH)
  /** By the octets of payload, the packet: a view costs an object, and most lengths come again and again. */
  readonly #packets: (Uint8Array | undefined)[] = []
  readonly #frame: Int16Array
  /** RTP clock ticks to a frame, and to a sample of what is written. */
  readonly #frameTicks: number
  readonly #sampleTicks: number
  #filled = 0
  #sequence = 0
  #timestamp = 0
  /** Whether nothing was sent for the frame before: the next one begins a talk spurt (RFC 3551 §4.1). */
  #paused = true

  private constructor(leg: RtpLeg, format: KnownFormat, codec: Codec, rate: number) {
    const { sampleRate } = codec.spec
    const ptime = frameLength(leg.ptime, format.codec)
    this.codec = format.codec
    this.#leg = leg
    this.#format = format
    this.#encoder = codec.encoder()
    this.#resampler = new Resampler(rate, sampleRate)
    this.#resampled = new Int16Array((sampleRate * MAX_WRITE) / 1000)
    this.#frame = new Int16Array((sampleRate * ptime) / 1000)
    this.#frameTicks = (format.clockRate * ptime) / 1000
    this.#sampleTicks = format.clockRate / rate
    this.#packet[0] = 0x80
    // It is no continuation of what somebody else sent.
    leg.outgoing.interrupt()
  }

  /** To `leg`, of sound of `rate` Hz, mono, in the first of its formats that we can make; null: there is none. */
  static to(leg: RtpLeg, rate: number): Sender | null {
    for (const format of leg.formats) {
      const codec = voiceNamed(format.codec, format.fmtp, rate)
      if (codec) return new Sender(leg, format, codec, rate)
    }
    return null
  }

  /** Sends `pcm`, of 60 ms at most, as far as it fills frames; what is left waits for more. */
  write(pcm: Int16Array, now: Millis): void {
    const count = this.#resampler.resample(pcm, this.#resampled)
    for (let at = 0; at < count; ) {
      const taken = Math.min(count - at, this.#frame.length - this.#filled)
      for (let each = 0; each < taken; each++) this.#frame[this.#filled + each] = this.#resampled[at + each] ?? 0
      this.#filled += taken
      at += taken
      if (this.#filled === this.#frame.length) this.#send(now)
    }
  }

  /** For `samples` there is nothing to be heard: what waits is sent with silence behind it, and time goes on. */
  pause(samples: number, now: Millis): void {
    if (this.#filled > 0) {
      this.#frame.fill(0, this.#filled)
      this.#send(now)
    }
    this.#paused = true
    this.#timestamp = (this.#timestamp + Math.round(samples * this.#sampleTicks)) | 0
  }

  #send(now: Millis): void {
    this.#filled = 0
    const octets = this.#encoder.encode(this.#frame, this.#payload)
    const { target } = this.#leg.source
    const isSent = octets > 0 && target !== null && this.#leg.sends
    if (isSent) {
      this.#number()
      this.#packets[octets] ??= this.#packet.subarray(0, HEADER_LENGTH + octets)
      const packet = this.#packets[octets] ?? this.#packet
      this.#leg.send(packet, octets, this.#format.send, this.#format, target, now)
    }
    this.#paused = !isSent
    this.#timestamp = (this.#timestamp + this.#frameTicks) | 0
  }

  // Anew for each, for the leg has rewritten those of the last one.
  #number(): void {
    const packet = this.#packet
    this.#sequence = (this.#sequence + 1) & 0xffff
    packet[1] = 0
    if (this.#paused) setMarker(packet)
    setPayloadType(packet, this.#format.send)
    setSequenceNumber(packet, this.#sequence)
    setTimestamp(packet, this.#timestamp)
    setSsrc(packet, this.#leg.outgoing.ssrc)
  }
}

/** What Opus has no frame of becomes the next shorter that it has (RFC 6716 §2.1.4). */
function frameLength(ptime: Millis | null, codec: string): Millis {
  const asked = Math.min(MAX_PTIME, Math.max(MIN_PTIME, 10 * Math.floor((ptime ?? USUAL_PTIME) / 10)))
  if (!codec.startsWith('opus/')) return asked
  return asked === 30 ? 20 : asked === 50 ? 40 : asked
}
