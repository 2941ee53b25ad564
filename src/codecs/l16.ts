import type { Codec, Decoder, Encoder } from './codec.ts'
import { concealing } from './concealment/concealment.ts'

/** Linear samples of 16 bits, the higher octet first (RFC 3551 §4.5.11), mono. `sampleRate` in Hz is also the RTP clock. */
export function l16(sampleRate: 8000 | 16_000 | 48_000): Codec {
  const spec = { name: 'L16', clockRate: sampleRate, sampleRate, channels: 1, ptime: 20 } as const
  return { spec, encoder: () => encoder, decoder: () => concealing(decoder, sampleRate) }
}

// Neither way remembers anything: one of each serves all streams.
const encoder: Encoder = {
  encode(pcm, out) {
    for (let at = 0; at < pcm.length; at++) {
      const sample = pcm[at] ?? 0
      out[2 * at] = sample >> 8
      out[2 * at + 1] = sample
    }
    return 2 * pcm.length
  },
}

const decoder: Decoder = {
  /** Half a sample at the end is left out. */
  decode(payload, out) {
    const count = Math.min(payload.length >> 1, out.length)
    for (let at = 0; at < count; at++) out[at] = ((payload[2 * at] ?? 0) << 8) | (payload[2 * at + 1] ?? 0)
    return count
  },
}
