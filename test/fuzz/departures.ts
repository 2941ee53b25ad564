import type { RemoteMedia } from '../../src/media/engine.ts'
import { isRtcp, payloadLength, payloadType, sequenceNumber, ssrc } from '../../src/rtp/packet.ts'
import { isWellFormed } from '../../src/rtp/rtcp/rtcp.ts'

/** How many of the last packets are remembered. */
const REMEMBERED = 4096
/** RFC 3550 §A.1: no stream of ours may leap further ahead or behind. */
const MAX_DROPOUT = 3000
const MAX_MISORDER = 100

/** Watches what leaves one leg toward its peer: each check gives what is wrong, or null. */
export class Departures {
  packets = 0
  keepalives = 0
  /** By which the peer hears us; null before the first packet. */
  ssrc: number | null = null
  #highest = 0
  /** By sequence number: the whole one that was sent, and what it was made of. */
  readonly #sent = new Float64Array(REMEMBERED).fill(Number.NaN)
  readonly #madeOf = new Float64Array(REMEMBERED)

  /** `madeOf`: what names the packet it was made of, if it was relayed, else -1. */
  rtp(packet: Uint8Array, agreed: RemoteMedia, madeOf: number): string | null {
    const octets = payloadLength(packet)
    if (octets < 0) return 'what leaves is no RTP'
    this.ssrc ??= ssrc(packet)
    if (ssrc(packet) !== this.ssrc) return 'another SSRC'
    const type = payloadType(packet)
    if (!agreed.formats.some(({ send }) => send === type)) {
      if (octets > 0 || isRtcp(packet)) return `payload type ${type} was not negotiated`
      this.keepalives++
    } else {
      if (!agreed.sends) return 'it may not send'
      this.packets++
    }
    return this.#order(sequenceNumber(packet), madeOf)
  }

  rtcp(datagram: Uint8Array): string | null {
    return isWellFormed(datagram) ? null : 'what leaves is no RTCP'
  }

  #order(sequence: number, madeOf: number): string | null {
    if (this.packets + this.keepalives === 1) this.#highest = sequence - 1
    const step = ((sequence - this.#highest) << 16) >> 16
    if (step >= MAX_DROPOUT || step <= -MAX_MISORDER) return `the sequence leaps by ${step}`
    const whole = this.#highest + step
    const slot = ((whole % REMEMBERED) + REMEMBERED) % REMEMBERED
    const isTaken = this.#sent[slot] === whole
    if (isTaken && (madeOf < 0 || this.#madeOf[slot] !== madeOf))
      return `sequence number ${sequence} twice, ${step} behind`
    if (step <= 0 && madeOf < 0) return `a packet of our own ${step} behind`
    this.#sent[slot] = whole
    this.#madeOf[slot] = madeOf
    this.#highest = Math.max(this.#highest, whole)
    return null
  }
}
