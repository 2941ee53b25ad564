import { type Digit, digitOf } from '../../codecs/tones/dtmf.ts'
import type { Millis } from '../../platform/clock.ts'
import { EventSender } from '../../rtp/events/eventSender.ts'
import { EVENT_LENGTH } from '../../rtp/events/telephoneEvent.ts'
import type { KnownFormat } from '../../rtp/format.ts'
import { HEADER_LENGTH, setMarker } from '../../rtp/packet.ts'
import type { RtpLeg } from '../../rtp/rtpLeg.ts'
import type { Floor } from '../sound/floor.ts'
import { PLAYBACK_RATE, Playback } from '../sound/playback.ts'
import type { Ticker } from '../ticker.ts'
import { TypedTones } from './typedTones.ts'

/** A key of which nobody says how long it is pressed; the pause behind it (ITU-T Q.24 wants 40 ms at least). */
const USUAL: Millis = 100
const PAUSE: Millis = 60
/** No fingers are so far ahead of what can be sent: of a peer that presses more keys they are left out. */
const MOST_WAITING = 64

/**
 * Presses keys toward a leg: as events where its peer knows them (RFC 4733), else as tones, in the place of all other sound.
 */
export class Keypad {
  readonly #floor: Floor
  readonly #leg: RtpLeg
  readonly #ticker: Ticker
  readonly #packet = new Uint8Array(HEADER_LENGTH + EVENT_LENGTH)
  #events: { readonly sender: EventSender; readonly format: KnownFormat } | null = null
  #stopTicking: (() => void) | null = null
  #tones: TypedTones | null = null
  #playback: Playback | null = null
  /** Where the event under way began, by its sender and in the leg's stream. */
  #began = 0
  #beganAt = 0

  constructor(floor: Floor, ticker: Ticker) {
    this.#floor = floor
    this.#leg = floor.leg
    this.#ticker = ticker
  }

  /** Presses the keys of `digits` one after the other; what is no key is left out. */
  type(digits: string, duration: Millis = USUAL): void {
    const keys = [...digits].map(digitOf).filter((digit) => digit !== null)
    const events = this.#eventsNow()
    if (events) events.queue(keys.join(''), duration, PAUSE)
    else this.#tonesNow()?.type(keys, duration)
  }

  /** Presses a key until `release`; what is played to the leg meanwhile is not heard. */
  press(digit: Digit): void {
    const events = this.#eventsNow()
    if (events && events.waiting >= MOST_WAITING) return
    if (events) events.begin(digit)
    else this.#tonesNow()?.press(digit)
  }

  /** `duration`: how long the key was pressed in all, as whoever pressed it says. */
  release(duration: Millis): void {
    this.#events?.sender.end(duration)
    this.#tones?.release(duration)
  }

  /** Takes in what the leg now negotiated. */
  refresh(): void {
    this.#playback?.refresh()
    const format = this.#eventFormat()
    const former = this.#events?.format
    if (format?.send !== former?.send || format?.codec !== former?.codec) this.#events = null
  }

  close(): void {
    this.#stopTicking?.()
    this.#playback?.stop()
  }

  // The events of the clock rate that its sound has, if there is a choice (RFC 4733 §2.1).
  #eventFormat(): KnownFormat | null {
    const { formats } = this.#leg
    const events = formats.filter(({ advances }) => !advances)
    const sound = formats.find(({ advances }) => advances)
    return events.find(({ clockRate }) => clockRate === sound?.clockRate) ?? events[0] ?? null
  }

  #eventsNow(): EventSender | null {
    const format = this.#eventFormat()
    if (!format) return null
    this.#events ??= { sender: new EventSender({ clockRate: format.clockRate }), format }
    this.#stopTicking ??= this.#ticker.add(this.#tick)
    return this.#events.sender
  }

  #tonesNow(): TypedTones | null {
    if (this.#tones) return this.#tones
    const over = () => {
      this.#tones = null
      this.#playback = null
    }
    this.#tones = new TypedTones(PLAYBACK_RATE)
    this.#playback = new Playback(this.#floor, this.#tones, this.#ticker, over, true)
    return this.#tones
  }

  readonly #tick = (now: Millis): void => {
    if (!this.#events?.sender.busy) return this.#rest()
    const { sender, format } = this.#events
    const { target } = this.#leg.source
    const octets = sender.next(Math.round((now * format.clockRate) / 1000), this.#packet, HEADER_LENGTH)
    if (octets === 0 || target === null || !this.#leg.sends) return
    this.#packet[0] = 0x80
    this.#packet[1] = 0
    if (sender.marker) {
      setMarker(this.#packet)
      this.#began = sender.timestamp
      this.#beganAt = this.#leg.outgoing.timeAt(now)
    }
    // In the stream's own time, whose clock may be another than the event's; only segments of a long one are told by the latter.
    const timestamp = this.#beganAt + sender.timestamp - this.#began
    this.#leg.insert(this.#packet, octets, format.send, timestamp, target, now)
  }

  #rest(): void {
    this.#stopTicking?.()
    this.#stopTicking = null
  }
}
