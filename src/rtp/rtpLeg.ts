import type { Clock, Millis } from '../platform/clock.ts'
import type { Endpoint, UdpSocket } from '../platform/network.ts'
import type { Random } from '../platform/random.ts'
import { type KnownFormat, known, type RtpFormat } from './format.ts'
import { OutgoingStream, type Timeline } from './outgoing.ts'
import { isRtcp, isStun, payloadLength, payloadType, sequenceNumber, ssrc, timestamp } from './packet.ts'
import type { MayBePeer } from './peerAddress.ts'
import type { PeerSource } from './peerSource.ts'
import type { LentPair, PairListener } from './ports/pairPool.ts'
import { Reception } from './reception.ts'
import { isWellFormed } from './rtcp/rtcp.ts'
import { type Port, type RtcpPeer, RtcpSession } from './rtcp/rtcpSession.ts'
import { SourceLock } from './source.ts'

/** A NAT binding must see a packet at least this often, ms (RFC 6263). */
const KEEPALIVE = 15_000
/** How long a peer may say nothing before it is told, ms. */
const SILENCE = 60_000
/** Forgeries are told of no more often than this, ms. */
const TELL_EVERY = 60_000
const PAYLOAD_TYPES = 128

/** What the last offer and answer say of the peer. */
export interface RtpPeer extends RtcpPeer {
  readonly rtp: Endpoint | null
  readonly formats: readonly RtpFormat[]
  /** How long a packet it would have, ms; null: it did not say. */
  readonly ptime: Millis | null
  /** Whether we may send to the peer. */
  readonly sends: boolean
  /** Whether the peer may send to us. */
  readonly receives: boolean
  /** Whether keys are told it in its media: as events if it knows them, else as tones. */
  readonly keysInMedia: boolean
}

/** Where a leg's packets go on to. */
export interface RtpSink {
  /** Takes a valid packet of the peer, and may rewrite it; `octets` of payload. */
  take(packet: Uint8Array, octets: number, format: KnownFormat, now: Millis): void
  /** A packet was held back: what comes next is no continuation. */
  interrupted(): void
}

/** Looks at a leg's valid packets, and leaves them as they are. */
export interface RtpTap {
  take(packet: Uint8Array, octets: number, format: KnownFormat, now: Millis): void
}

export type RtpEvent =
  | { readonly type: 'connected' | 'source-changed'; readonly source: Endpoint }
  | { readonly type: 'silence'; readonly elapsed: Millis }
  /** So many packets came, since it was last told, that the peer has not sealed; once a minute. */
  | { readonly type: 'forged'; readonly packets: number }

export interface RtpLegOptions {
  readonly clock: Clock
  readonly random: Random
  readonly mayBePeer: MayBePeer
  /** Who the peer is, where its sockets know that; left out, it is learnt from what comes. */
  readonly source?: PeerSource
  readonly notify: (event: RtpEvent) => void
}

/** One RTP session with one peer: what comes from it is judged and counted here, what goes to it leaves from here. */
export class RtpLeg implements PairListener {
  readonly source: PeerSource
  readonly outgoing: OutgoingStream
  readonly reception = new Reception()
  readonly received = { packets: 0, octets: 0 }
  readonly sent = { packets: 0, octets: 0 }
  readonly dropped = { malformed: 0, source: 0, format: 0, direction: 0, unlinked: 0, forged: 0 }
  readonly rtcp: RtcpSession
  /** The codec of the last packet received. */
  codec: string | null = null
  formats: readonly KnownFormat[] = []
  ptime: Millis | null = null
  /** All that what is sent to the peer depends on, in one word: while that stays, who makes it can go on as before. */
  terms = ''
  sends = false
  keysInMedia = true
  /** Whether somebody speaks to the peer in the place of its link or room; what comes from those is not sent then. */
  occupied = false
  /** The other side, if the leg is linked. */
  sink: RtpSink | null = null
  /** Told of packets of RFC 4733; they go to the sink as all others do. */
  keys: RtpTap | null = null

  readonly #taps: RtpTap[] = []
  /** Whether there are any: a look at them would cost each packet a miss in the cache. */
  #isTapped = false
  readonly #sockets: LentPair
  readonly #rtp: UdpSocket
  readonly #clock: Clock
  readonly #notify: (event: RtpEvent) => void
  readonly #formatOf: (KnownFormat | null)[] = new Array(PAYLOAD_TYPES).fill(null)
  #heardAt: Millis = Number.NaN
  #receives = false
  #connected = false
  #unassigned = PAYLOAD_TYPES - 1
  #sentAt: Millis = 0
  /** Since when the peer is expected to send; null before the first `update`. */
  #expectedSince: Millis | null = null
  #silentMinutes = 0
  #forgeriesTold = 0
  #tellFrom: Millis = 0

  constructor(sockets: LentPair, { clock, random, mayBePeer, notify, source: known }: RtpLegOptions) {
    this.#sockets = sockets
    this.#rtp = sockets.rtp
    this.#clock = clock
    this.#notify = notify
    this.source = known ?? new SourceLock(mayBePeer)
    this.outgoing = new OutgoingStream(random)
    const { source, outgoing, reception, sent } = this
    this.rtcp = new RtcpSession({ sockets, clock, random, mayBePeer, source, outgoing, reception, sent })
    sockets.deliverTo(this)
  }

  /** When the last valid packet came, RTP or RTCP. */
  get heardAt(): Millis | null {
    return Number.isNaN(this.#heardAt) ? null : this.#heardAt
  }

  get local(): Endpoint {
    return this.#sockets.rtp.local
  }

  get rtcpPort(): number {
    return this.#sockets.rtcp.local.port
  }

  /** Sets what the peer's SDP agreed to. A new target gets a packet at once, which opens our side's NAT to it. */
  update(peer: RtpPeer): void {
    const now = this.#clock.now()
    if (this.#expectedSince === null || (peer.receives && !this.#receives)) this.#expectedSince = now
    this.sends = peer.sends
    this.ptime = peer.ptime
    this.keysInMedia = peer.keysInMedia
    this.#receives = peer.receives
    this.#setFormats(peer.formats)
    this.rtcp.update(peer, now)
    if (!this.source.update(peer.rtp, now)) return
    this.#keepOpen(now)
    this.rtcp.open(now)
  }

  /** A datagram on the RTP socket. */
  onRtp(packet: Uint8Array, from: Endpoint): void {
    if (isStun(packet)) return
    if (isRtcp(packet)) return this.#takeRtcp(packet, from, 'rtp')
    const octets = payloadLength(packet)
    if (octets < 0) {
      this.dropped.malformed++
      return
    }
    const now = this.#clock.now()
    const format = this.#formatOf[payloadType(packet)] ?? null
    const heard = this.source.hear(from, format !== null && this.#receives, now)
    if (heard === 'stranger') {
      this.#turnAway(format)
      return
    }
    if (heard === 'learnt') this.#learnt(this.source.source ?? from)
    this.#heardAt = now
    this.received.packets++
    this.received.octets += octets
    const clockRate = format?.advances ? format.clockRate : 0
    this.reception.take(ssrc(packet), sequenceNumber(packet), timestamp(packet), clockRate, now)
    if (format === null) this.dropped.format++
    else this.#pass(packet, octets, format, now)
  }

  /** A datagram on the RTCP socket. It goes no further. */
  onRtcp(datagram: Uint8Array, from: Endpoint): void {
    if (!isStun(datagram)) this.#takeRtcp(datagram, from, 'rtcp')
  }

  onRefused(why: 'source' | 'malformed' | 'forged'): void {
    this.dropped[why]++
  }

  /** Sends a packet of another leg to the peer as ours, with payload type `type`; it is rewritten in place. */
  send(packet: Uint8Array, octets: number, type: number, timeline: Timeline, to: Endpoint, now: Millis): void {
    if (this.outgoing.rewrite(packet, type, timeline, now)) this.#transmit(packet, octets, to, now)
  }

  /** Sends a packet of our own between those of whatever is passing, rewritten in place: `timestamp` as `outgoing.timeAt`'s. */
  insert(packet: Uint8Array, octets: number, type: number, timestamp: number, to: Endpoint, now: Millis): void {
    this.outgoing.insert(packet, type, timestamp, now)
    this.#transmit(packet, octets, to, now)
  }

  /** Shows `tap` what comes from now on, before it goes on. */
  addTap(tap: RtpTap): void {
    this.#taps.push(tap)
    this.#isTapped = true
  }

  removeTap(tap: RtpTap): void {
    const at = this.#taps.indexOf(tap)
    if (at >= 0) this.#taps.splice(at, 1)
    this.#isTapped = this.#taps.length > 0
  }

  /** What is due by time alone; to be called about once a second. */
  tick(now: Millis): void {
    if (this.#expectedSince === null) return
    if (now >= this.#sentAt + KEEPALIVE) this.#keepOpen(now)
    this.rtcp.tick(now)
    this.#tellOfForgeries(now)
    const elapsed = now - Math.max(this.heardAt ?? 0, this.#expectedSince)
    const minutes = Math.floor(elapsed / SILENCE)
    if (minutes > this.#silentMinutes) this.#notify({ type: 'silence', elapsed })
    this.#silentMinutes = minutes
  }

  /** Says goodbye to the peer and gives the sockets back. */
  close(): void {
    this.rtcp.close(this.#clock.now())
    this.#sockets.close()
  }

  #tellOfForgeries(now: Millis): void {
    const packets = this.dropped.forged - this.#forgeriesTold
    if (packets === 0 || now < this.#tellFrom) return
    this.#forgeriesTold += packets
    this.#tellFrom = now + TELL_EVERY
    this.#notify({ type: 'forged', packets })
  }

  #transmit(packet: Uint8Array, octets: number, to: Endpoint, now: Millis): void {
    this.#sentAt = now
    this.sent.packets++
    this.sent.octets += octets
    this.#rtp.send(packet, to)
  }

  #setFormats(formats: readonly RtpFormat[]): void {
    this.formats = formats.map(known)
    this.terms =
      formats.map(({ codec, receive, send, fmtp }) => `${codec} ${receive} ${send} ${fmtp}`).join() + this.ptime
    this.#formatOf.fill(null)
    for (const format of this.formats) this.#formatOf[format.receive] = format
    this.#unassigned = PAYLOAD_TYPES - 1
    while (formats.some(({ send }) => send === this.#unassigned)) this.#unassigned--
  }

  // RTCP is a sign of life, too.
  #takeRtcp(datagram: Uint8Array, from: Endpoint, port: Port): void {
    const now = this.#clock.now()
    if (!isWellFormed(datagram)) this.dropped.malformed++
    else if (this.rtcp.take(datagram, from, port, now)) this.#heardAt = now
    else this.dropped.source++
  }

  #turnAway(format: KnownFormat | null): void {
    if (this.source.source !== null) this.dropped.source++
    else if (format === null) this.dropped.format++
    else if (!this.#receives) this.dropped.direction++
    else this.dropped.source++
  }

  #learnt(source: Endpoint): void {
    const type = this.#connected ? 'source-changed' : 'connected'
    this.#connected = true
    this.#notify({ type, source })
  }

  #pass(packet: Uint8Array, octets: number, format: KnownFormat, now: Millis): void {
    this.codec = format.codec
    if ((this.#isTapped || !format.advances) && this.#receives) this.#show(packet, octets, format, now)
    if (this.sink === null) this.dropped.unlinked++
    else if (this.#receives) this.sink.take(packet, octets, format, now)
    else {
      this.dropped.direction++
      this.sink.interrupted()
    }
  }

  #show(packet: Uint8Array, octets: number, format: KnownFormat, now: Millis): void {
    if (!format.advances) this.keys?.take(packet, octets, format, now)
    for (const tap of this.#taps) tap.take(packet, octets, format, now)
  }

  // RFC 6263 §4.6 for RTP: a valid packet of a payload type nobody negotiated. Every phone must ignore it (RFC 3550
  // §5.1) yet a peer that itself learns from packets can learn from it; datagrams of no octets do neither, and some
  // stacks take them for a closed socket. It goes out on hold too (§4.6: no media). RTCP's port is kept open by reports.
  #keepOpen(now: Millis): void {
    this.#sentAt = now
    const { target } = this.source
    if (target !== null) this.#rtp.send(this.outgoing.keepalive(this.#unassigned, now), target)
  }
}
