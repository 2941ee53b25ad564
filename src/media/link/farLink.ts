import type { Digit } from '../../codecs/tones/dtmf.ts'
import type { Clock, Millis } from '../../platform/clock.ts'
import type { KnownFormat } from '../../rtp/format.ts'
import type { RtpLeg, RtpSink } from '../../rtp/rtpLeg.ts'
import type { Hearing } from '../playout/hearing.ts'
import type { Ticker } from '../ticker.ts'
import { Lane, type LaneEnd, type LaneSource } from './lane.ts'
import type { Joint } from './link.ts'
import type { Wire, WireMessage } from './wire.ts'

/** A leg of another thread, as far as it is heard here. */
class FarLeg implements LaneSource {
  formats: readonly KnownFormat[] = []
  terms = ''
  readonly dropped = { format: 0, direction: 0, unlinked: 0 }
  sink: RtpSink | null = null
}

/**
 * Our half of a link to a leg of another thread. What our leg's peer sends goes over the wire as it came; what comes over the
 * wire goes through a lane to our leg. So each packet is worked on once, by the thread that sends it.
 */
export class FarLink implements Joint, RtpSink {
  readonly #leg: RtpLeg
  readonly #wire: Wire
  readonly #clock: Clock
  readonly #far = new FarLeg()
  readonly #lane: Lane

  /** `closed` is called when the other half is gone. */
  constructor(leg: LaneEnd, wire: Wire, pulse: { readonly ticker: Ticker; readonly clock: Clock }, closed: () => void) {
    this.#leg = leg.rtp
    this.#wire = wire
    this.#clock = pulse.clock
    this.#lane = new Lane(this.#far, leg, pulse.ticker)
    this.#leg.sink = this
    wire.listen((message) => this.#take(message), closed)
    this.#tellFormats()
  }

  take(packet: Uint8Array, octets: number, { receive }: KnownFormat): void {
    // Its memory is used again, and a view would take all of it along.
    this.#wire.send({ type: 'packet', packet: packet.slice(), octets, receive })
  }

  interrupted(): void {
    this.#wire.send({ type: 'interrupted' })
  }

  refresh(): void {
    this.#lane.refresh()
    this.#tellFormats()
  }

  press(_from: RtpLeg, digit: Digit): void {
    this.#wire.send({ type: 'press', digit })
  }

  release(_from: RtpLeg, duration: Millis): void {
    this.#wire.send({ type: 'release', duration })
  }

  // Our leg becomes sound on the other side.
  heard(): Hearing | null {
    return null
  }

  close(): void {
    this.#lane.close()
    this.#leg.sink = null
    this.#wire.close()
  }

  #tellFormats(): void {
    const { formats, terms } = this.#leg
    this.#wire.send({ type: 'formats', formats, terms })
  }

  #take(message: WireMessage): void {
    switch (message.type) {
      case 'formats':
        this.#far.formats = message.formats
        this.#far.terms = message.terms
        return this.#lane.refresh()
      case 'packet':
        return this.#pass(message.packet, message.octets, message.receive)
      case 'interrupted':
        return this.#lane.interrupted()
      case 'press':
        return this.#lane.press(message.digit)
      case 'release':
        return this.#lane.release(message.duration)
      default:
        message satisfies never
    }
  }

  #pass(packet: Uint8Array, octets: number, receive: number): void {
    const format = this.#far.formats.find((each) => each.receive === receive)
    if (format) this.#lane.take(packet, octets, format, this.#clock.now())
  }
}
