import type { Endpoint, UdpSocket } from '../../platform/network.ts'
import { isRtcp } from '../packet.ts'
import type { LentPair, PairListener } from '../ports/pairPool.ts'
import { type SrtpKeys, SrtpSession } from './srtpSession.ts'

/**
 * The sockets of a leg whose packets are SRTP by keys that its descriptions agreed on (RFC 4568): what the leg sends is sealed, and
 * of what comes only that goes on which the peer has sealed. Before there are keys nothing goes either way.
 */
export class SrtpPair implements LentPair {
  readonly rtp: UdpSocket
  readonly rtcp: UdpSocket
  readonly #pair: LentPair
  #session: SrtpSession | null = null

  /** `pair` is given back with this one. */
  constructor(pair: LentPair) {
    this.#pair = pair
    this.rtp = new Sealed(pair.rtp, (packet) =>
      isRtcp(packet) ? this.#session?.protectRtcp(packet) : this.#session?.protect(packet),
    )
    this.rtcp = new Sealed(pair.rtcp, (packet) => this.#session?.protectRtcp(packet))
  }

  /** Takes the keys of both directions, at first and after each re-offer. */
  agree(keys: SrtpKeys): void {
    if (this.#session === null) this.#session = new SrtpSession(keys)
    else this.#session.renew(keys)
  }

  deliverTo(listener: PairListener): void {
    this.#pair.deliverTo({
      onRtp: (datagram, from) => this.#open(datagram, isRtcp(datagram), listener, (rtp) => listener.onRtp(rtp, from)),
      onRtcp: (datagram, from) => this.#open(datagram, true, listener, (rtcp) => listener.onRtcp(rtcp, from)),
      onRefused: (why) => listener.onRefused(why),
    })
  }

  close(): void {
    this.#pair.close()
  }

  #open(datagram: Uint8Array, rtcp: boolean, listener: PairListener, take: (packet: Uint8Array) => void): void {
    if (this.#session === null) return
    const opened = rtcp ? this.#session.unprotectRtcp(datagram) : this.#session.unprotect(datagram)
    if (typeof opened === 'string') listener.onRefused(opened === 'malformed' ? 'malformed' : 'forged')
    else take(opened)
  }
}

/** A socket that sends what `seal` makes of a packet; undefined: nothing. */
class Sealed implements UdpSocket {
  readonly #socket: UdpSocket
  readonly #seal: (packet: Uint8Array) => Uint8Array | undefined

  constructor(socket: UdpSocket, seal: (packet: Uint8Array) => Uint8Array | undefined) {
    this.#socket = socket
    this.#seal = seal
  }

  get local(): Endpoint {
    return this.#socket.local
  }

  get open(): boolean {
    return this.#socket.open
  }

  send(packet: Uint8Array, to: Endpoint): void {
    const sealed = this.#seal(packet)
    // The session writes the next one over it, and the system may take it later.
    if (sealed) this.#socket.send(Buffer.from(sealed), to)
  }

  close(): void {
    this.#socket.close()
  }
}
