import { Resampler } from '../../codecs/resample.ts'
import type { Millis } from '../../platform/clock.ts'
import type { Samples } from './samples.ts'
import type { SoundSource } from './sound.ts'

export interface PlayerOptions {
  /** How often the sound is played; Infinity: until nobody reads it any more. Once by default. */
  readonly times?: number
  /** Where it begins the first time. */
  readonly from?: Millis
}

/**
 * Plays a sound at another's rate. What it needs and the disk has not brought yet is silence, and the sound goes on where it
 * was: a word comes late, but it comes.
 */
export class Player implements SoundSource {
  readonly #samples: Samples
  readonly #sampleRate: number
  #times: number
  #resampler: Resampler
  /** The next sample of the file. */
  #at = 0
  /** Silence that has yet to push what is left of the sound through the resampler, samples of the file. */
  #tail = 0
  #isOver = false
  #late = 0
  /** A frame at the file's rate. */
  #input = new Int16Array(0)

  /** Plays `samples`, which it closes with itself, at `sampleRate` Hz. Throws RangeError for a rate that is none of ours. */
  constructor(samples: Samples, sampleRate: number, { times = 1, from = 0 }: PlayerOptions = {}) {
    this.#samples = samples
    this.#sampleRate = sampleRate
    this.#times = times
    this.#resampler = new Resampler(samples.sampleRate, sampleRate)
    this.seek(from)
  }

  /** How far into the file it is. */
  get position(): Millis {
    return (1000 * this.#at) / this.#samples.sampleRate
  }

  /** How long one time of it is. */
  get duration(): Millis {
    return (1000 * this.#samples.length) / this.#samples.sampleRate
  }

  /** Frames that were silent because the disk was late. */
  get late(): number {
    return this.#late
  }

  /** Why it was over before its time: what the disk said; null if it was not. */
  get failure(): unknown {
    return this.#samples.failure
  }

  /** Goes on from `at`, or from the file's end, whichever is earlier; also when it was over. */
  seek(at: Millis): void {
    const { sampleRate, length } = this.#samples
    this.#at = Math.min(Math.max(0, Math.round((at * sampleRate) / 1000)), length)
    this.#resampler = new Resampler(sampleRate, this.#sampleRate)
    this.#tail = Math.ceil((this.#resampler.delay * sampleRate) / 1000)
    this.#isOver = length === 0
    // Asks for what is there.
    this.#samples.copy(this.#at, NOTHING, 0)
  }

  /** `out` is a whole number of ms. The frame in which the sound ends is the first to be answered with false. */
  read(out: Int16Array): boolean {
    if (this.#isOver) {
      out.fill(0)
      return false
    }
    const input = this.#inputFor(out)
    if (!this.#take(input)) {
      this.#late++
      out.fill(0)
    } else if (input !== out) this.#resampler.resample(input, out)
    return !this.#isOver
  }

  close(): void {
    this.#isOver = true
    this.#samples.close()
  }

  /** What `out` is made of: itself where rates are equal. */
  #inputFor(out: Int16Array): Int16Array {
    const { sampleRate } = this.#samples
    if (sampleRate === this.#sampleRate) return out
    const length = (out.length * sampleRate) / this.#sampleRate
    if (this.#input.length !== length) {
      if (!Number.isInteger(length)) throw new RangeError(`${out.length} samples are no whole number of ms`)
      this.#input = new Int16Array(length)
    }
    return this.#input
  }

  /** Fills `input` and goes on, or does neither: false. */
  #take(input: Int16Array): boolean {
    const [at, times] = [this.#at, this.#times]
    const filled = this.#fill(input)
    if (filled < input.length && this.#remains()) {
      if (this.#samples.failure === null) {
        this.#at = at
        this.#times = times
        return false
      }
      this.#isOver = true
    }
    input.fill(0, filled)
    if (this.#remains()) return true
    this.#tail -= input.length - filled
    this.#isOver = this.#tail <= 0
    return true
  }

  /** Fills `input` as far as there is sound in memory, and gives how far. */
  #fill(input: Int16Array): number {
    let filled = 0
    while (filled < input.length && this.#remains()) {
      if (this.#at >= this.#samples.length) this.#again()
      const count = this.#samples.copy(this.#at, input, filled)
      if (count === 0) break
      this.#at += count
      filled += count
    }
    return filled
  }

  /** Whether there is sound to come. */
  #remains(): boolean {
    return this.#at < this.#samples.length || (this.#times > 1 && this.#samples.length > 0)
  }

  #again(): void {
    this.#at = 0
    this.#times--
  }
}

const NOTHING = new Int16Array(0)
