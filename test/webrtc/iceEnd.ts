import type { Endpoint, UdpSocket } from '../../src/platform/network.ts'
import { hexToken } from '../../src/platform/random.ts'
import { IceAgent } from '../../src/webrtc/ice/agent.ts'
import {
  type Candidate,
  hostPriority,
  type IceParameters,
  type RemoteIce,
  reflexivePriority,
} from '../../src/webrtc/ice/candidate.ts'
import { type Check, type IceRole, isStun, writeCheck } from '../../src/webrtc/ice/stunMessage.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { behindNat } from '../support/virtual/nat.ts'
import { VirtualNetwork } from '../support/virtual/network.ts'
import { seededRandom } from '../support/virtual/random.ts'

/** A network for ICE agents. */
export interface Net {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
}

export function net(seed = 1): Net {
  const clock = new VirtualClock()
  return { clock, network: new VirtualNetwork(clock, seed) }
}

export interface EndOptions {
  readonly role: IceRole
  /** Of its sockets, the preferred first; port 5000 each. */
  readonly addresses: readonly string[]
  /** Its sockets are behind a NAT that gives them this address and lets in only what answers. */
  readonly nat?: string
  readonly mayBePeer?: (at: Endpoint, base: UdpSocket) => boolean
  readonly seed?: number
}

/** One agent with its sockets; what is no STUN and comes from its peer is kept as text. */
export class IceEnd {
  readonly agent: IceAgent
  readonly sockets: readonly UdpSocket[]
  /** What it told, as in `selected 10.0.0.2:5000` and `lost`. */
  readonly told: string[] = []
  readonly heard: string[] = []
  /** What came from whom it does not know. */
  readonly refused: string[] = []
  local: IceParameters
  readonly #random

  private constructor({ clock }: Net, sockets: readonly UdpSocket[], how: EndOptions) {
    this.sockets = sockets
    this.#random = seededRandom(how.seed ?? how.addresses.join().length * 7919 + (how.role === 'controlling' ? 1 : 2))
    this.local = this.#newParameters()
    this.agent = new IceAgent({
      ...{ clock, random: this.#random, bases: sockets, local: this.local, role: how.role },
      mayBePeer: how.mayBePeer ?? (() => true),
      events: {
        connected: () => this.told.push('connected'),
        selected: ({ address, port }) => this.told.push(`selected ${address}:${port}`),
        lost: () => this.told.push('lost'),
      },
    })
  }

  static async on(place: Net, how: EndOptions): Promise<IceEnd> {
    const { network } = place
    const bound: { end: IceEnd | null } = { end: null }
    const sockets = await Promise.all(
      how.addresses.map(async (address) => {
        const inside = { address, port: 5000 }
        const take = (bytes: Uint8Array, from: Endpoint): void => bound.end?.take(socket, bytes, from)
        const socket = how.nat
          ? await behindNat(network, inside, { address: how.nat, port: 5000 }, take)
          : await network.host(address).bindUdp(inside, take)
        return socket
      }),
    )
    bound.end = new IceEnd(place, sockets, how)
    return bound.end
  }

  /** Its first socket. */
  get base(): UdpSocket {
    const [first] = this.sockets
    if (first === undefined) throw new RangeError('an agent without sockets')
    return first
  }

  /** Its addresses as its description would name them. */
  get candidates(): Candidate[] {
    return this.sockets.map(({ local }, index) => ({ ...local, priority: hostPriority(index) }))
  }

  /** What its description says. */
  description(how: Partial<RemoteIce> = {}): RemoteIce {
    return { ...this.local, candidates: this.candidates, lite: false, ...how }
  }

  /** Takes the other's description. */
  learns(other: IceEnd, how: Partial<RemoteIce> = {}): void {
    this.agent.update(this.local, other.description(how))
  }

  /** New credentials; the next description restarts ICE. */
  restarts(): void {
    this.local = this.#newParameters()
  }

  /** The base its data leaves from, and where to, as in `10.0.0.1:5000 > 10.0.0.2:5000`; null: nowhere. */
  get way(): string | null {
    const pair = this.agent.selected
    return pair && `${pair.base.local.address}:${pair.base.local.port} > ${pair.remote.address}:${pair.remote.port}`
  }

  /** Sends a datagram by the pair selected. */
  says(text: string): void {
    const pair = this.agent.selected
    pair?.base.send(Buffer.from(text), pair.remote)
  }

  /** Sends one check that a test has made; it is answered to nobody. Gives its transaction id. */
  asks(other: IceEnd, how: Partial<Check> & { readonly socket?: number } = {}): string {
    const socket = this.sockets[how.socket ?? 0]
    const [to] = other.sockets
    if (!socket || !to) throw new Error('no such socket')
    const check: Check = {
      transaction: hexToken(this.#random, 12),
      username: `${other.local.ufrag}:${this.local.ufrag}`,
      password: other.local.password,
      priority: reflexivePriority(how.socket ?? 0),
      role: 'controlling',
      tieBreaker: 1n,
      useCandidate: false,
      ...how,
    }
    socket.send(writeCheck(check), to.local)
    return check.transaction
  }

  take(base: UdpSocket, bytes: Uint8Array, from: Endpoint): void {
    if (isStun(bytes)) return this.agent.take(bytes, base, from)
    const known = this.agent.isPeer(base, from)
    if (known) this.agent.heard(base, from)
    ;(known ? this.heard : this.refused).push(Buffer.from(bytes).toString())
  }

  close(): void {
    this.agent.close()
    for (const socket of this.sockets) socket.close()
  }

  #newParameters(): IceParameters {
    return { ufrag: hexToken(this.#random, 4), password: hexToken(this.#random, 16) }
  }
}

/** Two agents that know each other's descriptions. `server` is controlled, as where the browser calls. */
export async function introduced(
  place: Net,
  server: Partial<EndOptions> = {},
  browser: Partial<EndOptions> = {},
): Promise<{ server: IceEnd; browser: IceEnd }> {
  const ends = await strangers(place, server, browser)
  ends.server.learns(ends.browser)
  ends.browser.learns(ends.server)
  return ends
}

/** Two agents that have heard nothing of each other. */
export async function strangers(
  place: Net,
  server: Partial<EndOptions> = {},
  browser: Partial<EndOptions> = {},
): Promise<{ server: IceEnd; browser: IceEnd }> {
  return {
    server: await IceEnd.on(place, { role: 'controlled', addresses: ['10.0.0.1'], ...server }),
    browser: await IceEnd.on(place, { role: 'controlling', addresses: ['10.0.0.2'], ...browser }),
  }
}

/** The first of `items`; throws where there is none. */
export function first<T>([item]: readonly T[]): T {
  if (item === undefined) throw new Error('there is none')
  return item
}
