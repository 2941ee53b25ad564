import { DIGITS, type Digit, digitOf } from '../../codecs/tones/dtmf.ts'
import type { Millis } from '../../platform/clock.ts'
import { EVENT_LENGTH, EVENT_PTIME, MAX_DURATION, writeEvent } from './telephoneEvent.ts'

/** The last packet of an event is sent so often (RFC 4733 §2.5.1.4). */
const FINAL_PACKETS = 3
/** The shortest key, and pause behind it, that every receiver is sure to notice (ITU-T Q.24). */
const SHORTEST: Millis = 40

export interface EventSenderOptions {
  /** The clock of the payload type, Hz: that of the sound it stands among (§2.1). */
  readonly clockRate?: number
  /** The level of the tones, dB below 0 dBm0, 0 to 63. */
  readonly volume?: number
}

/** A key that waits, or is being sent; times in units of the RTP clock. */
interface Key {
  readonly code: number
  /** Infinite while it is held. */
  duration: number
  readonly pause: number
}

/**
 * Sends keys as telephone events (RFC 4733 §2.5.1). It is asked every 20 ms, with the RTP time that its stream has then,
 * whether a packet is due: none while nothing is pressed, and then sound may be sent.
 */
export class EventSender {
  /** Of the packet that `next` gave last: whether it has the marker, which an event's first has, and its timestamp. */
  marker = false
  timestamp = 0
  readonly #clockRate: number
  readonly #volume: number
  readonly #step: number
  readonly #waiting: Key[] = []
  #key: Key | null = null
  /** The key that is held down, in `#waiting` or `#key`. */
  #held: Key | null = null
  /** When the key began; what segments before this one told of it (§2.5.1.3). */
  #began = 0
  #before = 0
  /** What was told of this segment. */
  #told = 0
  #finals = 0
  /** When the pause behind the last key ends, and how long it is. */
  #free = 0
  #pause = 0

  constructor({ clockRate = 8000, volume = 10 }: EventSenderOptions = {}) {
    this.#clockRate = clockRate
    this.#volume = volume
    this.#step = this.#units(EVENT_PTIME)
  }

  /**
   * Sends keys one after the other, each for `duration` with `pause` behind it, 40 ms at least, when all before them are
   * sent. Throws RangeError if one is none.
   */
  queue(digits: string, duration: Millis = 100, pause: Millis = 60): void {
    for (const code of [...digits].map(codeOf)) this.#waiting.push(this.#keyOf(code, duration, pause))
  }

  /** Presses a key and holds it until `end`; lets go of one that is held. Throws RangeError if it is none. */
  begin(digit: string): void {
    const key = this.#keyOf(codeOf(digit), Number.POSITIVE_INFINITY, 0)
    this.end()
    this.#held = key
    this.#waiting.push(key)
  }

  /**
   * Lets go of the key that is held: when it has lasted for `duration` in all (at once, if it has), or now. It lasts 40 ms
   * at least.
   */
  end(duration: Millis = 0): void {
    if (this.#held) this.#held.duration = this.#units(Math.max(duration, SHORTEST))
    this.#held = null
  }

  /** Whether a key is pressed or waits: of the steps till it is done some give a packet, and none is for sound. */
  get busy(): boolean {
    return this.#key !== null || this.#waiting.length > 0
  }

  /** How many keys wait behind the one that is pressed. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Forgets the keys that wait and ends the one that is being sent. */
  clear(): void {
    this.#waiting.length = 0
    this.end()
    if (this.#key) this.#key.duration = Math.min(this.#key.duration, this.#before + this.#told)
  }

  /**
   * One step of 20 ms, which begins at the RTP time `now`: writes the payload that is due into `out` at `at`, and gives its
   * octets; 0: nothing is to be sent. `marker` and `timestamp` are of that packet. Allocates nothing.
   */
  next(now: number, out: Uint8Array, at = 0): number {
    if (this.#key === null) this.#startNext(now)
    const key = this.#key
    if (key === null) return 0
    if (this.#told === MAX_DURATION && this.#finals === 0) this.#nextSegment()
    const elapsed = ((now - this.#began) >>> 0) + this.#step
    // A duration that was told once does not shrink again.
    const whole = Math.max(Math.min(elapsed, key.duration), this.#before + this.#told)
    const isWhole = elapsed >= key.duration
    this.marker = this.#before + this.#told === 0
    this.timestamp = (this.#began + this.#before) >>> 0
    this.#told = Math.min(MAX_DURATION, whole - this.#before)
    const isFinal = isWhole && this.#told === whole - this.#before
    writeEvent(out, at, key.code, isFinal, this.#volume, this.#told)
    if (isFinal) this.#sentFinal(key)
    return EVENT_LENGTH
  }

  #startNext(now: number): void {
    const left = (this.#free - now) >>> 0
    // Long after it the difference is large, however the clock has wrapped around.
    if (left > 0 && left <= this.#pause) return
    const key = this.#waiting.shift()
    if (key === undefined) return
    this.#key = key
    this.#began = now >>> 0
    this.#before = 0
    this.#told = 0
    this.#finals = 0
  }

  #nextSegment(): void {
    this.#before += MAX_DURATION
    this.#told = 0
  }

  #sentFinal(key: Key): void {
    this.#finals++
    if (this.#finals < FINAL_PACKETS) return
    this.#free = (this.#began + this.#before + this.#told + key.pause) >>> 0
    this.#pause = key.pause
    this.#key = null
  }

  #keyOf(code: number, duration: Millis, pause: Millis): Key {
    const units = this.#units(Math.max(duration, SHORTEST))
    return { code, duration: units, pause: this.#units(Math.max(pause, SHORTEST)) }
  }

  #units(duration: Millis): number {
    return Math.round((duration * this.#clockRate) / 1000)
  }
}

function codeOf(digit: string): number {
  const known: Digit | null = digitOf(digit)
  if (known === null) throw new RangeError(`No key: ${digit}`)
  return DIGITS.indexOf(known)
}
