const CURSOR = 0
const FIRST_PORT = 1
const STEP = 2
const STATES = 3

const FREE = 0
/** Seconds a pair rests after use, so that no late packet of one call reaches the next. */
const REST = 30
/** States of release are seconds modulo this, plus one: a clock set back makes a pair old, never eternally young. */
const SECONDS = 2 ** 30

/**
 * The media ports of the process, in pairs: RTP even, RTCP the odd one above it (RFC 3550 §11); or singly, for WebRTC, which
 * has one for both. The state lies in shared memory, so that every media thread takes from the same range without asking.
 * One Int32 a pair: 0 free, negative held by
 * a thread, which uses it or keeps it bound for its next leg, else the second it was released.
 *
 * A cursor goes round, so that the next pair is the one whose turn is longest ago. It works by wall-clock time, the one
 * time that all threads share.
 */
export class PortPool {
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #inUse: number
  readonly #kept: number

  private constructor(memory: SharedArrayBuffer, owner: number) {
    this.#words = new Int32Array(memory)
    this.#inUse = inUseBy(owner)
    this.#kept = keptBy(owner)
  }

  /** All whole pairs within `low`–`high`, inclusive. Throws a RangeError if there are none. */
  static create(low: number, high: number): PortPool {
    return PortPool.#of(low + (low % 2), high, 2)
  }

  /** All ports `low`–`high`, inclusive, each by itself. Throws a RangeError if there are none. */
  static createSingle(low: number, high: number): PortPool {
    return PortPool.#of(low, high, 1)
  }

  static #of(first: number, high: number, step: 1 | 2): PortPool {
    const pairs = Math.floor((high + 1 - first) / step)
    if (!(first > 0 && high < 65536 && pairs > 0)) throw new RangeError(`no media ports in ${first}–${high}`)
    const memory = new SharedArrayBuffer((STATES + pairs) * Int32Array.BYTES_PER_ELEMENT)
    const words = new Int32Array(memory)
    words[FIRST_PORT] = first
    words[STEP] = step
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

  /** Pairs in use by any thread; those that are only kept bound do not count. */
  get inUse(): number {
    let count = 0
    for (let word = STATES; word < this.#words.length; word++) if (isInUse(Atomics.load(this.#words, word))) count++
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
      if (taken) return this.#first + this.#step * pair
    }
    return null
  }

  /** Notes that the pair of RTP port `port` is not in use but stays bound. */
  keep(port: number): void {
    Atomics.compareExchange(this.#words, this.#wordOf(port), this.#inUse, this.#kept)
  }

  /** Notes that a kept pair is in use again. */
  reuse(port: number): void {
    Atomics.compareExchange(this.#words, this.#wordOf(port), this.#kept, this.#inUse)
  }

  /**
   * Gives back the pair of RTP port `port`, in use or kept, after its sockets were closed. It rests from `now`; with null it
   * need not: it was listened on for long enough, and nothing came.
   */
  release(port: number, now: Date | null): void {
    const word = this.#wordOf(port)
    const state = now === null ? FREE : secondOf(now)
    Atomics.compareExchange(this.#words, word, this.#inUse, state)
    Atomics.compareExchange(this.#words, word, this.#kept, state)
  }

  /** Gives back all that `owner` held: its thread died. */
  releaseAll(owner: number, now: Date): void {
    const second = secondOf(now)
    for (let word = STATES; word < this.#words.length; word++) {
      Atomics.compareExchange(this.#words, word, inUseBy(owner), second)
      Atomics.compareExchange(this.#words, word, keptBy(owner), second)
    }
  }

  /** Whether any thread of this process holds `port`, RTP or RTCP. */
  owns(port: number): boolean {
    const word = this.#wordOf(port)
    return word >= STATES && word < this.#words.length && Atomics.load(this.#words, word) < 0
  }

  get #first(): number {
    return this.#words[FIRST_PORT] ?? 0
  }

  get #step(): number {
    return this.#words[STEP] ?? 2
  }

  #wordOf(port: number): number {
    return STATES + Math.floor((port - this.#first) / this.#step)
  }
}

// Owners have two states each, the odd ones -1, -3, … of pairs in use, the even ones -2, -4, … of kept pairs.
function inUseBy(owner: number): number {
  return -1 - 2 * owner
}

function keptBy(owner: number): number {
  return -2 - 2 * owner
}

function isInUse(state: number): boolean {
  return state < 0 && state % 2 !== 0
}

function isFree(state: number, second: number): boolean {
  if (state < 0) return false
  // Both seconds were cut off, so that a difference of REST may be a moment less.
  return state === FREE || (second - state + SECONDS) % SECONDS > REST
}

function secondOf(now: Date): number {
  return 1 + (Math.floor(now.getTime() / 1000) % SECONDS)
}
