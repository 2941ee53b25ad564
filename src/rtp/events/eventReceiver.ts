import { DIGITS, type Digit } from '../../codecs/tones/dtmf.ts'
import type { Millis } from '../../platform/clock.ts'
import { EVENT_LENGTH, eventCode, eventDuration, isEnd, MAX_DURATION } from './telephoneEvent.ts'

/** Who is told of keys. */
export interface KeyListener {
  /** A key is pressed: told once, by the first packet that comes of it. */
  started(digit: Digit): void
  /** It was let go after `duration`, as far as is known. Each key that started ends before the next one starts. */
  ended(digit: Digit, duration: Millis): void
}

/** After so long without a packet a key is taken for let go: several in a row were lost, its last ones among them. */
const SILENCE: Millis = 200
/** Of one packet so many events are looked at: no phone sends more, and each is a message to those who are told of keys. */
const MOST_EVENTS = 8
/** How late a packet may be; what seems to be later has timestamps of another scale. */
const LATEST: Millis = 10_000
/** Durations that grow so many times as fast as time does, over so long at least (ms), are counted by another clock. */
const TOO_FAST = 4
const LONG_ENOUGH: Millis = 40

/**
 * Tells keys from packets of telephone events (RFC 4733 §2.5.2), each once. An event is known by its timestamp and ends by
 * its end bit: neither marker nor sequence number counts, so that packets may be lost, doubled and reordered.
 */
export class EventReceiver {
  readonly #listener: KeyListener
  /** The last key, null before the first; whether it is pressed, as far as was told; whether its end bit has come. */
  #digit: Digit | null = null
  #pressed = false
  #complete = false
  /** Where it began, or its last segment; how long that has lasted, and those before, in units of the RTP clock. */
  #timestamp = 0
  #duration = 0
  #before = 0
  #clockRate = 8000
  #heard: Millis = 0
  /** When its first packet came, and what duration that had. */
  #began: Millis = 0
  #first = 0

  constructor(listener: KeyListener) {
    this.#listener = listener
  }

  /**
   * Takes the payload of a packet, which lies in `packet` from `at` to `end` (more than one event: one after the other,
   * §2.5.1.5), with the packet's timestamp and the clock rate of its payload type, Hz. What cannot be read is ignored.
   */
  take(timestamp: number, packet: Uint8Array, at: number, end: number, clockRate: number, now: Millis): void {
    let begins = timestamp >>> 0
    const last = Math.min(end, packet.length, at + MOST_EVENTS * EVENT_LENGTH)
    for (let i = at; i + EVENT_LENGTH <= last; i += EVENT_LENGTH) {
      const duration = eventDuration(packet, i)
      const digit = DIGITS[eventCode(packet, i)]
      if (digit !== undefined) this.#takeEvent(digit, begins, duration, isEnd(packet, i), clockRate, now)
      begins = (begins + duration) >>> 0
    }
  }

  /** To be called now and then, every 20 ms say: ends a key of which nothing comes any more. */
  tick(now: Millis): void {
    if (this.#pressed && now - this.#heard >= SILENCE) this.#end()
  }

  /** Another source begins (a new SSRC, RFC 3550 §5.1), with timestamps of its own: ends the key that is pressed. */
  reset(): void {
    this.#end()
    this.#digit = null
  }

  #takeEvent(digit: Digit, timestamp: number, duration: number, end: boolean, clockRate: number, now: Millis): void {
    // Whether a key ends by silence must not depend on when `tick` is called.
    this.tick(now)
    if (this.#digit === null || this.#timestamp !== timestamp) {
      if (this.#isLate(timestamp, clockRate, now)) return
      if (this.#continues(digit, timestamp)) this.#nextSegment()
      else this.#start(digit, duration, clockRate, now)
      this.#timestamp = timestamp
    }
    this.#heard = now
    if (!this.#pressed || digit !== this.#digit) return
    this.#duration = Math.max(this.#duration, duration)
    this.#complete = end
    if (end) this.#end()
  }

  /**
   * Whether a timestamp is of a key before the last one. Such a key was told, or all of it that came was overtaken by its
   * successor: pressing it now would change their order.
   */
  #isLate(timestamp: number, clockRate: number, now: Millis): boolean {
    if (this.#digit === null || now - this.#heard >= LATEST) return false
    const age = (this.#timestamp - timestamp) | 0
    return age > 0 && age < (LATEST * clockRate) / 1000
  }

  /** Whether a segment begins where one of greatest length was cut, of the same key (§2.5.1.3). */
  #continues(digit: Digit, timestamp: number): boolean {
    return this.#digit === digit && !this.#complete && timestamp === (this.#timestamp + MAX_DURATION) >>> 0
  }

  #nextSegment(): void {
    this.#before += MAX_DURATION
    this.#duration = 0
  }

  #start(digit: Digit, duration: number, clockRate: number, now: Millis): void {
    this.#end()
    this.#began = now
    this.#first = duration
    this.#digit = digit
    this.#pressed = true
    this.#complete = false
    this.#before = 0
    this.#duration = 0
    this.#clockRate = clockRate
    this.#listener.started(digit)
  }

  #end(): void {
    if (!this.#pressed || this.#digit === null) return
    this.#pressed = false
    this.#listener.ended(this.#digit, this.#lasted())
  }

  // §2.1 wants the clock of the sound beside it. Some negotiate 8000 Hz beside Opus, and count by its 48000 all the same.
  #lasted(): Millis {
    const told = this.#before + this.#duration
    const counted = told - this.#first
    const elapsed = this.#heard - this.#began
    const isTooFast = elapsed >= LONG_ENOUGH && 1000 * counted > TOO_FAST * elapsed * this.#clockRate
    return isTooFast ? (told * elapsed) / counted : (1000 * told) / this.#clockRate
  }
}
