import type { Millis } from '../../platform/clock.ts'
import { saturate } from '../clamp.ts'
import { type Digit, frequenciesOf } from './dtmf.ts'

/** A sine: its frequency, Hz, and its level, dBm0 (0 dBm0 is 3.14 dB below a sine of full scale; ITU-T G.711 §4). */
export interface Sine {
  readonly hz: number
  readonly level: number
}

/** Sines heard together; none: silence. */
export type Tone = readonly Sine[]

/** A tone, or silence, for so long. */
export interface Beat {
  readonly tone: Tone
  readonly duration: Millis
}

/** The amplitude of a sine of 0 dBm0, in steps of 16-bit samples. */
const ZERO_DBM0 = 32_768 * 10 ** (-3.14 / 20)
/** How long a tone takes to swell and to fade, without which it would click. It counts as part of the tone. */
const RAMP: Millis = 3
/** Samples that are added up at once. */
const BLOCK = 160
/** Half a key's twist: its column is louder by 2 dB, since lines attenuate it more (ETSI ES 201 235-2 §4.2.2). */
const DTMF_LEVELS = [-9, -7] as const

/** The amplitude, in steps of 16-bit samples, of a sine of `level` dBm0. */
export function amplitudeOf(level: number): number {
  return ZERO_DBM0 * 10 ** (level / 20)
}

/** The two frequencies of a key as one tone, its row at -9 dBm0 and its column at -7, or `louder` (dB) by so much. */
export function digitTone(digit: Digit, louder = 0): Tone {
  const [row, column] = frequenciesOf(digit)
  return [
    { hz: row, level: DTMF_LEVELS[0] + louder },
    { hz: column, level: DTMF_LEVELS[1] + louder },
  ]
}

/** A key pressed for `duration`, at `rate` Hz. */
export function dtmfTone(digit: Digit, duration: Millis, rate = 8000): ToneSource {
  return new ToneSource([{ tone: digitTone(digit), duration }], rate)
}

/** One sine that never ends: `hz` at `level` dBm0, at a sample rate of `rate` Hz. */
export function steadyTone(hz: number, level = -10, rate = 8000): ToneSource {
  return new ToneSource([{ tone: [{ hz, level }], duration: Number.POSITIVE_INFINITY }], rate)
}

/**
 * Beats one after the other, as samples. Each tone begins at phase 0, and stays exact however long it lasts: its phase is
 * worked out anew from the count of samples, block by block, and only within a block from sample to sample.
 */
export class ToneSource {
  readonly #beats: readonly Beat[]
  readonly #rate: number
  readonly #repeats: boolean
  readonly #ramp: Float64Array
  readonly #sum = new Float64Array(BLOCK)
  #beat = 0
  /** Samples of the beat that were read, and how many it has. */
  #at = 0
  #length: number

  /** `rate`: samples a second, Hz; `repeats`: from the last beat on to the first. Throws RangeError if beats take no time. */
  constructor(beats: readonly Beat[], rate = 8000, repeats = false) {
    this.#beats = beats
    this.#rate = rate
    this.#repeats = repeats
    this.#ramp = rampOf(rate)
    this.#length = this.#lengthOf(0)
    // A cadence that takes no time would be read for ever.
    if (!beats.some((_, at) => this.#lengthOf(at) > 0)) throw new RangeError('A sound of no length')
  }

  /**
   * Fills `out` with what comes next, mono; false: the last beat has ended in it or with it, and silence fills the rest.
   * Allocates nothing.
   */
  read(out: Int16Array): boolean {
    let written = 0
    while (written < out.length && !this.#over()) written += this.#next(out, written)
    out.fill(0, written)
    return !this.#over()
  }

  #over(): boolean {
    return this.#beat === this.#beats.length
  }

  /** Writes what is left of the beat, a block at most, and gives how many samples that were. */
  #next(out: Int16Array, offset: number): number {
    const count = Math.min(BLOCK, out.length - offset, this.#length - this.#at)
    this.#write(out, offset, count)
    this.#at += count
    if (this.#at >= this.#length) this.#goOn()
    return count
  }

  #goOn(): void {
    this.#beat++
    if (this.#repeats && this.#beat === this.#beats.length) this.#beat = 0
    this.#at = 0
    this.#length = this.#lengthOf(this.#beat)
  }

  #lengthOf(beat: number): number {
    return Math.round(((this.#beats[beat]?.duration ?? 0) * this.#rate) / 1000)
  }

  #write(out: Int16Array, offset: number, count: number): void {
    const tone = this.#beats[this.#beat]?.tone ?? []
    const sum = this.#sum
    sum.fill(0, 0, count)
    for (let i = 0; i < tone.length; i++) {
      const sine = tone[i]
      if (sine) this.#add(sine.hz, amplitudeOf(sine.level), count)
    }
    this.#shape(count)
    for (let i = 0; i < count; i++) out[offset + i] = saturate(Math.round(sum[i] ?? 0))
  }

  /** Adds the next `count` samples of a sine, by s(n) = 2 cos w · s(n-1) - s(n-2), to the block. */
  #add(hz: number, amplitude: number, count: number): void {
    const step = (2 * Math.PI * hz) / this.#rate
    // For frequencies in whole Hz the remainder is exact.
    const phase = (2 * Math.PI * ((this.#at * hz) % this.#rate)) / this.#rate
    const twice = 2 * Math.cos(step)
    let before = amplitude * Math.sin(phase - step)
    let now = amplitude * Math.sin(phase)
    for (let i = 0; i < count; i++) {
      this.#sum[i] = (this.#sum[i] ?? 0) + now
      const next = twice * now - before
      before = now
      now = next
    }
  }

  /** Swells and fades at the ends of the beat. */
  #shape(count: number): void {
    const ramp = this.#ramp
    const sum = this.#sum
    const left = this.#length - this.#at
    for (let i = 0; i < count && this.#at + i < ramp.length; i++) {
      sum[i] = (sum[i] ?? 0) * (ramp[this.#at + i] ?? 1)
    }
    for (let i = Math.max(0, left - ramp.length); i < count; i++) sum[i] = (sum[i] ?? 0) * (ramp[left - 1 - i] ?? 1)
  }
}

/** Half a period of a raised cosine, from nothing towards 1. */
function rampOf(rate: number): Float64Array {
  const length = Math.round((RAMP * rate) / 1000)
  return Float64Array.from({ length }, (_, i) => (1 - Math.cos((Math.PI * (i + 0.5)) / length)) / 2)
}
