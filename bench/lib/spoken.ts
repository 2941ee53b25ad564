import type { Codec } from '../../src/codecs/codec.ts'
import { pcmu } from '../../src/codecs/g711.ts'
import { opus } from '../../src/codecs/opus/opus.ts'
import { opusSettings } from '../../src/codecs/opus/opusSettings.ts'
import { payloadTypeOf, type SdpCodec } from './sipText.ts'
import { voice } from './voice.ts'

/** Seconds, after which it is said again. */
const LENGTH = 3
const FRAME = 20
const HEADER = 12
const OPUS_RATE = 48_000

/** A voice, encoded in packets of 20 ms; for Opus `loadOpus` must have been. */
export class Spoken {
  /** Ticks of its RTP clock to a frame. */
  readonly ticks: number
  readonly #type: number
  readonly #payloads: readonly Uint8Array[]

  constructor(named: SdpCodec) {
    const codec = codecOf(named)
    this.ticks = (codec.spec.clockRate * FRAME) / 1000
    this.#type = payloadTypeOf(named)
    this.#payloads = payloads(codec)
  }

  /** The packet of `frame` in the stream numbered `stream`: not all say the same at the same time. A new one, for sockets may send later. */
  packet(stream: number, frame: number): Buffer {
    const payload = this.#payloads[(frame + 7 * stream) % this.#payloads.length] ?? new Uint8Array()
    const packet = Buffer.allocUnsafe(HEADER + payload.length)
    packet[0] = 0x80
    packet[1] = this.#type
    packet.writeUInt16BE(frame & 0xffff, 2)
    packet.writeUInt32BE((frame * this.ticks) >>> 0, 4)
    packet.writeUInt32BE(stream, 8)
    packet.set(payload, HEADER)
    return packet
  }
}

function codecOf(named: SdpCodec): Codec {
  if (named === 'pcmu') return pcmu
  if (named === 'opus' || named === 'opusFec')
    return opus(OPUS_RATE, opusSettings(named === 'opus' ? null : 'useinbandfec=1'))
  throw new Error(`nobody speaks ${named} here`)
}

function payloads(codec: Codec): Uint8Array[] {
  const { sampleRate } = codec.spec
  const pcm = voice(sampleRate, LENGTH)
  const encoder = codec.encoder()
  const samples = (sampleRate * FRAME) / 1000
  const out = new Uint8Array(1400)
  return Array.from({ length: pcm.length / samples }, (_, at) => {
    const octets = encoder.encode(pcm.subarray(at * samples, (at + 1) * samples), out)
    return out.slice(0, octets)
  })
}
