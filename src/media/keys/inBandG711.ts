import type { Decoder } from '../../codecs/codec.ts'
import { codecNamed } from '../../codecs/codecs.ts'
import { payloadOffset } from '../../rtp/packet.ts'
import { InBandKeys, type Keys } from './inBandKeys.ts'

/** Octets of G.711 that stand for silence. */
const SILENCE: Readonly<Record<string, number>> = { 'pcmu/8000/1': 0xff, 'pcma/8000/1': 0xd5 }
/** No packet of G.711 is longer, samples. */
const LONGEST = 2048

/** Keys that are heard in packets of G.711 as they pass, and silenced there. */
export class InBandG711 {
  /** Which of the two it listens to. */
  readonly codec: string
  readonly #decoder: Decoder
  readonly #silence: number
  readonly #keys: InBandKeys
  readonly #pcm = new Int16Array(LONGEST)

  private constructor(codec: string, decoder: Decoder, silence: number, keys: Keys) {
    this.codec = codec
    this.#decoder = decoder
    this.#silence = silence
    this.#keys = new InBandKeys(8000, keys)
  }

  /** null: `codec` is not G.711. */
  static of(codec: string, keys: Keys): InBandG711 | null {
    const silence = SILENCE[codec]
    const decoder = codecNamed(codec)?.decoder()
    return silence === undefined || !decoder ? null : new InBandG711(codec, decoder, silence, keys)
  }

  /** Listens to a packet on its way, `octets` of payload, and makes silence of a key's sound. */
  take(packet: Uint8Array, octets: number): void {
    const at = payloadOffset(packet)
    const samples = this.#decoder.decode(packet.subarray(at, at + octets), this.#pcm)
    if (this.#keys.take(this.#pcm.subarray(0, samples))) packet.fill(this.#silence, at, at + octets)
  }

  close(): void {
    this.#keys.close()
  }
}
