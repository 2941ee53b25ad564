/**
 * Sound made shorter or longer where nobody hears it: by one pitch period, cross-faded over that period (time-domain
 * overlap and add, as in WSOLA: Verhelst & Roelands, ICASSP 1993). All in place, and nothing is allocated.
 */

/** The periods that are looked for, s: pitches from 67 to 400 Hz. */
const SHORTEST = 0.0025
const LONGEST = 0.015
/** The rough search is done at this rate, Hz, over windows of so many seconds. */
const ROUGH_RATE = 4000
const WINDOW = 0.005
/** Sound whose mean square is below this is silence, which may be cut anywhere: about -56 dB of full scale. */
const SILENCE = 50 * 50

/** Stretches sound of one sample rate. */
export class TimeStretch {
  /** The least and the most samples that one operation adds or takes away. */
  readonly shortest: number
  readonly longest: number
  /** Samples that are summed up for one of the rough search. */
  readonly #step: number
  readonly #rough: Float64Array
  #period = 0

  /** Of sound at `sampleRate`: 8000, 16000 or 48000 Hz. */
  constructor(sampleRate: number) {
    this.shortest = SHORTEST * sampleRate
    this.longest = LONGEST * sampleRate
    this.#step = sampleRate / ROUGH_RATE
    this.#rough = new Float64Array((2 * LONGEST + WINDOW) * ROUGH_RATE)
  }

  /**
   * Takes a period of at most `most` samples out of `samples` from `from` to `end` and moves what is behind it up; gives how
   * many samples that were, 0 where the sound does not repeat itself: two periods must be `alike` (their normalised
   * correlation, to 1). What is at `from` and before `end` joins on to its neighbours as before.
   */
  shorten(samples: Int16Array, from: number, end: number, most: number, alike: number): number {
    const longest = Math.floor(Math.min(most, this.longest, (end - from) / 2))
    const period = this.#periodOf(samples, from, 0, longest, end, alike)
    if (period === 0) return 0
    crossFade(samples, from, from, from + period, period)
    samples.copyWithin(from + period, from + 2 * period, end)
    return period
  }

  /**
   * Puts a period of at most `most` samples in at `from`, made of what is there and of what was before it, and moves what is
   * behind back; gives how many samples longer it is, 0 where the sound does not repeat itself. `samples` must have
   * room for `longest` more behind `end`, and so many old ones before `from`.
   */
  lengthen(samples: Int16Array, from: number, end: number, most: number, alike: number): number {
    const longest = Math.floor(Math.min(most, this.longest, end - from))
    const period = this.#periodOf(samples, from, 1, longest, end, alike)
    if (period === 0) return 0
    samples.copyWithin(from + period, from, end)
    // What was at `from` is one period further back now: it fades into what was one period before it.
    crossFade(samples, from, from + period, from - period, period)
    return period
  }

  /**
   * The period, of at most `longest` samples, that the sound at `from` has in common with what comes one period later, or
   * (`back` 1) with what came one before; 0: none that is `alike`.
   */
  #periodOf(samples: Int16Array, from: number, back: 0 | 1, longest: number, end: number, alike: number): number {
    if (longest < this.shortest) return 0
    const first = from - back * longest
    if (isSilent(samples, first, Math.min(end, first + 2 * longest))) return longest
    const rough = this.#roughPeriod(samples, from, back, longest, end)
    if (rough === 0) return 0
    const low = Math.max(this.shortest, (rough - 1) * this.#step + 1)
    const high = Math.min(longest, (rough + 1) * this.#step - 1)
    return this.#best(samples, from, back, low, high) >= alike ? this.#period : 0
  }

  /** The best lag at the rough rate; 0 if none is any good. */
  #roughPeriod(samples: Int16Array, from: number, back: 0 | 1, longest: number, end: number): number {
    const step = this.#step
    const rough = this.#rough
    const most = Math.floor(longest / step)
    const origin = back * most
    const length = Math.min(rough.length, origin + Math.floor((end - from) / step))
    for (let i = 0; i < length; i++) rough[i] = mean(samples, from + (i - origin) * step, step)
    let best = 0
    let highest = 0
    for (let lag = this.shortest / step; lag <= most; lag++) {
      const start = origin - back * lag
      const alike = correlation(rough, start, lag, Math.min(Math.max(lag, WINDOW * ROUGH_RATE), length - lag - start))
      // Of lags that are about as good the longest does most at once.
      if (alike <= 0 || alike < 0.98 * highest) continue
      highest = Math.max(highest, alike)
      best = lag
    }
    return best
  }

  /** Sets the period to the best from `low` to `high` and gives how much alike two of them are. */
  #best(samples: Int16Array, from: number, back: 0 | 1, low: number, high: number): number {
    let highest = -1
    for (let lag = low; lag <= high; lag++) {
      const alike = correlation(samples, from - back * lag, lag, lag)
      if (alike <= highest) continue
      highest = alike
      this.#period = lag
    }
    return highest
  }
}

/** Writes `length` samples at `to`: those at `out` as they fade out, and those at `into` as they come in. */
function crossFade(samples: Int16Array, to: number, out: number, into: number, length: number): void {
  for (let i = 0; i < length; i++) {
    const part = (i + 1) / (length + 1)
    samples[to + i] = Math.round((samples[out + i] ?? 0) * (1 - part) + (samples[into + i] ?? 0) * part)
  }
}

function isSilent(samples: Int16Array, from: number, end: number): boolean {
  let energy = 0
  for (let i = from; i < end; i++) energy += (samples[i] ?? 0) ** 2
  return energy < SILENCE * (end - from)
}

function mean(samples: Int16Array, from: number, count: number): number {
  let sum = 0
  for (let i = from; i < from + count; i++) sum += samples[i] ?? 0
  return sum / count
}

/** How much alike `count` samples from `from` on are to those `lag` later: 1 if equal but for their loudness. */
function correlation(samples: Int16Array | Float64Array, from: number, lag: number, count: number): number {
  let product = 0
  let first = 0
  let second = 0
  for (let i = from; i < from + count; i++) {
    const a = samples[i] ?? 0
    const b = samples[i + lag] ?? 0
    product += a * b
    first += a * a
    second += b * b
  }
  return product / Math.sqrt(first * second + 1)
}
