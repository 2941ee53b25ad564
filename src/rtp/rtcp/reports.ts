import type { Millis } from '../../platform/clock.ts'
import type { OutgoingStream } from '../outgoing.ts'
import type { Reception } from '../reception.ts'
import type { ReportBlock } from './rtcp.ts'
import { readRtcp } from './rtcpRead.ts'
import { ntpMiddle, type SenderInfo, writeReport } from './rtcpWrite.ts'

/** Of so many of our SRs we know when they left; a peer's report may miss the last one or two. */
const REMEMBERED = 4
/** A round trip may come out below zero by as much, ms, where the peer rounds its delay. */
const ROUNDING = 10
const NEVER: Millis = Number.NaN

/** What the peer reports of the packets we send. Those that never came to us, and left a gap, it misses too. */
export interface PeerView {
  /** The fraction that was lost between its last two reports, 0–1. */
  readonly lost: number
  /** Packets lost since the beginning, and the fraction they are. */
  readonly lostTotal: number
  readonly lostShare: number
  readonly jitter: Millis
}

/** What we have sent. Octets of payload. */
export interface Sent {
  readonly packets: number
  readonly octets: number
}

/** What goes into one leg's reports, and what the peer's reports say (RFC 3550 §6.4). */
export class Reports {
  /** Null before the peer reported on our stream. */
  peer: PeerView | null = null
  /** To the peer and back, by its last report that told; null before. */
  roundTrip: Millis | null = null
  /** When the peer said goodbye (BYE); null if it did not, or has gone on. That ends no call: SIP does. */
  leftAt: Millis | null = null

  readonly #outgoing: OutgoingStream
  readonly #reception: Reception
  readonly #cname: string
  /** Our SRs: the middle of their NTP timestamps, and when they left; round and round. */
  readonly #sentMiddles = new Uint32Array(REMEMBERED)
  readonly #sentAt = new Float64Array(REMEMBERED).fill(NEVER)
  #sentReports = 0
  /** Packets sent at the last report, and at the one before. */
  #packetsBefore = 0
  #packetsLongBefore = 0
  /** The peer's last SR. */
  #heard = { ssrc: 0, middle: 0, at: NEVER }
  /** Reception at our last report. */
  #stream = 0
  #expected = 0
  #received = 0
  /** The upper half of the peer's first extended sequence number: zero by the RFC, but not every phone's. */
  #peerCycles: number | null = null

  constructor(outgoing: OutgoingStream, reception: Reception, cname: string) {
    this.#outgoing = outgoing
    this.#reception = reception
    this.#cname = cname
  }

  /**
   * The report that is due now: an SR if RTP was sent since the last report but one, else an RR (§6.4). `wall`: the time
   * of day, ms since 1970. With `bye` it is the last one.
   */
  write(sent: Sent, now: Millis, wall: Millis, bye: boolean): Uint8Array {
    const sends = sent.packets > this.#packetsLongBefore
    this.#packetsLongBefore = this.#packetsBefore
    this.#packetsBefore = sent.packets
    const sender = sends ? this.#senderInfo(sent, now, wall) : null
    return writeReport({ ssrc: this.#outgoing.ssrc, cname: this.#cname, sender, block: this.#block(now), bye })
  }

  /** Takes a well-formed datagram of the peer. */
  take(datagram: Uint8Array, now: Millis): void {
    const { sender, block, bye } = readRtcp(datagram, this.#outgoing.ssrc)
    if (sender) this.#heard = { ssrc: sender.ssrc, middle: sender.middle, at: now }
    if (block) this.#takeBlock(block, now)
    this.leftAt = bye ? now : null
  }

  #senderInfo({ packets, octets }: Sent, now: Millis, wall: Millis): SenderInfo {
    const slot = this.#sentReports++ % REMEMBERED
    this.#sentMiddles[slot] = ntpMiddle(wall)
    this.#sentAt[slot] = now
    return { wall, timestamp: this.#outgoing.timeAt(now), packets, octets }
  }

  // §6.4.1: only of a source that was heard since the last report.
  #block(now: Millis): ReportBlock | null {
    const { streams, ssrc, expected, received, highest, jitterUnits: jitter } = this.#reception
    if (streams !== this.#stream) this.#expected = this.#received = 0
    const [due, came] = [expected - this.#expected, received - this.#received]
    this.#stream = streams
    this.#expected = expected
    this.#received = received
    if (due === 0 && came === 0) return null
    const lost = due > came ? (due - came) / due : 0
    const { middle: lastReport, delay } = this.#lastHeard(ssrc, now)
    return { ssrc, lost, lostTotal: expected - received, highest, jitter, lastReport, delay }
  }

  #lastHeard(ssrc: number, now: Millis): { readonly middle: number; readonly delay: number } {
    const { middle, at } = this.#heard
    if (Number.isNaN(at) || this.#heard.ssrc !== ssrc) return { middle: 0, delay: 0 }
    return { middle, delay: Math.round((now - at) * 65.536) }
  }

  #takeBlock(block: ReportBlock, now: Millis): void {
    this.#peerCycles ??= (block.highest & 0xffff0000) >>> 0
    const expected = block.highest - this.#peerCycles - this.#outgoing.firstSequence + 1
    const lostTotal = Math.max(0, block.lostTotal)
    const lostShare = expected > 0 ? Math.min(1, lostTotal / expected) : block.lost
    this.peer = { lost: block.lost, lostTotal, lostShare, jitter: (1000 * block.jitter) / this.#outgoing.clockRate }
    this.roundTrip = this.#roundTripOf(block, now) ?? this.roundTrip
  }

  // By our own clock that never steps, and only for an SR that we did send: a made-up LSR says nothing.
  #roundTripOf({ lastReport, delay }: ReportBlock, now: Millis): Millis | null {
    const slot = lastReport === 0 ? -1 : this.#sentMiddles.lastIndexOf(lastReport)
    const roundTrip = now - (this.#sentAt[slot] ?? NEVER) - delay / 65.536
    return roundTrip > -ROUNDING ? Math.max(0, roundTrip) : null
  }
}
