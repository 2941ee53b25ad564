import { isIPv6 } from '../../platform/address.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { Endpoint, Network, TcpConnection, TcpListener, UdpSocket } from '../../platform/network.ts'
import { listenOnOnePort } from '../../platform/onePort.ts'
import type { Random } from '../../platform/random.ts'
import { systemCode } from '../../platform/systemError.ts'
import type { WebSocketConnection } from '../../platform/webNetwork.ts'
import { bindingResponse, isStun } from '../../stun/binding.ts'
import type { SipMessage } from '../message/message.ts'
import { parseMessage } from '../message/parse.ts'
import type { Advertiser } from './advertise.ts'
import { ConnectionFlow } from './connection.ts'
import { Connections } from './connections.ts'
import { pingWhileHeld } from './crlfPings.ts'
import { DatagramFlow } from './datagram.ts'
import { type Flow, isWebSocket, type Protocol } from './flow.ts'
import { Intake, type TransportCounters } from './intake.ts'
import { Outgoing } from './outgoing.ts'
import { keepOpen } from './pings.ts'
import { replyTo } from './replyTo.ts'

/** A host that has closed a port says so at once. */
const REFUSED_WITHIN = 1_000

/** Octets that wait for us while we do something else: half a second of 4,000 datagrams a second, as the kernel counts. */
const BACKLOG = 2 ** 22

export interface TransportOptions {
  readonly clock: Clock
  readonly network: Network
  readonly random: Random
  readonly log: Log
  readonly advertiser: Advertiser
  /** Whether to hear this address at all: what has been caught guessing passwords is not even parsed. */
  readonly admits: (address: string) => boolean
  readonly receive: (message: SipMessage, flow: Flow) => void
}

/** RFC 3261 §18: the sockets, and the flows over them. */
export class TransportLayer {
  readonly counters: TransportCounters = { malformed: 0, ignored: 0, refused: 0, failed: 0 }
  readonly #options: TransportOptions
  readonly #intake: Intake
  readonly #sockets = new Map<string, UdpSocket>()
  readonly #listeners = new Map<string, TcpListener>()
  readonly #connections = new Connections()
  readonly #outgoing: Outgoing
  /** Where we listen, or did when there was an address to listen on. */
  #port = 0
  #closed = false

  constructor(options: TransportOptions) {
    this.#options = options
    this.#intake = new Intake(options, this.counters)
    const { network } = options
    this.#outgoing = new Outgoing({ network, adopt: (made, { protocol }) => this.#adoptOurs(protocol, made) })
  }

  /** Where we listen: one UDP and one TCP socket for each address, all on one port. */
  get endpoints(): readonly Endpoint[] {
    return [...this.#sockets.values()].map((socket) => socket.local)
  }

  get connections(): number {
    return this.#connections.size
  }

  /**
   * Listens on UDP and TCP, on one port of all `addresses`; 0 takes any port that is free on all of them. Gives the
   * port. Rejects with the system's error, everything closed again.
   */
  async listen(addresses: readonly string[], port: number): Promise<number> {
    this.#port = await listenOnOnePort(addresses, port, {
      listenAt: (address, wanted) => this.#listenAt({ address, port: wanted }),
      closeAll: () => this.#closeListening(),
      unavailable: (address) => this.#options.log.warn({ address }, 'an address cannot be listened on'),
    })
    return this.#port
  }

  /**
   * Listens on these addresses from now on, on the port of the others: what is over an address that is gone is closed. One
   * that cannot be bound is told of in the log and left out.
   */
  async follow(addresses: readonly string[]): Promise<void> {
    const port = this.#port
    for (const address of this.#sockets.keys()) if (!addresses.includes(address)) this.#stopAt(address)
    for (const address of addresses) {
      if (this.#closed || this.#sockets.has(address)) continue
      await this.#listenAt({ address, port }).catch((error: unknown) => {
        this.#stopAt(address)
        this.#options.log.warn({ address, code: systemCode(error) }, 'an address cannot be listened on')
      })
    }
    if (this.#closed) this.#closeListening()
  }

  /** The flow to a peer that is there now: over a socket of ours, `local` if it still exists, or an open connection. */
  flowTo(protocol: Protocol, remote: Endpoint, local: Endpoint | null): Flow | null {
    if (protocol !== 'udp') return this.#connections.to(protocol, remote)
    const socket = this.#socketFor(remote, local)
    return socket && this.#datagramFlow(socket, remote)
  }

  /**
   * The flow to a peer, over a new connection if there is none. Rejects if none can be had, as over a WebSocket always.
   * `name`: over TLS, the domain that the peer must prove to be (RFC 5922); its address, if left out.
   */
  async connect(protocol: Protocol, remote: Endpoint, local: Endpoint | null, name = remote.address): Promise<Flow> {
    // Not even to one that is open: an address that somebody wrote must not lead into another page's connection.
    if (isWebSocket(protocol)) throw new Error(`nobody but ${remote.address} opens a WebSocket to it`)
    const flow = protocol === 'tls' ? this.#outgoing.secured(remote, name) : this.flowTo(protocol, remote, local)
    if (flow) return flow
    if (protocol !== 'tcp' && protocol !== 'tls') throw new Error(`no way to ${remote.address} over ${protocol}`)
    return this.#outgoing.open({ protocol, remote, from: local?.address, name })
  }

  /** Our address toward some peers is another one: what is open says so from now on, and so does what is opened. */
  addressChanged(): void {
    for (const flow of this.#connections.all())
      if (!isWebSocket(flow.protocol)) flow.readvertise(this.#advertised(flow.local, flow.remote))
  }

  /** Takes a WebSocket that a phone opened, over TLS, on a port of whoever listens for them (RFC 7118). */
  acceptWebSocket(connection: WebSocketConnection): void {
    if (!this.#admits(connection)) return
    const address = this.#options.advertiser.addressFor(connection.local.address, connection.remote.address)
    const flow = this.#adopt('wss', connection, { address, port: connection.local.port })
    keepOpen(connection, flow, this.#options.clock)
  }

  /** Whether the host of a UDP peer says that nobody is there any more. */
  hasVanished(remote: Endpoint, local: Endpoint): Promise<boolean> {
    return this.#options.network.refusesUdp(remote, { from: local.address, timeout: REFUSED_WITHIN })
  }

  close(): void {
    this.#closed = true
    this.#closeListening()
    this.#connections.close()
  }

  async #listenAt(at: Endpoint): Promise<number> {
    const { network } = this.#options
    const socket = await network.bindUdp(at, (bytes, from) => this.#datagram(socket, bytes, from), BACKLOG)
    this.#sockets.set(at.address, socket)
    const { local } = socket
    this.#listeners.set(at.address, await network.listenTcp(local, (connection) => this.#accept(connection)))
    return local.port
  }

  #closeListening(): void {
    for (const socket of this.#sockets.values()) socket.close()
    for (const listener of this.#listeners.values()) listener.close()
    this.#sockets.clear()
    this.#listeners.clear()
  }

  #stopAt(address: string): void {
    this.#sockets.get(address)?.close()
    this.#sockets.delete(address)
    this.#listeners.get(address)?.close()
    this.#listeners.delete(address)
    this.#connections.closeAt(address)
  }

  #datagram(socket: UdpSocket, bytes: Uint8Array, from: Endpoint): void {
    if (!this.#options.admits(from.address)) {
      this.counters.ignored++
      return
    }
    if (isStun(bytes)) {
      const answer = bindingResponse(bytes, from)
      if (answer) socket.send(answer, from)
      return
    }
    const message = parseMessage(bytes, 'datagram')
    if (message.kind === 'keepalive') return
    if (message.kind === 'malformed') {
      const to = message.via ? replyTo(message.via, from) : from
      return this.#intake.refuse(message, this.#datagramFlow(socket, to), from)
    }
    const to = message.kind === 'request' ? replyTo(message.via, from) : from
    this.#intake.deliver(message, this.#datagramFlow(socket, to), from)
  }

  #accept(connection: TcpConnection): void {
    if (this.#admits(connection)) {
      this.#adopt('tcp', connection, this.#advertised(connection.local, connection.remote))
    }
  }

  // One that is not let in is closed.
  #admits(connection: TcpConnection): boolean {
    const { address } = connection.remote
    const stranger = !this.#options.advertiser.isLocal(address)
    if (!this.#closed && this.#options.admits(address) && this.#connections.hasRoomFor(address, stranger)) return true
    this.counters.refused++
    connection.onClosed(() => {})
    connection.close()
    return false
  }

  #adoptOurs(protocol: 'tcp' | 'tls', connection: TcpConnection): ConnectionFlow {
    if (this.#closed) {
      connection.close()
      throw new Error('the transport was closed')
    }
    const flow = this.#adopt(protocol, connection, this.#advertised(connection.local, connection.remote))
    pingWhileHeld(flow, this.#options.clock)
    return flow
  }

  #adopt(protocol: Protocol, connection: TcpConnection, advertised: Endpoint): ConnectionFlow {
    const flow = new ConnectionFlow(protocol, connection, advertised, this.#options.clock, {
      message: (bytes, over) => this.#intake.take(bytes, over),
      broken: (malformed, over) => this.#intake.refuse(malformed, over, over.remote),
    })
    this.#connections.add(flow)
    return flow
  }

  #datagramFlow(socket: UdpSocket, remote: Endpoint): Flow {
    return new DatagramFlow(socket, remote, this.#advertised(socket.local, remote))
  }

  // A connection that we opened has a port of its own; peers must still find us at the one we listen on.
  #advertised(local: Endpoint, remote: Endpoint): Endpoint {
    const listening = this.#sockets.get(local.address)?.local ?? local
    const address = this.#options.advertiser.addressFor(local.address, remote.address)
    return address === listening.address ? listening : { address, port: listening.port }
  }

  #socketFor(remote: Endpoint, local: Endpoint | null): UdpSocket | null {
    const same = local && this.#sockets.get(local.address)
    if (same) return same
    const v6 = isIPv6(remote.address)
    for (const socket of this.#sockets.values()) if (isIPv6(socket.local.address) === v6) return socket
    return null
  }
}
