import type { Endpoint, UdpSocket } from '../../src/platform/network.ts'
import { hexToken } from '../../src/platform/random.ts'
import type { Bases } from '../../src/webrtc/bases.ts'
import { hostPriority, type IceParameters } from '../../src/webrtc/ice/candidate.ts'
import type { IceRole } from '../../src/webrtc/ice/stunMessage.ts'
import { type SecurePeer, SecureTransport } from '../../src/webrtc/secureTransport.ts'
import { type FakeHandshakes, fakeHandshakes, fingerprintOf } from '../support/virtual/handshakes.ts'
import { seededRandom, seedOf } from '../support/virtual/random.ts'
import type { Net } from './iceEnd.ts'

/** Who one end is; the other end of a pair is `controlling` and the client where this one is not. */
export interface SecureSetup {
  readonly name: string
  readonly address: string
  readonly role: IceRole
}

/** A secure transport with its socket, and what came by it. */
export class SecureEnd {
  readonly setup: SecureSetup
  readonly transport: SecureTransport
  readonly handshakes: FakeHandshakes
  readonly socket: UdpSocket
  /** The payloads of packets that were opened, as text; RTCP as `rtcp`. */
  readonly heard: string[] = []
  readonly refused: string[] = []
  readonly failures: string[] = []
  local: IceParameters
  /** Whose certificate its description names. */
  certificate: string
  readonly #random
  #sequence = 1000

  private constructor({ clock }: Net, socket: UdpSocket, bases: Bases, setup: SecureSetup) {
    this.setup = setup
    this.socket = socket
    this.certificate = setup.name
    this.#random = seededRandom(seedOf(setup.name))
    this.local = this.#newParameters()
    this.handshakes = fakeHandshakes(setup.name, clock)
    this.transport = new SecureTransport({
      ...{ clock, random: this.#random, handshakes: this.handshakes, bases, local: this.local, role: setup.role },
      mayBePeer: () => true,
      failed: (reason) => this.failures.push(reason),
    })
    this.transport.deliverTo({
      onRtp: (packet) => this.heard.push(packet[1] === 200 ? 'rtcp' : Buffer.from(packet.subarray(12)).toString()),
      onRtcp: () => this.heard.push('rtcp by another way'),
      onRefused: (why) => this.refused.push(why),
    })
  }

  static async on(place: Net, setup: SecureSetup): Promise<SecureEnd> {
    const bound: { end: SecureEnd | null } = { end: null }
    const at: Endpoint = { address: setup.address, port: 7000 }
    const socket = await place.network
      .host(setup.address)
      .bindUdp(at, (bytes, from) => bound.end?.transport.take(socket, bytes, from))
    bound.end = new SecureEnd(place, socket, { sockets: [socket], close: () => socket.close() }, setup)
    return bound.end
  }

  /** What it and `other` know of each other once their descriptions were exchanged. */
  peer(other: SecureEnd, how: { readonly role?: 'client' | 'server' } = {}): SecurePeer {
    const candidates = [{ ...other.socket.local, priority: hostPriority(0) }]
    const role = how.role ?? (this.setup.role === 'controlled' ? 'client' : 'server')
    return {
      local: this.local,
      ice: { ...other.local, candidates, lite: false },
      dtls: { role, fingerprints: [fingerprintOf(other.certificate)] },
    }
  }

  restarts(): void {
    this.local = this.#newParameters()
  }

  /** Sends an RTP packet. */
  says(words: string): void {
    const header = Buffer.alloc(12)
    header.writeUInt16BE(0x8000, 0)
    header.writeUInt16BE(this.#sequence++, 2)
    header.writeUInt32BE(77, 8)
    this.transport.rtp.send(Buffer.concat([header, Buffer.from(words)]), this.socket.local)
  }

  /** Sends a sender report, cut short to its header. */
  reports(): void {
    this.transport.rtcp.send(
      Buffer.from('80c8000600000007000000000000000000000000000000000000000000000000'.slice(0, 56), 'hex'),
      this.socket.local,
    )
  }

  #newParameters(): IceParameters {
    return { ufrag: hexToken(this.#random, 4), password: hexToken(this.#random, 16) }
  }
}

/** A server's end and a browser's that have heard nothing of each other. */
export async function secureStrangers(place: Net): Promise<{ server: SecureEnd; browser: SecureEnd }> {
  return {
    server: await SecureEnd.on(place, { name: 'server', address: '10.0.0.1', role: 'controlled' }),
    browser: await SecureEnd.on(place, { name: 'browser', address: '10.0.0.2', role: 'controlling' }),
  }
}

/** Two that have agreed, and have their keys. */
export async function secured(place: Net): Promise<{ server: SecureEnd; browser: SecureEnd }> {
  const ends = await secureStrangers(place)
  ends.server.transport.agree(ends.server.peer(ends.browser))
  ends.browser.transport.agree(ends.browser.peer(ends.server))
  await place.clock.advance(500)
  return ends
}
