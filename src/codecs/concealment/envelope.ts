import { clamp } from '../clamp.ts'
import { autocorrelation, predictor } from './linearPrediction.ts'
import type { Past } from './past.ts'

/** What an envelope is made of, ms, and over how much of its end the window falls. */
const LENGTH = 25
const FALL = 2.5

/** As much of what comes behind a gap, ms; how far a gap's sound has turned to it at its end. */
const OPENING = 20
const TURNED = 0.8

/** For so long, ms, a gap's sound has the envelope of what came before it; then it turns to the usual one of this speaker. */
const OWN = 30
const TURN = 50
const MOST_USUAL = 0.9

/** The spectral envelope of a gap: what it was where the sound broke off, and what becomes of it as the gap grows. */
export class Envelope {
  /** The filter that takes the envelope off, as `predictor` makes it. */
  readonly filter: Float64Array
  /** What excites the filter is to be multiplied by, for the loudness to be that of the sound before the gap. */
  gain = 1
  readonly #sampleRate: number
  readonly #window: Float32Array
  readonly #windowed: Float32Array
  /** Correlations of what came last, of all the past, and of a mixture of both. */
  readonly #own: Float64Array
  readonly #usual: Float64Array
  readonly #mixed: Float64Array
  /** Of what comes behind the gap; from and until when the envelope turns to it, ms; none: `#until` is 0. */
  readonly #after: Float64Array
  readonly #opening: Float32Array
  #from = 0
  #until = 0
  #hasUsual = false
  /** What prediction leaves of sound with the envelope at first, as a part of that sound's energy. */
  #error = 1

  constructor(sampleRate: number, order: number) {
    const samples = (ms: number) => Math.round((ms * sampleRate) / 1000)
    this.#sampleRate = sampleRate
    this.#window = windowOf(samples(LENGTH), samples(FALL))
    this.#windowed = new Float32Array(this.#window.length)
    this.filter = new Float64Array(order + 1)
    this.#own = new Float64Array(order + 1)
    this.#usual = new Float64Array(order + 1)
    this.#mixed = new Float64Array(order + 1)
    this.#after = new Float64Array(order + 1)
    this.#opening = windowOf(samples(OPENING), samples(FALL)).slice().reverse()
  }

  /** How many samples `take` looks at. */
  get length(): number {
    return this.#window.length
  }

  /** The envelope of `sound` just before `end`. */
  take(sound: Float32Array, end: number): void {
    const from = end - this.#window.length
    for (let i = 0; i < this.#window.length; i++) this.#windowed[i] = (this.#window[i] ?? 0) * (sound[from + i] ?? 0)
    this.#correlate(this.#windowed, this.#own)
    this.#error = predictor(this.#own, this.filter)
    this.#hasUsual = false
    this.#until = 0
    this.gain = 1
  }

  /** From `from` to `until` (ms into the gap) the envelope is to turn to that of `after`, at least 20 ms that come then. */
  aim(after: Int16Array, from: number, until: number): void {
    for (let i = 0; i < this.#opening.length; i++) this.#windowed[i] = (this.#opening[i] ?? 0) * (after[i] ?? 0)
    this.#windowed.fill(0, this.#opening.length)
    this.#correlate(this.#windowed, this.#after)
    this.#from = from
    this.#until = until
  }

  /** What it will have become `age` ms into the gap, after `past`. */
  turn(age: number, past: Past): void {
    if (this.#until > 0) {
      // In the middle of the 10 ms for which it then stays.
      const way = (age + 5 - this.#from) / (this.#until - this.#from)
      return this.#mix(this.#after, clamp(TURNED * way, 0, 1))
    }
    const usual = Math.min(MOST_USUAL, (age - OWN) / TURN)
    if (usual <= 0) return
    if (!this.#hasUsual) this.#correlate(past.all, this.#usual)
    this.#hasUsual = true
    this.#mix(this.#usual, usual)
  }

  #mix(other: Float64Array, share: number): void {
    for (let lag = 0; lag < this.#mixed.length; lag++) {
      this.#mixed[lag] = (1 - share) * (this.#own[lag] ?? 0) + share * (other[lag] ?? 0)
    }
    this.gain = Math.sqrt(predictor(this.#mixed, this.filter) / this.#error)
  }

  /** Of sound at the same loudness, whatever it was. */
  #correlate(sound: Float32Array, out: Float64Array): void {
    autocorrelation(sound, this.#sampleRate, out)
    const energy = out[0] ?? 1
    for (let lag = 0; lag < out.length; lag++) out[lag] = (out[lag] ?? 0) / energy
  }
}

/** By length and fall, for all streams: a stream's first gap comes while the beat waits. */
const windows = new Map<string, Float32Array>()

/** Rises slowly and falls fast: what came last counts most. Always the same for the same lengths: not to be written to. */
function windowOf(length: number, fall: number): Float32Array {
  const key = `${length} ${fall}`
  const known = windows.get(key)
  if (known !== undefined) return known
  const rise = length - fall
  const window = Float32Array.from({ length }, (_, i) =>
    i < rise ? 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / rise) : Math.cos((0.5 * Math.PI * (i - rise + 0.5)) / fall),
  )
  windows.set(key, window)
  return window
}
