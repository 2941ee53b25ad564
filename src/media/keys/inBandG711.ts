import type { Decoder } from '../../codecs/codec.ts'
import { pcma, pcmu } from '../../codecs/g711.ts'
import { payloadOffset } from '../../rtp/packet.ts'
import { InBandKeys, type Keys } from './inBandKeys.ts'

/** No packet of G.711 is longer, samples. */
const LONGEST = 2048

/** One of the two laws: its decoder, and the octet that stands for silence. */
interface Law {
  readonly decoder: Decoder
  readonly silence: number
}

/** Keys that are heard in packets of G.711 as they pass, whichever law each is of, and silenced there. */
export class InBandG711 {
  readonly #laws: ReadonlyMap<string, Law> = new Map([
    ['pcmu/8000/1', { decoder: pcmu.decoder(), silence: 0xff }],
    ['pcma/8000/1', { decoder: pcma.decoder(), silence: 0xd5 }],
  ])
  readonly #keys: InBandKeys
  readonly #pcm = new Int16Array(LONGEST)

  constructor(keys: Keys) {
    this.#keys = new InBandKeys(8000, keys)
  }

  /** Listens to a packet of `codec` on its way, `octets` of payload, and makes silence of a key's sound. Others go unheard. */
  take(packet: Uint8Array, octets: number, codec: string): void {
    const law = this.#laws.get(codec)
    if (law === undefined) return
    const at = payloadOffset(packet)
    const samples = law.decoder.decode(packet.subarray(at, at + octets), this.#pcm)
    if (this.#keys.take(this.#pcm.subarray(0, samples))) packet.fill(law.silence, at, at + octets)
  }

  close(): void {
    this.#keys.close()
  }
}
