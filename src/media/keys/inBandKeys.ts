import type { Digit } from '../../codecs/tones/dtmf.ts'
import { DtmfDetector } from '../../codecs/tones/dtmfDetector.ts'
import type { Millis } from '../../platform/clock.ts'

/** What a tone has sounded before the detector is sure of it, ms. */
const BEFORE: Millis = 30

/** Where keys are pressed again that were heard. */
export interface Keys {
  press(digit: Digit): void
  release(duration: Millis): void
}

/** Hears keys in the sound of a leg that has no events for them, and presses them on the other side. */
export class InBandKeys {
  readonly #detector: DtmfDetector
  readonly #keys: Keys
  readonly #rate: number
  #count = 0
  #held = 0
  #pressed = false

  /** `rate`: of the sound, Hz. */
  constructor(rate: number, keys: Keys) {
    this.#detector = new DtmfDetector(rate)
    this.#keys = keys
    this.#rate = rate
  }

  /** Listens to what comes next, mono; true: it is a key's, and is not to be heard as sound as well. */
  take(pcm: Int16Array): boolean {
    const digit = this.#detector.take(pcm)
    const isAnother = this.#detector.count !== this.#count
    this.#count = this.#detector.count
    if (this.#pressed && (digit === null || isAnother)) this.close()
    if (digit !== null && isAnother) this.#press(digit)
    if (this.#pressed) this.#held += pcm.length
    return this.#pressed
  }

  /** Lets go of a key that is still held. */
  close(): void {
    if (!this.#pressed) return
    this.#pressed = false
    this.#keys.release(BEFORE + (1000 * this.#held) / this.#rate)
  }

  #press(digit: Digit): void {
    this.#pressed = true
    this.#held = 0
    this.#keys.press(digit)
  }
}
