import type { Clock, Millis } from '../../platform/clock.ts'
import type { Endpoint } from '../../platform/network.ts'
import { hexToken, type Random } from '../../platform/random.ts'
import type { OutgoingStream } from '../outgoing.ts'
import type { MayBePeer } from '../peerAddress.ts'
import type { PeerSource } from '../peerSource.ts'
import type { LentPair } from '../ports/pairPool.ts'
import type { Reception } from '../reception.ts'
import { isSame, RtcpLock } from '../source.ts'
import { Reports, type Sent } from './reports.ts'

/** The mean interval of reports, ms (RFC 3550 §6.2); the first comes after about half. */
const INTERVAL = 5000
const FIRST_INTERVAL = INTERVAL / 2
/** Each interval is drawn from half of it to one and a half, in so many steps (§6.3.1). */
const STEPS = 1000

/** What the last offer and answer say of the peer's RTCP. */
export interface RtcpPeer {
  readonly rtcp: Endpoint | null
  /** Whether RTCP shares the port of RTP, on both sides (RFC 5761). */
  readonly rtcpMux: boolean
}

/** Which of a leg's sockets a datagram came to. */
export type Port = 'rtp' | 'rtcp'

export interface RtcpSessionOptions {
  readonly sockets: LentPair
  readonly clock: Clock
  readonly random: Random
  readonly mayBePeer: MayBePeer
  /** Where the peer's RTP comes from. */
  readonly source: PeerSource
  readonly outgoing: OutgoingStream
  readonly reception: Reception
  readonly sent: Sent
}

/** The RTCP of one leg: whose reports are taken, and when ours leave and where to. */
export class RtcpSession {
  readonly reports: Reports
  /** Datagrams of the peer. */
  received = 0
  readonly #options: RtcpSessionOptions
  readonly #lock: RtcpLock
  #isMuxed = false
  /** When the next report leaves; null before the first SDP. */
  #dueAt: Millis | null = null
  #hasSpoken = false

  constructor(options: RtcpSessionOptions) {
    this.#options = options
    this.#lock = new RtcpLock(options.mayBePeer)
    // RFC 7022: one for each session, of 96 random bits.
    this.reports = new Reports(options.outgoing, options.reception, hexToken(options.random, 12))
  }

  update({ rtcp, rtcpMux }: RtcpPeer, now: Millis): void {
    this.#isMuxed = rtcpMux
    this.#lock.update(rtcp)
    this.#dueAt ??= now + this.#drawn(FIRST_INTERVAL)
  }

  /** Reports at once, which opens our side's NAT to a new target. */
  open(now: Millis): void {
    this.#report(now, false)
    this.#dueAt = now + this.#drawn(FIRST_INTERVAL)
  }

  /** Takes a well-formed datagram; false if it is not the peer's. */
  take(datagram: Uint8Array, from: Endpoint, port: Port, now: Millis): boolean {
    if (!this.#isPeers(from, port, now)) return false
    this.received++
    this.reports.take(datagram, now)
    return true
  }

  /**
   * Sends the report that is due. A session of two shares no bandwidth with others, so that the interval of §6.3 is the
   * least one, and nobody's joining or leaving is a reason to reconsider it; nor then to compensate for that (§6.3.1).
   */
  tick(now: Millis): void {
    if (this.#dueAt === null || now < this.#dueAt) return
    this.#report(now, false)
    this.#dueAt = now + this.#drawn(INTERVAL)
  }

  /** Says goodbye, unless the peer never heard of us (§6.3.7). */
  close(now: Millis): void {
    if (this.#hasSpoken) this.#report(now, true)
  }

  // On the RTP port it must come from where RTP comes from; if the ports were not agreed to be one it teaches nothing, yet
  // is the peer's. Agreed, it may come before any RTP, as from a phone that only listens.
  #isPeers(from: Endpoint, port: Port, now: Millis): boolean {
    const { source } = this.#options
    if (port === 'rtcp') return this.#lock.hear(from, source.host, now)
    if (!this.#isMuxed) return source.isAt(from)
    return source.target !== null && isSame(from, source.target)
  }

  #report(now: Millis, bye: boolean): void {
    const { sockets, source, sent, clock } = this.#options
    const target = this.#isMuxed ? source.target : this.#lock.target
    if (target === null) return
    const socket = this.#isMuxed ? sockets.rtp : sockets.rtcp
    socket.send(this.reports.write(sent, now, clock.wall().getTime(), bye), target)
    this.#hasSpoken = true
  }

  #drawn(mean: Millis): Millis {
    return mean * (0.5 + this.#options.random.integer(STEPS + 1) / STEPS)
  }
}
