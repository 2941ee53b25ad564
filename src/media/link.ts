import { aToMu, muToA } from '../codecs/g711.ts'
import type { Millis } from '../platform/clock.ts'
import { payloadOffset } from '../rtp/packet.ts'
import type { KnownFormat, RtpLeg, RtpSink } from '../rtp/rtpLeg.ts'
import type { Ticker } from './ticker.ts'
import { Transcoder } from './transcoder.ts'

/** What stands in the place of a payload type for packets that can't go on, and for those that go on as sound. */
const NOT_NEGOTIATED = 255
const AS_SOUND = 254

/** Codecs that a table turns into each other, octet by octet. */
const tables: ReadonlyMap<string, readonly [to: string, table: Uint8Array]> = new Map([
  ['pcmu/8000/1', ['pcma/8000/1', muToA]],
  ['pcma/8000/1', ['pcmu/8000/1', aToMu]],
])

/**
 * Two legs that hear each other, or one that hears itself. Packets of a codec that both sides negotiated pass straight
 * through, renumbered in place; so do those of the other G.711, by a table. All others are decoded and encoded anew.
 */
export class Link {
  readonly a: RtpLeg
  readonly b: RtpLeg
  readonly #lanes: readonly Lane[]

  constructor(a: RtpLeg, b: RtpLeg, ticker: Ticker) {
    this.a = a
    this.b = b
    this.#lanes = a === b ? [new Lane(a, a, ticker)] : [new Lane(a, b, ticker), new Lane(b, a, ticker)]
  }

  /** Takes in what either leg now negotiated. */
  refresh(): void {
    for (const lane of this.#lanes) lane.refresh()
  }

  close(): void {
    for (const lane of this.#lanes) lane.close()
  }
}

/** One direction of a link. */
class Lane implements RtpSink {
  readonly #from: RtpLeg
  readonly #to: RtpLeg
  readonly #ticker: Ticker
  /** By the payload type a packet came with, the one it leaves with. */
  readonly #types = new Uint8Array(128)
  /** By the same, the table that its octets go through. */
  readonly #tables: (Uint8Array | null)[] = new Array(128).fill(null)
  #transcoder: Transcoder | null = null

  constructor(from: RtpLeg, to: RtpLeg, ticker: Ticker) {
    this.#from = from
    this.#to = to
    this.#ticker = ticker
    from.sink = this
    to.outgoing.interrupt()
    this.refresh()
  }

  refresh(): void {
    this.#types.fill(NOT_NEGOTIATED)
    this.#tables.fill(null)
    this.#transcoder?.stop()
    this.#transcoder = null
    for (const format of this.#from.formats) this.#route(format)
  }

  close(): void {
    this.#transcoder?.stop()
    this.#from.sink = null
  }

  #route({ codec, receive }: KnownFormat): void {
    const [other, table] = tables.get(codec) ?? [codec, null]
    const same = this.#to.formats.find((format) => format.codec === codec)
    const alike = same ?? this.#to.formats.find((format) => format.codec === other)
    if (alike) {
      this.#types[receive] = alike.send
      this.#tables[receive] = same ? null : table
      return
    }
    if (codec.startsWith('telephone-event/')) return
    this.#transcoder ??= Transcoder.to(this.#to, this.#from.formats, this.#ticker)
    if (this.#transcoder) this.#types[receive] = AS_SOUND
  }

  take(packet: Uint8Array, octets: number, format: KnownFormat, now: Millis): void {
    const type = this.#types[format.receive] ?? NOT_NEGOTIATED
    const { target } = this.#to.source
    if (type === NOT_NEGOTIATED) this.#from.dropped.format++
    else if (target === null) this.#from.dropped.unlinked++
    else if (!this.#to.sends) {
      this.#from.dropped.direction++
      this.interrupted()
    } else if (this.#to.occupied) return
    else if (type === AS_SOUND) this.#transcoder?.take(packet, octets, format, now)
    else {
      // From here on its sound would come twice.
      if (this.#transcoder?.active) this.#transcoder.stop()
      const table = this.#tables[format.receive]
      if (table) translate(packet, octets, table)
      this.#to.send(packet, octets, type, format, target, now)
    }
  }

  interrupted(): void {
    this.#to.outgoing.interrupt()
  }
}

function translate(packet: Uint8Array, octets: number, table: Uint8Array): void {
  const from = payloadOffset(packet)
  for (let at = from; at < from + octets; at++) packet[at] = table[packet[at] ?? 0] ?? 0
}
