import type { Millis } from '../platform/clock.ts'
import type { KnownFormat, RtpLeg, RtpSink } from '../rtp/rtpLeg.ts'

const NOT_NEGOTIATED = 255

/**
 * Two legs that hear each other, or one that hears itself. Packets of a codec that both sides negotiated pass straight
 * through, renumbered in place.
 */
export class Link {
  readonly a: RtpLeg
  readonly b: RtpLeg
  readonly #lanes: readonly Lane[]

  constructor(a: RtpLeg, b: RtpLeg) {
    this.a = a
    this.b = b
    this.#lanes = a === b ? [new Lane(a, a)] : [new Lane(a, b), new Lane(b, a)]
  }

  /** Takes in what either leg now negotiated. */
  refresh(): void {
    for (const lane of this.#lanes) lane.refresh()
  }

  close(): void {
    this.a.sink = null
    this.b.sink = null
  }
}

/** One direction of a link. */
class Lane implements RtpSink {
  readonly #from: RtpLeg
  readonly #to: RtpLeg
  /** By the payload type a packet came with, the one it leaves with. */
  readonly #types = new Uint8Array(128)

  constructor(from: RtpLeg, to: RtpLeg) {
    this.#from = from
    this.#to = to
    from.sink = this
    to.outgoing.interrupt()
    this.refresh()
  }

  refresh(): void {
    this.#types.fill(NOT_NEGOTIATED)
    for (const { codec, receive } of this.#from.formats) {
      const onward = this.#to.formats.find((format) => format.codec === codec)
      if (onward) this.#types[receive] = onward.send
    }
  }

  take(packet: Uint8Array, octets: number, format: KnownFormat, now: Millis): void {
    const type = this.#types[format.receive] ?? NOT_NEGOTIATED
    const { target } = this.#to.source
    if (type === NOT_NEGOTIATED) this.#from.dropped.format++
    else if (target === null) this.#from.dropped.unlinked++
    else if (this.#to.sends) this.#to.send(packet, octets, type, format, target, now)
    else {
      this.#from.dropped.direction++
      this.interrupted()
    }
  }

  interrupted(): void {
    this.#to.outgoing.interrupt()
  }
}
