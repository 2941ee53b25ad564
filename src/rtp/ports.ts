const CURSOR = 0
const FIRST_PORT = 1
const STATES = 2

const NEVER_USED = 0
/** Seconds a pair rests after use, so that no late packet of one call reaches the next. */
const REST = 30
/** States of release are seconds modulo this, plus one: a clock set back makes a pair old, never eternally young. */
const SECONDS = 2 ** 30

/**
 * The RTP ports of the process, in pairs: RTP even, RTCP the odd one above it (RFC 3550 §11). The state lies in shared
 * memory, so that every media thread takes from the same range without asking. One Int32 a pair: 0 never used, negative
 * in use by owner `-1 - state`, else the second it was released.
 *
 * A cursor goes round, so that the next pair is the one whose turn is longest ago. It works by wall-clock time, the one
 * time that all threads share.
 */
export class PortPool {
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #inUse: number

  private constructor(memory: SharedArrayBuffer, owner: number) {
    this.#words = new Int32Array(memory)
    this.#inUse = -1 - owner
  }

  /** All whole pairs within `low`–`high`, inclusive. Throws a RangeError if there are none. */
  static create(low: number, high: number): PortPool {
    const first = low + (low % 2)
    const pairs = Math.floor((high + 1 - first) / 2)
    if (!(first > 0 && high < 65536 && pairs > 0)) throw new RangeError(`no pair of ports in ${low}–${high}`)
    const memory = new SharedArrayBuffer((STATES + pairs) * Int32Array.BYTES_PER_ELEMENT)
    new Int32Array(memory)[FIRST_PORT] = first
    return new PortPool(memory, 0)
  }

  /** The pool of another thread. `owner`: a number above 0 that no other living thread has. */
  static attach(memory: SharedArrayBuffer, owner: number): PortPool {
    return new PortPool(memory, owner)
  }

  /** What `attach` takes on the other side of a `postMessage`. */
  get memory(): SharedArrayBuffer {
    return this.#words.buffer
  }

  get pairs(): number {
    return this.#words.length - STATES
  }

  /** Pairs in use by any thread. */
  get inUse(): number {
    let count = 0
    for (let word = STATES; word < this.#words.length; word++) if (Atomics.load(this.#words, word) < 0) count++
    return count
  }

  /** Takes a pair and gives its RTP port; null if all are in use or at rest. */
  acquire(now: Date): number | null {
    const { pairs } = this
    const second = secondOf(now)
    for (let tried = 0; tried < pairs; tried++) {
      const pair = (Atomics.add(this.#words, CURSOR, 1) >>> 0) % pairs
      const state = Atomics.load(this.#words, STATES + pair)
      const taken =
        isFree(state, second) && Atomics.compareExchange(this.#words, STATES + pair, state, this.#inUse) === state
      if (taken) return this.#first + 2 * pair
    }
    return null
  }

  /** Gives back the pair of RTP port `port`. */
  release(port: number, now: Date): void {
    Atomics.compareExchange(this.#words, this.#wordOf(port), this.#inUse, secondOf(now))
  }

  /** Gives back all that `owner` held: its thread died. */
  releaseAll(owner: number, now: Date): void {
    const second = secondOf(now)
    for (let word = STATES; word < this.#words.length; word++) {
      Atomics.compareExchange(this.#words, word, -1 - owner, second)
    }
  }

  /** Whether `port`, RTP or RTCP, is in use by any thread of this process. */
  owns(port: number): boolean {
    const word = this.#wordOf(port)
    return word >= STATES && word < this.#words.length && Atomics.load(this.#words, word) < 0
  }

  get #first(): number {
    return this.#words[FIRST_PORT] ?? 0
  }

  #wordOf(port: number): number {
    return STATES + Math.floor((port - this.#first) / 2)
  }
}

function isFree(state: number, second: number): boolean {
  if (state < 0) return false
  // Both seconds were cut off, so that a difference of REST may be a moment less.
  return state === NEVER_USED || (second - state + SECONDS) % SECONDS > REST
}

function secondOf(now: Date): number {
  return 1 + (Math.floor(now.getTime() / 1000) % SECONDS)
}
