import { canTranscode } from '../../codecs/codecs.ts'
import { aToMu, muToA } from '../../codecs/g711.ts'
import type { Digit } from '../../codecs/tones/dtmf.ts'
import type { Millis } from '../../platform/clock.ts'
import type { KnownFormat } from '../../rtp/format.ts'
import { payloadOffset } from '../../rtp/packet.ts'
import type { RtpLeg, RtpSink } from '../../rtp/rtpLeg.ts'
import { InBandG711 } from '../keys/inBandG711.ts'
import type { Keys } from '../keys/inBandKeys.ts'
import { voiceNamed } from '../madeCodecs.ts'
import type { Hearing } from '../playout/hearing.ts'
import type { Ticker } from '../ticker.ts'
import { Transcoder } from './transcoder.ts'

/** What stands in the place of a payload type for packets that can't go on, and for those that go on as sound or keys. */
const NOT_NEGOTIATED = 255
const AS_SOUND = 254
const AS_KEYS = 253

/** Codecs that a table turns into each other, octet by octet. */
const tables: ReadonlyMap<string, readonly [to: string, table: Uint8Array]> = new Map([
  ['pcmu/8000/1', ['pcma/8000/1', muToA]],
  ['pcma/8000/1', ['pcmu/8000/1', aToMu]],
])

/** Where a lane's packets come from: a leg of this thread, or one of another. */
export interface LaneSource {
  readonly formats: readonly KnownFormat[]
  /** As RtpLeg's. */
  readonly terms: string
  readonly dropped: { format: number; direction: number; unlinked: number }
  sink: RtpSink | null
}

/** Where they go. */
export interface LaneEnd {
  readonly rtp: RtpLeg
  readonly keypad: Keys
}

/** One direction of a link: packets pass, by a table if that is all it takes, or go on as sound; keys as the other side knows them. */
export class Lane implements RtpSink {
  readonly from: LaneSource
  readonly #to: RtpLeg
  readonly #keypad: Keys
  readonly #ticker: Ticker
  /** By the payload type a packet came with, the one it leaves with. */
  readonly #types = new Uint8Array(128)
  /** By the same, the table that its octets go through. */
  readonly #tables: (Uint8Array | null)[] = new Array(128).fill(null)
  #terms = ''
  /** Whether packets pass as they are, whatever they hold: nothing else is looked at then. */
  #isPlain = true
  #transcoder: Transcoder | null = null
  #inBand: InBandG711 | null = null
  #pressed = false

  constructor(from: LaneSource, to: LaneEnd, ticker: Ticker) {
    this.from = from
    this.#to = to.rtp
    this.#keypad = to.keypad
    this.#ticker = ticker
    from.sink = this
    this.#to.outgoing.interrupt()
    this.refresh()
  }

  /** Takes in what either side now negotiated. While that is what it was, sound goes on without a break. */
  refresh(): void {
    const terms = `${this.from.terms} ${this.#to.terms}`
    if (terms === this.#terms) return
    this.#terms = terms
    this.#types.fill(NOT_NEGOTIATED)
    this.#tables.fill(null)
    this.#letGo()
    // Keys are listened for where there is no other way to hear them, and a better way to tell them.
    const listens = !this.from.formats.some(isEvent) && this.#to.formats.some(isEvent)
    this.#isPlain = true
    for (const format of this.from.formats) this.#route(format, listens)
  }

  get heard(): Hearing | null {
    return this.#transcoder?.hearing ?? null
  }

  take(packet: Uint8Array, octets: number, format: KnownFormat, now: Millis): void {
    const type = this.#types[format.receive] ?? NOT_NEGOTIATED
    const { target } = this.#to.source
    if (type === NOT_NEGOTIATED) this.from.dropped.format++
    else if (target === null) this.from.dropped.unlinked++
    else if (!this.#to.sends) {
      this.from.dropped.direction++
      this.interrupted()
    } else if (this.#to.occupied) return
    else if (this.#isPlain) this.#to.send(packet, octets, type, format, target, now)
    else if (type === AS_SOUND) this.#transcoder?.take(packet, octets, format, now)
    else if (type !== AS_KEYS && this.#passesBeside(format)) {
      this.#work(packet, octets, format)
      this.#to.send(packet, octets, type, format, target, now)
    }
  }

  interrupted(): void {
    this.#to.outgoing.interrupt()
  }

  press(digit: Digit): void {
    if (this.#passesEvents() || !this.#tellsKeys()) return
    this.#pressed = true
    this.#keypad.press(digit)
  }

  release(duration: Millis): void {
    if (this.#pressed) this.#keypad.release(duration)
    this.#pressed = false
  }

  close(): void {
    this.#letGo()
    this.from.sink = null
  }

  #letGo(): void {
    this.#inBand?.close()
    this.#inBand = null
    this.#transcoder?.stop()
    this.#transcoder = null
    this.release(0)
  }

  #route(format: KnownFormat, listens: boolean): void {
    const { codec, receive } = format
    const [other, table] = tables.get(codec) ?? [codec, null]
    const same = this.#to.formats.find((each) => each.codec === codec)
    const alike = same ?? this.#to.formats.find((each) => each.codec === other)
    if (listens && table !== null) this.#inBand ??= new InBandG711(this.#keypad)
    if (same === undefined || listens) this.#isPlain = false
    if (alike && (!listens || table !== null || !voiceNamed(codec))) {
      this.#types[receive] = alike.send
      this.#tables[receive] = same ? null : table
    } else if (isEvent(format)) this.#types[receive] = AS_KEYS
    else if (canTranscode(codec)) {
      const keys = listens ? this.#keypad : null
      this.#transcoder ??= Transcoder.to(this.#to, this.from.formats, this.#ticker, keys)
      if (this.#transcoder) this.#types[receive] = AS_SOUND
    }
  }

  /** What is done to a packet that passes. */
  #work(packet: Uint8Array, octets: number, { codec, receive }: KnownFormat): void {
    this.#inBand?.take(packet, octets, codec)
    const table = this.#tables[receive]
    if (table) translate(packet, octets, table)
  }

  /** Whether a packet may pass though others of its leg go as sound. Events may not: they would stand in another's time. */
  #passesBeside(format: KnownFormat): boolean {
    if (!this.#transcoder?.active) return true
    if (isEvent(format)) return false
    // Its sound would come twice.
    this.#transcoder.stop()
    return true
  }

  #tellsKeys(): boolean {
    return this.#to.keysInMedia || this.#to.formats.some(isEvent)
  }

  #passesEvents(): boolean {
    if (this.#transcoder?.active) return false
    return this.from.formats.some((format) => isEvent(format) && (this.#types[format.receive] ?? AS_KEYS) < AS_KEYS)
  }
}

function isEvent({ advances }: KnownFormat): boolean {
  return !advances
}

function translate(packet: Uint8Array, octets: number, table: Uint8Array): void {
  const from = payloadOffset(packet)
  for (let at = from; at < from + octets; at++) packet[at] = table[packet[at] ?? 0] ?? 0
}
