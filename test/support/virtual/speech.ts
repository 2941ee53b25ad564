import type { Codec } from '../../../src/codecs/codec.ts'
import { type Sound, tone } from '../audio.ts'
import type { Heard } from './audio.ts'
import type { VirtualPhone } from './phone.ts'

/** Octets of 20 ms in G.711 and G.722. */
const PACKET = 160

/** A phone's mouth: each call sends the next 20 ms of a tone of `hz`. */
export function mouth(phone: VirtualPhone, codec: Codec, payloadType: number, hz: number): { next(): void } {
  const rate = codec.spec.sampleRate
  const [sound, encoder, octets] = [tone(hz, 3, rate).samples, codec.encoder(), Buffer.alloc(PACKET)]
  let at = 0
  return {
    next() {
      encoder.encode(sound.subarray(at, at + rate / 50), octets)
      at += rate / 50
      phone.says(octets.toString('latin1'), payloadType)
    },
  }
}

/** The payloads of one payload type, one after the other. */
export function octetsOf(heard: readonly Heard[], payloadType: number): Uint8Array {
  const packets = heard.filter((packet) => packet.payloadType === payloadType)
  return Uint8Array.from(Buffer.concat(packets.map(({ words }) => Buffer.from(words, 'latin1'))))
}

/** What the packets of one payload type sound like, played without a pause. */
export function soundOf(heard: readonly Heard[], codec: Codec, payloadType: number): Sound {
  const rate = codec.spec.sampleRate
  const octets = octetsOf(heard, payloadType)
  const samples = new Int16Array((octets.length * rate) / 8000)
  codec.decoder().decode(octets, samples)
  return { rate, samples }
}

/** Where a stream does not go on by one packet: another SSRC, or another number than the next. */
export function jumps(heard: readonly Heard[]): string[] {
  return heard.slice(1).flatMap(({ sequence, ssrc }, at) => {
    const before = heard[at]
    if (before?.ssrc === ssrc && sequence === ((before.sequence + 1) & 0xffff)) return []
    return [`${before?.ssrc}/${before?.sequence} ${ssrc}/${sequence}`]
  })
}
