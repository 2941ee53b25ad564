/** The period of a voice, found in the sound itself. */
export interface Pitch {
  /** Samples from one period to the next. */
  lag: number
  /** How alike the two are: 1 the same, 0 nothing in common. */
  likeness: number
}

/** What is compared with what came a period before, ms. */
const WINDOW = 15
/** Voices from 250 Hz down to 57; a higher one is taken for one of twice or three times its period. */
const SHORTEST = 4
const LONGEST = 17.5
/** How alike a fraction of the best lag must be to be taken for the period of which the best is a multiple. */
const FRACTION = 0.85

/** The rate, Hz, at which all lags are compared; of higher rates only the best few are looked at again in full. */
const COARSE = 8000

/** How many samples before its end a search in sound of `sampleRate` Hz looks at. */
export function pitchReach(sampleRate: number): number {
  return Math.round(((WINDOW + LONGEST) * sampleRate) / 1000) + sampleRate / COARSE
}

/** Finds the period at the end of a sound, one at a time. Allocates nothing once made. */
export class PitchSearch {
  readonly found: Pitch = { lag: 1, likeness: 0 }
  readonly #coarse: Float32Array
  readonly #factor: number
  readonly #window = (WINDOW * COARSE) / 1000
  readonly #shortest = (SHORTEST * COARSE) / 1000
  readonly #longest = (LONGEST * COARSE) / 1000
  readonly #likeness = new Float64Array(this.#longest + 1)

  /** `sampleRate`: a multiple of 8000 Hz. */
  constructor(sampleRate: number) {
    this.#factor = sampleRate / COARSE
    this.#coarse = new Float32Array(this.#window + this.#longest + 1)
  }

  /** Looks at what is before `end` and gives the period there: always the same object. */
  search(sound: Float32Array, end: number): Pitch {
    this.#decimate(sound, end)
    const lag = this.#peak(this.#fundamental(this.#compare()))
    this.found.lag = lag
    this.found.likeness = this.#likeness[lag] ?? 0
    if (this.#factor > 1) this.#refine(sound, end)
    return this.found
  }

  #decimate(sound: Float32Array, end: number): void {
    const [coarse, factor] = [this.#coarse, this.#factor]
    const from = end - factor * coarse.length
    for (let at = 0; at < coarse.length; at++) {
      let sum = 0
      for (let i = 0; i < factor; i++) sum += sound[from + factor * at + i] ?? 0
      coarse[at] = sum / factor
    }
  }

  /** Normalised cross-correlation at all lags; gives the best one. */
  #compare(): number {
    let best = this.#shortest
    for (let lag = best; lag <= this.#longest; lag++) {
      this.#likeness[lag] = likeness(this.#coarse, this.#coarse.length, this.#window, lag)
      if ((this.#likeness[lag] ?? 0) > (this.#likeness[best] ?? 0)) best = lag
    }
    return best
  }

  /** The best of the lags in full that the one found stands for. */
  #refine(sound: Float32Array, end: number): void {
    const middle = this.#factor * this.found.lag
    this.found.likeness = -1
    for (let lag = middle - this.#factor; lag <= middle + this.#factor; lag++) {
      const alike = likeness(sound, end, this.#factor * this.#window, lag)
      if (alike <= this.found.likeness) continue
      this.found.likeness = alike
      this.found.lag = lag
    }
  }

  /** A voice is as much like itself two periods ago: the shortest lag of which `best` is a multiple, if it is nearly as good. */
  #fundamental(best: number): number {
    const enough = FRACTION * (this.#likeness[best] ?? 0)
    for (let parts = Math.floor(best / this.#shortest); parts > 1; parts--) {
      const lag = this.#peak(Math.round(best / parts))
      if ((this.#likeness[lag] ?? 0) > enough) return lag
    }
    return best
  }

  #peak(near: number): number {
    let lag = near
    while (lag > this.#shortest && (this.#likeness[lag - 1] ?? 0) > (this.#likeness[lag] ?? 0)) lag--
    while (lag < this.#longest && (this.#likeness[lag + 1] ?? 0) > (this.#likeness[lag] ?? 0)) lag++
    return lag
  }
}

/** Of the last `window` samples before `end` and those `lag` earlier. */
function likeness(sound: Float32Array, end: number, window: number, lag: number): number {
  let [product, own, before] = [0, 1, 1]
  for (let at = end - window; at < end; at++) {
    const [now, then] = [sound[at] ?? 0, sound[at - lag] ?? 0]
    product += now * then
    own += now * now
    before += then * then
  }
  return product / Math.sqrt(own * before)
}
