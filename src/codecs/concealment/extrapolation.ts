import { clamp } from '../clamp.ts'
import { Envelope } from './envelope.ts'
import { residual } from './linearPrediction.ts'
import type { Past } from './past.ts'
import { PitchSearch, pitchReach } from './pitch.ts'

/** Sound is made in steps of this many ms, between which the envelope may change. */
const STEP = 10
/** How much residual noise is drawn from, ms. */
const GRAIN = 10

/** The likeness of two periods at which sound is all noise, and all voice. */
const ALL_NOISE = 0.1
const ALL_VOICE = 0.9
/** Noise sounds louder than what it stands for. */
const NOISE_GAIN = 0.9
/** How much of its upper frequencies a voice loses to noise with each period: the outer taps of a filter of three. */
const BREATH = 0.1

/**
 * Goes on with speech where it breaks off. What was heard last is parted into its envelope (linear prediction) and the
 * residual that excites it; the residual's last period is repeated, mixed with noise as far as it was not periodic, and put
 * through the envelope again, which joins on to the sound by itself since the filter's memory is that sound. Mouths do not
 * stand still: as a gap grows, the envelope turns to the mean of what was heard for longer.
 */
export class Extrapolation {
  readonly #sampleRate: number
  readonly #step: number
  /** Sound and its residual: what was heard up to `#now`, then the step that is being made. */
  readonly #now: number
  readonly #sound: Float32Array
  readonly #excitation: Float32Array
  readonly #envelope: Envelope
  readonly #pitch: PitchSearch
  readonly #grain: Float32Array
  readonly #past: Past
  #lag = 1
  #voiced = 0
  #unvoiced = 0
  #random = 1
  #lastNoise = 0
  #noiseBefore = 0
  /** Samples of the gap made so far, and of the last step those given out. */
  #made = 0
  #given = 0

  /** Of what `past` will hold, sound of `sampleRate` Hz. */
  constructor(past: Past, sampleRate: number) {
    const order = sampleRate > 8000 ? 24 : 16
    this.#past = past
    this.#sampleRate = sampleRate
    this.#step = (STEP * sampleRate) / 1000
    this.#envelope = new Envelope(sampleRate, order)
    this.#pitch = new PitchSearch(sampleRate)
    this.#now = Math.max(pitchReach(sampleRate), this.#envelope.length) + order
    this.#sound = new Float32Array(this.#now + this.#step)
    this.#excitation = new Float32Array(this.#now + this.#step)
    this.#grain = new Float32Array((GRAIN * sampleRate) / 1000)
  }

  /** Looks at where the past ends now; `next` goes on from there. */
  begin(): void {
    this.#past.last(this.#now, this.#sound)
    this.#envelope.take(this.#sound, this.#now)
    const { filter } = this.#envelope
    residual(this.#sound, filter.length - 1, this.#now, filter, this.#excitation)
    const grainAt = this.#now - this.#grain.length
    for (let i = 0; i < this.#grain.length; i++) this.#grain[i] = this.#excitation[grainAt + i] ?? 0
    const { lag, likeness } = this.#pitch.search(this.#sound, this.#now)
    const voice = clamp((likeness - ALL_NOISE) / (ALL_VOICE - ALL_NOISE), 0, 1)
    this.#lag = lag
    this.#voiced = Math.sqrt(voice)
    this.#unvoiced = NOISE_GAIN * Math.sqrt(1 - voice)
    this.#made = 0
    this.#given = this.#step
  }

  /** `after` (20 ms or more) comes `length` samples from now: the envelope turns to its. */
  aim(after: Int16Array, length: number): void {
    const ms = 1000 / this.#sampleRate
    const now = (this.#made - this.#step + this.#given) * ms
    this.#envelope.aim(after, now, now + length * ms)
  }

  /** The next sample, not rounded. */
  next(): number {
    if (this.#given === this.#step) this.#makeStep()
    return this.#sound[this.#now + this.#given++] ?? 0
  }

  #makeStep(): void {
    if (this.#made > 0) {
      this.#sound.copyWithin(0, this.#step)
      this.#excitation.copyWithin(0, this.#step)
    }
    this.#envelope.turn((1000 * this.#made) / this.#sampleRate, this.#past)
    const end = this.#now + this.#step
    for (let at = this.#now; at < end; at++) this.#sound[at] = this.#through(at, this.#excite(at))
    this.#made += this.#step
    this.#given = 0
  }

  /** A period ago, with noise instead of what is lost of it; the period is remembered without the noise. */
  #excite(at: number): number {
    const before = at - this.#lag
    const beside = (this.#excitation[before - 1] ?? 0) + (this.#excitation[before + 1] ?? 0)
    const period = (1 - 2 * BREATH) * (this.#excitation[before] ?? 0) + BREATH * beside
    this.#excitation[at] = period
    const noise = this.#noise()
    const breath = 2 * BREATH * (2 * this.#lastNoise - this.#noiseBefore - noise)
    this.#noiseBefore = this.#lastNoise
    this.#lastNoise = noise
    return this.#voiced * (period + breath) + this.#unvoiced * noise
  }

  /** Some sample of the past's residual, of either sign: as loud as that and without its period. */
  #noise(): number {
    // Nobody has to be surprised: the constants are those of Numerical Recipes, whose upper bits are the good ones.
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0
    const sample = this.#grain[Math.floor((this.#random / 2 ** 32) * this.#grain.length)] ?? 0
    return this.#random & 0x8000 ? sample : -sample
  }

  #through(at: number, excitation: number): number {
    const { filter, gain } = this.#envelope
    let sum = excitation * gain
    for (let k = 1; k < filter.length; k++) sum -= (filter[k] ?? 0) * (this.#sound[at - k] ?? 0)
    return sum
  }
}
