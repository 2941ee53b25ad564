import type { Codec, CodecSpec, Decoder, Encoder } from './codec.ts'
import { concealing } from './concealment/concealment.ts'

/**
 * ITU-T G.711: a sample is an octet of sign, segment and step; the steps of a segment are twice as wide as those of the one
 * below. The first bit is the sign, set for what is not negative. Both laws are two tables each, made once.
 */

const spec = { clockRate: 8000, sampleRate: 8000, channels: 1, ptime: 20 } as const satisfies Omit<CodecSpec, 'name'>

const SIGN = 0x80

/** How one law writes samples. */
interface Law {
  readonly name: 'PCMU' | 'PCMA'
  /** Low bits of a magnitude that the law does not look at. */
  readonly unseen: number
  /** What is added to the magnitude of a negative sample. */
  readonly belowZero: 0 | -1
  /** The octet of a magnitude of which these are the bits that are seen, not negative. */
  compress(seen: number): number
  /** The magnitude that an octet stands for. */
  expand(octet: number): number
}

/** µ-law sees 13 bits, adds a bias that makes its lowest segment as regular as the others, and inverts all bits. */
const mu: Law = {
  name: 'PCMU',
  unseen: 2,
  belowZero: 0,
  compress(seen) {
    const biased = Math.min(seen + 33, 0x1fff)
    const segment = 26 - Math.clz32(biased)
    return ~((segment << 4) | ((biased >> (segment + 1)) & 0x0f)) & 0xff
  },
  expand(octet) {
    const { segment, step } = partsOf(~octet)
    return 4 * (((2 * step + 33) << segment) - 33)
  },
}

/**
 * A-law sees 11 bits and inverts every other bit of an octet. Its two lowest segments have steps of the same width. It has no
 * zero: -1 is as far from it as 0 (ITU-T G.191), where µ-law has two and takes -1 as it takes 1.
 */
const a: Law = {
  name: 'PCMA',
  unseen: 4,
  belowZero: -1,
  compress(seen) {
    const segment = Math.max(0, 28 - Math.clz32(seen))
    return (SIGN | (segment << 4) | ((seen >> Math.max(0, segment - 1)) & 0x0f)) ^ 0x55
  },
  expand(octet) {
    const { segment, step } = partsOf(octet ^ 0x55)
    return segment === 0 ? 16 * step + 8 : (16 * step + 264) << (segment - 1)
  },
}

/** µ-law. */
export const pcmu: Codec = codec(mu)
/** A-law. */
export const pcma: Codec = codec(a)

/** By each octet of the one law, the octet of the other that stands for the nearest sample. */
export const muToA: Uint8Array = converted(pcmu, pcma)
export const aToMu: Uint8Array = converted(pcma, pcmu)

function converted(from: Codec, to: Codec): Uint8Array {
  const samples = new Int16Array(256)
  from.decoder().decode(Uint8Array.from(samples.keys()), samples)
  const octets = new Uint8Array(256)
  to.encoder().encode(samples, octets)
  return octets
}

function partsOf(octet: number): { readonly segment: number; readonly step: number } {
  return { segment: (octet >> 4) & 7, step: octet & 0x0f }
}

function codec(law: Law): Codec {
  // The law itself remembers nothing: one of each serves all streams.
  const [encoder, decoder] = [encoderOf(law), decoderOf(law)]
  return {
    spec: { name: law.name, ...spec },
    encoder: () => encoder,
    decoder: () => concealing(decoder, spec.sampleRate),
  }
}

function encoderOf({ unseen, belowZero, compress }: Law): Encoder {
  // The magnitude of -32768 is one more than all others.
  const octets = Uint8Array.from({ length: (0x8000 >> unseen) + 1 }, (_, seen) => compress(seen))
  return {
    encode(pcm, out) {
      for (let at = 0; at < pcm.length; at++) {
        const sample = pcm[at] ?? 0
        out[at] = sample < 0 ? (octets[(belowZero - sample) >> unseen] ?? 0) ^ SIGN : (octets[sample >> unseen] ?? 0)
      }
      return pcm.length
    },
  }
}

function decoderOf({ expand }: Law): Decoder {
  const samples = Int16Array.from({ length: 256 }, (_, octet) => (octet & SIGN ? expand(octet) : -expand(octet)))
  return {
    decode(payload, out) {
      const count = Math.min(payload.length, out.length)
      for (let at = 0; at < count; at++) out[at] = samples[payload[at] ?? 0] ?? 0
      return count
    },
  }
}
