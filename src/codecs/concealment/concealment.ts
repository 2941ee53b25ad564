import { clamp, saturate } from '../clamp.ts'
import type { ConcealingDecoder, Decoder } from '../codec.ts'
import { Extrapolation } from './extrapolation.ts'
import { Past } from './past.ts'

/** What the usual envelope of a speaker is made of, s. */
const REMEMBERED = 0.256
/** For so long, ms, a gap is filled as loud as what came before; from then on it fades. */
const HOLD = 10
const FADE = 200
/** Where what comes behind a gap is known, the gap's loudness turns to its: not beyond these, as factors of what came before. */
const SOFTEST = 0.3
const LOUDEST = 1.5
/** How much of each side loudness is measured on, ms. */
const SIDE = 20
/** Over so much of what is decoded after a gap it is faded in, and what filled the gap out, ms. */
const JOIN = 2.5

/** A decoder that goes by what it decoded before, and so has to know what was heard where nothing came. */
export interface FollowingDecoder extends Decoder {
  /** Hears `sound` as if it had decoded it. */
  follow(sound: Int16Array): void
}

/**
 * Packet-loss concealment: makes a decoder of mono speech at `sampleRate` Hz (a multiple of 8000) fill in for what never came.
 * Without loss all samples are the decoder's own, and none comes later than from it.
 */
export function concealing(decoder: Decoder | FollowingDecoder, sampleRate: number): ConcealingDecoder {
  return new Concealer(decoder, sampleRate)
}

class Concealer implements ConcealingDecoder {
  readonly #decoder: Decoder | FollowingDecoder
  readonly #samplesPerMs: number
  readonly #past: Past
  readonly #join: number
  /** Made when it is first needed: many streams lose nothing. */
  #extrapolation: Extrapolation | null = null
  /** Length of the gap so far, samples; 0: in none. */
  #missing = 0
  /** The last 20 ms before the gap, and the first behind it if they are known. */
  readonly #before: Float32Array
  readonly #after: Int16Array
  /** Where the loudness of a gap whose other side is known turns from, and to; since when and for how many samples; 0: not known. */
  #turnsFrom = 1
  #turnsTo = 1
  #turnsAt = 0
  #turnsFor = 0

  constructor(decoder: Decoder | FollowingDecoder, sampleRate: number) {
    this.#decoder = decoder
    this.#samplesPerMs = sampleRate / 1000
    this.#past = new Past(REMEMBERED * sampleRate)
    this.#join = JOIN * this.#samplesPerMs
    this.#before = new Float32Array(SIDE * this.#samplesPerMs)
    this.#after = new Int16Array(SIDE * this.#samplesPerMs)
  }

  decode(payload: Uint8Array, out: Int16Array): number {
    const count = this.#decoder.decode(payload, out)
    if (this.#missing > 0 && count > 0) this.#joinOn(out, count)
    this.#past.add(out, count)
    return count
  }

  conceal(out: Int16Array, next?: Uint8Array): void {
    const extrapolation = this.#goOn()
    if (next) this.#aim(extrapolation, next, out.length)
    for (let at = 0; at < out.length; at++) {
      const sample = saturate(Math.round(this.#loudness() * extrapolation.next()))
      out[at] = sample
      // At once, not at the end: how a gap is cut into calls makes no difference to what fills it.
      this.#past.push(sample)
      this.#missing++
    }
    if ('follow' in this.#decoder) this.#decoder.follow(out)
  }

  #goOn(): Extrapolation {
    this.#extrapolation ??= new Extrapolation(this.#past, 1000 * this.#samplesPerMs)
    if (this.#missing === 0) {
      this.#extrapolation.begin()
      this.#past.last(this.#before.length, this.#before)
      this.#turnsFor = 0
    }
    return this.#extrapolation
  }

  /** Looks at the packet behind the gap, if its decoder does not go by what it decoded before. */
  #aim(extrapolation: Extrapolation, next: Uint8Array, length: number): void {
    if ('follow' in this.#decoder || this.#decoder.decode(next, this.#after) < this.#after.length) return
    const from = this.#loudness()
    extrapolation.aim(this.#after, length)
    const ratio = Math.sqrt(energy(this.#after) / (energy(this.#before) + 1))
    this.#turnsFrom = from
    this.#turnsTo = clamp(ratio, SOFTEST * from, LOUDEST)
    this.#turnsAt = this.#missing
    this.#turnsFor = length
  }

  #loudness(): number {
    if (this.#turnsFor > 0) return this.#turned((this.#missing - this.#turnsAt) / this.#turnsFor)
    const faded = (this.#missing / this.#samplesPerMs - HOLD) / FADE
    return faded <= 0 ? 1 : faded < 1 ? 1 - faded : 0
  }

  /** Loudness `way` of the turn, which is done at 1: should the gap go on after all, it fades from there. */
  #turned(way: number): number {
    const late = Math.max(0, way - 1) * (this.#turnsFor / this.#samplesPerMs / FADE)
    return (this.#turnsFrom + (this.#turnsTo - this.#turnsFrom) * Math.min(1, way)) * Math.max(0, 1 - late)
  }

  /** What filled the gap goes on for a moment under what was decoded behind it. */
  #joinOn(out: Int16Array, count: number): void {
    const length = Math.min(count, this.#join)
    const extrapolation = this.#goOn()
    for (let at = 0; at < length; at++) {
      const share = (at + 0.5) / length
      out[at] = saturate(Math.round(share * (out[at] ?? 0) + (1 - share) * this.#loudness() * extrapolation.next()))
      this.#missing++
    }
    this.#missing = 0
  }
}

function energy(sound: Int16Array | Float32Array): number {
  let sum = 0
  for (let at = 0; at < sound.length; at++) sum += (sound[at] ?? 0) ** 2
  return sum
}
