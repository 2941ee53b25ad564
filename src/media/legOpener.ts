import type { Clock } from '../platform/clock.ts'
import type { Endpoint, Network, UdpSocket } from '../platform/network.ts'
import type { Random } from '../platform/random.ts'
import { type MayBePeer, peerRule } from '../rtp/peerAddress.ts'
import { PairPool } from '../rtp/ports/pairPool.ts'
import type { PortPool } from '../rtp/ports/ports.ts'
import { type RtpEvent, RtpLeg } from '../rtp/rtpLeg.ts'
import { SrtpPair } from '../rtp/srtp/srtpPair.ts'
import { bindBases } from '../webrtc/bases.ts'
import type { Handshakes } from '../webrtc/dtls/handshakes.ts'
import { SecureTransport } from '../webrtc/secureTransport.ts'
import { type LegSpec, MediaError, type SecureSpec } from './engine.ts'

/** What is shared by all legs of WebRTC. */
export interface WebRtc {
  /** Made when the first leg asks for them: they cost memory, and time to load. */
  handshakes(): Promise<Handshakes>
  /** Single ones, apart from those of RTP. */
  readonly ports: PortPool
}

export interface LegOpenerOptions {
  readonly clock: Clock
  readonly network: Network
  readonly random: Random
  readonly ports: PortPool
  /** How many pairs of sockets stay bound for further legs. */
  readonly keptPairs: number
  /** Called for each datagram that comes, before anything is done about it. */
  readonly arrived?: () => void
  /** What legs of WebRTC need; left out, there are none. */
  readonly webrtc?: WebRtc
}

export interface LegEvents {
  notify(event: RtpEvent): void
  /** There is no media any more. */
  failed(reason: string): void
}

/** A leg's RTP session, and the way under it where that is one of WebRTC. */
export interface OpenedLeg {
  readonly rtp: RtpLeg
  readonly secure: SecureTransport | null
  /** Of a leg of SRTP whose keys come with its descriptions. */
  readonly srtp: SrtpPair | null
}

/** Opens the sockets of legs, of either kind. */
export class LegOpener {
  readonly #options: LegOpenerOptions
  readonly #ownAddresses: ReadonlySet<string>
  readonly #pairs: PairPool

  /** `ownAddresses`: those that reach this host, looked at anew for each packet that matters. */
  constructor(options: LegOpenerOptions, ownAddresses: ReadonlySet<string>) {
    this.#options = options
    this.#ownAddresses = ownAddresses
    this.#pairs = new PairPool(options, options.keptPairs, options.arrived ?? (() => {}))
  }

  /** Rejects with `MediaError`. */
  open(spec: LegSpec, events: LegEvents): Promise<OpenedLeg> {
    return spec.secure ? this.#openSecure(spec, spec.secure, events) : this.#openPair(spec, events)
  }

  /** Closes what is kept for further legs. */
  close(): void {
    this.#pairs.close()
  }

  async #openPair({ address, srtp: sealed }: LegSpec, { notify }: LegEvents): Promise<OpenedLeg> {
    const { ports, clock, random } = this.#options
    const sockets = await this.#pairs.lend(address).catch((cause) => refused(address, cause))
    if (sockets === null) throw new MediaError('NO_PORTS', `none of the ${ports.pairs} pairs of RTP ports is free`)
    const srtp = sealed ? new SrtpPair(sockets) : null
    const rtp = new RtpLeg(srtp ?? sockets, { clock, random, mayBePeer: this.#ruleAt(address), notify })
    return { rtp, secure: null, srtp }
  }

  async #openSecure({ address }: LegSpec, secure: SecureSpec, { notify, failed }: LegEvents): Promise<OpenedLeg> {
    const { clock, random, network, webrtc, arrived } = this.#options
    if (!webrtc) throw new MediaError('NO_WEBRTC', 'this engine has no WebRTC')
    const { ports } = webrtc
    const handshakes = await webrtc.handshakes()
    let transport: SecureTransport | null = null
    const take = (base: UdpSocket, datagram: Uint8Array, from: Endpoint): void => {
      arrived?.()
      transport?.take(base, datagram, from)
    }
    const addresses = [address, ...secure.addresses]
    const bases = await bindBases({ network, ports, clock }, addresses, take).catch((cause) => refused(address, cause))
    if (bases === null) throw new MediaError('NO_PORTS', `none of the ${ports.pairs} WebRTC ports is free`)
    const rules = new Map(addresses.map((at) => [at, this.#ruleAt(at)]))
    const mayBePeer = (at: Endpoint, { local }: UdpSocket): boolean => rules.get(local.address)?.(at) ?? false
    const { ice: local, role } = secure
    transport = new SecureTransport({ clock, random, handshakes, bases, local, role, mayBePeer, failed })
    const rtp = new RtpLeg(transport, { clock, random, mayBePeer: () => true, source: transport, notify })
    return { rtp, secure: transport, srtp: null }
  }

  #ruleAt(address: string): MayBePeer {
    const { ports, webrtc } = this.#options
    return peerRule(address, this.#ownAddresses, (port) => ports.owns(port) || (webrtc?.ports.owns(port) ?? false))
  }
}

function refused(address: string, cause: unknown): never {
  throw new MediaError('BIND', `no socket at ${address}: ${cause instanceof Error ? cause.message : cause}`)
}
