import { saturate } from './clamp.ts'
import type { Codec, ConcealingDecoder, Encoder } from './codec.ts'

/**
 * RFC 3389: where a sender has nothing to say it describes the silence around it, once and then seldom (a silence insertion
 * descriptor, SID): how loud it is, and by reflection coefficients how it sounds. The receiver makes noise like it, on and on.
 */

/** Where a square wave is as loud as 16 bits can be: 0 dBov. */
const OVERLOAD = 32_768
/** The softest that can be said, -dBov. */
const SOFTEST = 127
/** Reflection coefficients that are listened to: RFC 3389 sets no limit, and nobody sends more than this. */
const MAXIMUM_ORDER = 32
/** RFC 3389 §3.2: the octet that says 0, and the step from one to the next. */
const ZERO = 127
const STEP = 258 / 32_768
/** All that changes takes a third of the way to its goal every so many ms. */
const PACE = 5
const SHARE = 1 / 3
/** What makes noise that is spread evenly from -1 to 1 have a power of 1. */
const UNIFORM = Math.sqrt(3)

/**
 * Comfort noise, its RTP clock 8000 Hz, heard at `sampleRate` Hz. The encoder writes the descriptor of what it is given. The
 * decoder takes a descriptor, which gives 0 samples, and its `conceal` gives the noise. Equal seeds give equal noise.
 */
export function comfortNoise(sampleRate: number, seed = 1): Codec {
  return {
    spec: { name: 'CN', clockRate: 8000, sampleRate, channels: 1, ptime: 20 },
    encoder: () => encoder,
    decoder: (): ConcealingDecoder => new Noise(sampleRate, seed),
  }
}

/** The descriptor of a silence like `pcm`: its level alone, in one octet. */
export function silenceDescriptor(pcm: Int16Array): Uint8Array {
  const descriptor = new Uint8Array(1)
  encoder.encode(pcm, descriptor)
  return descriptor
}

const encoder: Encoder = {
  encode(pcm, out) {
    let energy = 0
    for (let at = 0; at < pcm.length; at++) energy += (pcm[at] ?? 0) ** 2
    const level = -10 * Math.log10(energy / pcm.length / OVERLOAD ** 2)
    // Of nothing at all, and of no samples, the level is no number that could be sent.
    out[0] = level < SOFTEST ? Math.max(0, Math.round(level)) : SOFTEST
    return 1
  },
}

class Noise implements ConcealingDecoder {
  /** Samples from one change to the next, and those left until then. */
  readonly #pace: number
  #left = 0
  #random: number
  /** The noise's amplitude (RMS) that was last asked for, and what it is now. */
  #wanted = 0
  #amplitude = 0
  /** What white noise is multiplied with before the filter, which makes it louder. */
  #gain = 0
  /** The reflection coefficients that were last asked for, and what they are now. */
  readonly #wantedShape = new Float64Array(MAXIMUM_ORDER)
  readonly #shape = new Float64Array(MAXIMUM_ORDER)
  #order = 0
  /** What goes backward through the lattice. */
  readonly #backward = new Float64Array(MAXIMUM_ORDER + 1)

  constructor(sampleRate: number, seed: number) {
    this.#pace = (PACE * sampleRate) / 1000
    this.#random = seed | 0
  }

  decode(payload: Uint8Array): number {
    if (payload.length === 0) return 0
    // The first bit of the level is reserved.
    this.#wanted = OVERLOAD * 10 ** (-((payload[0] ?? 0) & 0x7f) / 20)
    for (let i = 0; i < MAXIMUM_ORDER; i++) {
      // 255 means nothing, and would be no filter that is stable.
      const coefficient = Math.min(payload[i + 1] ?? ZERO, 2 * ZERO)
      this.#wantedShape[i] = STEP * (coefficient - ZERO)
    }
    this.#order = Math.max(this.#order, Math.min(payload.length - 1, MAXIMUM_ORDER))
    return 0
  }

  conceal(out: Int16Array): void {
    for (let at = 0; at < out.length; at++) {
      if (this.#left === 0) this.#approach()
      this.#left--
      out[at] = saturate(Math.round(this.#filtered(this.#gain * this.#white())))
    }
  }

  /** Takes level and shape nearer to what was asked for. */
  #approach(): void {
    this.#left = this.#pace
    this.#amplitude += SHARE * (this.#wanted - this.#amplitude)
    let passed = 1
    for (let i = 0; i < this.#order; i++) {
      const now = this.#shape[i] ?? 0
      const next = now + SHARE * ((this.#wantedShape[i] ?? 0) - now)
      this.#shape[i] = next
      passed *= 1 - next ** 2
    }
    // The lattice makes white noise louder by the inverse of this product (Markel & Gray, Linear Prediction of Speech).
    this.#gain = UNIFORM * this.#amplitude * Math.sqrt(passed)
  }

  /** A linear congruential generator: good enough to be heard, and no draw on the system's randomness. */
  #white(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0
    return this.#random / 2 ** 31
  }

  /** One sample through the all-pole lattice, which is stable while all coefficients are between -1 and 1. */
  #filtered(sample: number): number {
    let forward = sample
    for (let i = this.#order - 1; i >= 0; i--) {
      const coefficient = this.#shape[i] ?? 0
      const behind = this.#backward[i] ?? 0
      forward -= coefficient * behind
      this.#backward[i + 1] = behind + coefficient * forward
    }
    this.#backward[0] = forward
    return forward
  }
}
