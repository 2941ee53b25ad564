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

/** How many samples before its end a search in sound of `sampleRate` Hz looks at. */
export function pitchReach(sampleRate: number): number {
  return Math.round(((WINDOW + LONGEST) * sampleRate) / 1000) + 2
}

/** Finds the period at the end of one sound at a time. Allocates nothing once made. */
export class PitchSearch {
  readonly found: Pitch = { lag: 1, likeness: 0 }
  readonly #window: number
  readonly #shortest: number
  readonly #longest: number
  readonly #likeness: Float64Array

  constructor(sampleRate: number) {
    const samples = (ms: number) => Math.round((ms * sampleRate) / 1000)
    this.#window = samples(WINDOW)
    this.#shortest = samples(SHORTEST)
    this.#longest = samples(LONGEST)
    this.#likeness = new Float64Array(this.#longest + 1)
  }

  /** Looks at what is before `end` and leaves the period there in `found`. */
  search(sound: Float32Array, end: number): Pitch {
    const best = this.#compare(sound, end)
    const lag = this.#peak(this.#fundamental(best))
    this.found.lag = lag
    this.found.likeness = this.#likeness[lag] ?? 0
    return this.found
  }

  /** Normalised cross-correlation at all lags; gives the best one. */
  #compare(sound: Float32Array, end: number): number {
    const from = end - this.#window
    const own = energy(sound, from, end)
    let best = this.#shortest
    // Of the window a lag before; the next lag's is this one's, moved by a sample.
    let before = energy(sound, from - best, end - best)
    for (let lag = best; lag <= this.#longest; lag++) {
      let product = 0
      for (let at = from; at < end; at++) product += (sound[at] ?? 0) * (sound[at - lag] ?? 0)
      this.#likeness[lag] = product / Math.sqrt((before + 1) * (own + 1))
      if ((this.#likeness[lag] ?? 0) > (this.#likeness[best] ?? 0)) best = lag
      before += (sound[from - lag - 1] ?? 0) ** 2 - (sound[end - lag - 1] ?? 0) ** 2
    }
    return best
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

function energy(sound: Float32Array, from: number, to: number): number {
  let sum = 0
  for (let at = from; at < to; at++) sum += (sound[at] ?? 0) ** 2
  return sum
}
