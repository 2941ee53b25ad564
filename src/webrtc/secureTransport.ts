import type { Clock, Millis, Timer } from '../platform/clock.ts'
import type { Endpoint, UdpSocket } from '../platform/network.ts'
import type { Random } from '../platform/random.ts'
import { isRtcp, withoutExtension } from '../rtp/packet.ts'
import type { Hearing, PeerSource } from '../rtp/peerSource.ts'
import type { LentPair, PairListener } from '../rtp/ports/pairPool.ts'
import { isSame as isSameEndpoint } from '../rtp/source.ts'
import { SrtpSession } from '../rtp/srtp/srtpSession.ts'
import type { Bases } from './bases.ts'
import type { DtlsPeer, Fingerprint, Handshake, Handshakes } from './dtls/handshakes.ts'
import { IceAgent } from './ice/agent.ts'
import type { IceParameters, RemoteIce } from './ice/candidate.ts'
import { type IceRole, isStun } from './ice/stunMessage.ts'

/** How long it may take until a way to the peer is found, and until the keys are there, ms. */
const CONNECT_WITHIN = 20_000
/** Datagrams of DTLS that may come before we can answer. */
const MOST_EARLY = 8
/** How long a BYE may take that goes with the peer's goodbye, ms. */
const BYE_WITHIN = 2000

/** What the last offer and answer say of both ends. */
export interface SecurePeer {
  /** Ours: other ones than before restart ICE. */
  readonly local: IceParameters
  readonly ice: RemoteIce
  readonly dtls: DtlsPeer
}

export interface SecureOptions {
  readonly clock: Clock
  readonly random: Random
  readonly handshakes: Handshakes
  readonly bases: Bases
  readonly local: IceParameters
  readonly role: IceRole
  readonly mayBePeer: (at: Endpoint, base: UdpSocket) => boolean
  /** There is no media any more, or never will be. */
  readonly failed: (reason: string) => void
}

/**
 * The way to a WebRTC peer: what an RTP leg takes for its two sockets, and for who its peer is. Under it ICE finds the way,
 * DTLS agrees on keys, and SRTP carries RTP and RTCP over the one port (RFC 8834, RFC 5764). Nothing is taken from an
 * address at which the peer has not shown that it knows our password, and nothing is sent in the clear.
 */
export class SecureTransport implements LentPair, PeerSource {
  readonly rtp: UdpSocket
  readonly rtcp: UdpSocket
  readonly #options: SecureOptions
  readonly #agent: IceAgent
  #peer: DtlsPeer | null = null
  #handshake: Handshake | null = null
  readonly #early: Uint8Array[] = []
  #srtp: SrtpSession | null = null
  #listener: PairListener | null = null
  #remote: Endpoint | null = null
  /** Where the peer was when it was heard last; null: nothing came. */
  #heardAt: Endpoint | null = null
  #connected = false
  /** Until there must be keys, or the peer's goodbye counts. */
  #patience: Timer | null = null
  #closed = false

  constructor(options: SecureOptions) {
    this.#options = options
    const { clock, random, local, role, mayBePeer } = options
    const bases = options.bases.sockets
    const events = {
      connected: () => this.#connect(),
      selected: (remote: Endpoint) => {
        this.#remote = remote
      },
      lost: () => {
        this.#remote = null
      },
    }
    this.#agent = new IceAgent({ clock, random, bases, local, role, mayBePeer, events })
    this.rtp = new Outlet(bases, this)
    this.rtcp = this.rtp
  }

  /** Of our certificate. */
  get fingerprint(): Fingerprint {
    return this.#options.handshakes.fingerprint
  }

  /** Where it listens, the preferred first. */
  get ends(): readonly Endpoint[] {
    return this.#options.bases.sockets.map(({ local }) => local)
  }

  // PeerSource: who the peer is, ICE and SRTP have decided.

  get source(): Endpoint | null {
    return this.#heardAt === null ? null : this.target
  }

  get target(): Endpoint | null {
    return this.#srtp === null ? null : this.#remote
  }

  get host(): string | null {
    return this.target?.address ?? null
  }

  isAt(): boolean {
    return true
  }

  /** Where a peer is, its candidates say. */
  update(): boolean {
    return false
  }

  // Where ICE has another way by then, the peer has moved.
  hear(from: Endpoint): Hearing {
    if (this.#heardAt === from) return 'known'
    const isKnown = this.#heardAt !== null && isSameEndpoint(this.#heardAt, from)
    this.#heardAt = from
    return isKnown ? 'known' : 'learnt'
  }

  // The way itself.

  /** Takes what the peer's description says. Another certificate than before is another handshake (RFC 8842 §3). */
  agree({ local, ice, dtls }: SecurePeer): void {
    if (this.#closed) return
    this.#agent.update(local, ice)
    if (this.#peer !== null && isSame(this.#peer, dtls)) return
    this.#peer = dtls
    this.#handshake?.close()
    this.#handshake = null
    this.#wait(CONNECT_WITHIN, () => this.#giveUp())
    if (this.#connected) this.#shakeHands(dtls)
  }

  /** A datagram that came to `base` (RFC 7983 §7). */
  take(base: UdpSocket, datagram: Uint8Array, from: Endpoint): void {
    if (this.#closed) return
    if (isStun(datagram)) return this.#agent.take(datagram, base, from)
    if (!this.#agent.isPeer(base, from)) return this.#listener?.onRefused('source')
    const first = datagram[0] ?? 0
    if (first >= 20 && first <= 63) this.#takeDtls(datagram)
    else if (first >= 128 && first <= 191) this.#takeSrtp(base, datagram, from)
    else this.#listener?.onRefused('malformed')
  }

  /** Sends a packet of RTP or RTCP, if there is a way. */
  send(packet: Uint8Array): void {
    const pair = this.#agent.selected
    if (pair === null || this.#srtp === null) return
    const sealed = isRtcp(packet) ? this.#srtp.protectRtcp(packet) : this.#srtp.protect(packet)
    // The session writes the next one over it, and the system may take it later.
    pair.base.send(Buffer.from(sealed), pair.remote)
  }

  deliverTo(listener: PairListener): void {
    this.#listener = listener
  }

  close(): void {
    if (this.#closed) return
    this.#handshake?.close()
    this.#closed = true
    this.#patience?.cancel()
    this.#agent.close()
    this.#options.bases.close()
  }

  #connect(): void {
    this.#connected = true
    if (this.#peer !== null && this.#handshake === null) this.#shakeHands(this.#peer)
  }

  #shakeHands(peer: DtlsPeer): void {
    const handshake = this.#options.handshakes.begin(peer, {
      send: (datagram) => this.#sendDtls(datagram),
      done: (keys) => {
        this.#srtp = new SrtpSession(keys)
        this.#patience?.cancel()
      },
      failed: (reason) => this.#fail(`the media could not be secured: ${reason}`),
      closed: () => this.#goodbye(),
    })
    this.#handshake = handshake
    for (const datagram of this.#early.splice(0)) handshake.take(datagram)
  }

  #sendDtls(datagram: Uint8Array): void {
    const pair = this.#agent.selected
    if (!this.#closed) pair?.base.send(datagram, pair.remote)
  }

  #takeDtls(datagram: Uint8Array): void {
    if (this.#handshake !== null) this.#handshake.take(datagram)
    else if (this.#early.length < MOST_EARLY) this.#early.push(datagram)
  }

  #takeSrtp(base: UdpSocket, packet: Uint8Array, from: Endpoint): void {
    if (this.#srtp === null || this.#listener === null) return
    const rtcp = isRtcp(packet)
    const opened = rtcp ? this.#srtp.unprotectRtcp(packet) : this.#srtp.unprotect(packet)
    if (typeof opened === 'string') return this.#listener.onRefused(opened === 'malformed' ? 'malformed' : 'forged')
    this.#agent.heard(base, from)
    // We agreed to no header extensions, and phones that never heard of any are at the other end.
    this.#listener.onRtp(rtcp ? opened : withoutExtension(opened), this.#remote ?? from)
  }

  // A BYE says more, if there is one.
  #goodbye(): void {
    this.#wait(BYE_WITHIN, () => this.#fail('the phone has closed its media'))
  }

  #wait(span: Millis, run: () => void): void {
    this.#patience?.cancel()
    this.#patience = this.#options.clock.after(span, run)
  }

  #giveUp(): void {
    this.#fail(
      this.#connected
        ? 'the media could not be secured in time'
        : 'no way was found between the phone and the media ports of this server; a firewall may be closing them',
    )
  }

  #fail(reason: string): void {
    if (!this.#closed) this.#options.failed(reason)
  }
}

/** What the leg sends to: wherever ICE leads. */
class Outlet implements UdpSocket {
  readonly #bases: readonly UdpSocket[]
  readonly #transport: SecureTransport

  constructor(bases: readonly UdpSocket[], transport: SecureTransport) {
    this.#bases = bases
    this.#transport = transport
  }

  get local(): Endpoint {
    const [base] = this.#bases
    if (base === undefined) throw new RangeError('a transport without sockets')
    return base.local
  }

  get open(): boolean {
    return this.#bases.some(({ open }) => open)
  }

  send(packet: Uint8Array): void {
    this.#transport.send(packet)
  }

  close(): void {
    this.#transport.close()
  }
}

function isSame(a: DtlsPeer, b: DtlsPeer): boolean {
  const values = ({ fingerprints }: DtlsPeer): string =>
    fingerprints
      .map(({ value }) => value)
      .sort()
      .join()
  return a.role === b.role && values(a) === values(b)
}
