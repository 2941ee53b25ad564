import type { Clock, Millis, Timer } from '../../platform/clock.ts'

/** In so many slices of time it is forgotten: more would make a look longer, fewer keep it longer than asked. */
const SLICES = 4

/**
 * What is remembered of things that are over: for `lifetime` at least and a quarter of it more at most. As each holds no
 * object and no timer of its own, a hundred thousand of them cost little but the octets of their keys.
 */
export class Lingering<Value> {
  readonly #clock: Clock
  readonly #slice: Millis
  /** The newest first; the last is the next to be forgotten. */
  #slices: Map<string, Value>[] = [new Map()]
  #timer: Timer | null = null

  constructor(clock: Clock, lifetime: Millis) {
    this.#clock = clock
    this.#slice = lifetime / SLICES
  }

  get size(): number {
    return this.#slices.reduce((size, slice) => size + slice.size, 0)
  }

  set(key: string, value: Value): void {
    this.#slices[0]?.set(key, value)
    this.#timer ??= this.#turn()
  }

  /** What was remembered last under `key`; undefined if nothing is. */
  get(key: string): Value | undefined {
    for (const slice of this.#slices) {
      const value = slice.get(key)
      if (value !== undefined) return value
    }
    return undefined
  }

  clear(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#slices = [new Map()]
  }

  #turn(): Timer {
    return this.#clock.after(this.#slice, () => {
      this.#slices = [new Map(), ...this.#slices.slice(0, SLICES)]
      this.#timer = this.size > 0 ? this.#turn() : null
    })
  }
}
