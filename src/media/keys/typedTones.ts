import type { Digit } from '../../codecs/tones/dtmf.ts'
import { digitTone, ToneSource } from '../../codecs/tones/tones.ts'
import type { Millis } from '../../platform/clock.ts'
import type { SoundSource } from '../sound/sound.ts'

/** The shortest key, and the pause behind each, ms; ITU-T Q.24 asks for 40 at least, and real lines for more. */
const SHORTEST: Millis = 70
const PAUSE: Millis = 60
/** How long a key that was held takes to fade, ms. */
const FADE: Millis = 3
/** So many keys that were pressed may wait for those before them; more is nobody's typing. */
const MOST_WAITING = 64

interface Key {
  readonly digit: Digit
  /** Infinite while it is held. */
  duration: Millis
}

/** The sound of keys pressed one after the other; over when none is left. */
export class TypedTones implements SoundSource {
  readonly #rate: number
  readonly #keys: Key[] = []
  #held: Key | null = null
  /** The key that sounds, its tone, and the samples of it that were read; behind it, those of the pause that are left. */
  #key: Key | null = null
  #tone: ToneSource | null = null
  #at = 0
  #pause = 0

  /** `rate`: Hz. */
  constructor(rate: number) {
    this.#rate = rate
  }

  type(digits: readonly Digit[], duration: Millis): void {
    for (const digit of digits) this.#keys.push({ digit, duration: Math.max(duration, SHORTEST) })
  }

  press(digit: Digit): void {
    this.release(0)
    if (this.#keys.length >= MOST_WAITING) return
    this.#held = { digit, duration: Number.POSITIVE_INFINITY }
    this.#keys.push(this.#held)
  }

  /** Lets go of the key that is held once it has sounded for `duration` in all. */
  release(duration: Millis): void {
    if (this.#held) this.#held.duration = Math.max(duration, SHORTEST, this.#sounded(this.#held))
    this.#held = null
  }

  read(out: Int16Array): boolean {
    for (let at = 0; at < out.length; ) at += this.#next(out, at)
    return this.#key !== null || this.#pause > 0 || this.#keys.length > 0
  }

  #sounded(key: Key): Millis {
    return key === this.#key ? (1000 * this.#at) / this.#rate : 0
  }

  /** Writes some samples from `at` on, and gives how many. */
  #next(out: Int16Array, at: number): number {
    if (this.#pause > 0) return this.#silence(out, at)
    if (this.#key === null) this.#begin()
    if (this.#key === null || this.#tone === null) {
      out.fill(0, at)
      return out.length - at
    }
    const length = Math.round((this.#key.duration * this.#rate) / 1000)
    const count = Math.min(out.length - at, length - this.#at)
    this.#tone.read(out.subarray(at, at + count))
    this.#at += count
    if (this.#at >= length) this.#end(out, at + count)
    return count
  }

  #silence(out: Int16Array, at: number): number {
    const count = Math.min(this.#pause, out.length - at)
    out.fill(0, at, at + count)
    this.#pause -= count
    return count
  }

  #begin(): void {
    this.#key = this.#keys.shift() ?? null
    this.#at = 0
    if (!this.#key) return
    const forever = Number.POSITIVE_INFINITY
    this.#tone = new ToneSource([{ tone: digitTone(this.#key.digit), duration: forever }], this.#rate)
  }

  #end(out: Int16Array, end: number): void {
    const fade = Math.min(end, (this.#rate * FADE) / 1000)
    for (let left = 0; left < fade; left++) out[end - 1 - left] = ((out[end - 1 - left] ?? 0) * left) / fade
    this.#key = null
    this.#tone = null
    this.#pause = Math.round((this.#rate * PAUSE) / 1000)
  }
}
