import type { CodecSpec, Encoder } from '../codecs/codec.ts'
import { codecNamed } from '../codecs/codecs.ts'
import type { Millis } from '../platform/clock.ts'
import { HEADER_LENGTH, setMarker, setPayloadType, setSequenceNumber, setSsrc, setTimestamp } from '../rtp/packet.ts'
import type { KnownFormat, RtpLeg } from '../rtp/rtpLeg.ts'

/** No packet of sound is longer: 60 ms of G.711, and of Opus at its highest rate. */
const MAX_PAYLOAD = 1400
/** Lengths of packets that a peer may ask for, ms (RFC 3551 §4.2), and what it gets that asks for none. */
const MIN_PTIME: Millis = 10
const MAX_PTIME: Millis = 60
const USUAL_PTIME: Millis = 20

/** What packets of sound to a leg are made of. */
export interface SendingFormat {
  readonly format: KnownFormat
  readonly fmtp: string | null
  /** What the peer asked for, ms; null: nothing. */
  readonly ptime: Millis | null
}

/**
 * Makes packets for a leg out of sound: encodes it in frames as long as the peer wants them and gives each its place in time.
 * The leg gives them their final numbers, so that they go on from whatever it heard before.
 */
export class Sender {
  /** Hz; what `write` takes. */
  readonly sampleRate: number
  readonly #leg: RtpLeg
  readonly #format: KnownFormat
  readonly #encoder: Encoder
  readonly #packet = new Uint8Array(HEADER_LENGTH + MAX_PAYLOAD)
  readonly #payload = this.#packet.subarray(HEADER_LENGTH)
  readonly #frame: Int16Array
  /** RTP clock ticks that a frame takes. */
  readonly #step: number
  #filled = 0
  #sequence = 0
  #timestamp = 0
  /** Whether nothing was sent for the frame before: the next one begins a talk spurt (RFC 3551 §4.1). */
  #paused = true

  private constructor(leg: RtpLeg, { format, ptime }: SendingFormat, { sampleRate }: CodecSpec, encoder: Encoder) {
    const frame = frameLength(ptime, format.codec)
    this.sampleRate = sampleRate
    this.#leg = leg
    this.#format = format
    this.#encoder = encoder
    this.#frame = new Int16Array((sampleRate * frame) / 1000)
    this.#step = (format.clockRate * frame) / 1000
    this.#packet[0] = 0x80
    // The leg replaces it by its own; it tells this stream from all others that come to the leg.
    setSsrc(this.#packet, leg.outgoing.ssrc)
  }

  /** A sender of `sending` to `leg`, at `wantedRate` (Hz) where the codec leaves the choice; null: we can't make that codec. */
  static of(leg: RtpLeg, sending: SendingFormat, wantedRate: number): Sender | null {
    const codec = codecNamed(sending.format.codec, sending.fmtp, wantedRate)
    return codec && new Sender(leg, sending, codec.spec, codec.encoder())
  }

  /** Sends `pcm`, mono, as far as it fills frames; what is left waits for more. */
  write(pcm: Int16Array, now: Millis): void {
    for (let at = 0; at < pcm.length; ) {
      const taken = Math.min(pcm.length - at, this.#frame.length - this.#filled)
      for (let each = 0; each < taken; each++) this.#frame[this.#filled + each] = pcm[at + each] ?? 0
      this.#filled += taken
      at += taken
      if (this.#filled === this.#frame.length) this.#send(now)
    }
  }

  /** There is nothing to be heard for `samples`: time goes on, and what waits is sent with silence behind it. */
  pause(samples: number, now: Millis): void {
    if (this.#filled > 0) {
      this.#frame.fill(0, this.#filled)
      this.#send(now)
    }
    this.#paused = true
    this.#timestamp = (this.#timestamp + (samples * this.#format.clockRate) / this.sampleRate) | 0
  }

  #send(now: Millis): void {
    this.#filled = 0
    const octets = this.#encoder.encode(this.#frame, this.#payload)
    const { target } = this.#leg.source
    const isSent = octets > 0 && target !== null && this.#leg.sends
    if (isSent) {
      this.#number()
      const packet = this.#packet.subarray(0, HEADER_LENGTH + octets)
      this.#leg.send(packet, octets, this.#format.send, this.#format, target, now)
    }
    this.#paused = !isSent
    this.#timestamp = (this.#timestamp + this.#step) | 0
  }

  // The leg rewrote them when it sent the packet before.
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
