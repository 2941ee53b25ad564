import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { connect, createServer, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type {
  Endpoint,
  InterfaceAddress,
  Network,
  OnDatagram,
  TcpConnection,
  TcpListener,
  UdpSocket,
} from './network.ts'
import { tlsConnector } from './nodeTls.ts'
import { systemCode } from './systemError.ts'
import { tcpConnection } from './tcpConnection.ts'

/** The sockets of the operating system. */
export const nodeNetwork: Network = {
  ...{ bindUdp, listenTcp, connectTcp, refusesUdp, sourceFor, interfaces },
  connectTls: tlsConnector(null),
}

/** What every SIP stack takes for a keepalive, and ignores. */
const KEEPALIVE = Buffer.from('\r\n\r\n')

// Addresses are literals everywhere: dgram's own lookup would cost each send a trip through dns.lookup.
type Lookup = (host: string, options: unknown, done: (error: null, address: string, family: number) => void) => void
const literal4: Lookup = (host, _options, done) => done(null, host, 4)
const literal6: Lookup = (host, _options, done) => done(null, host, 6)

function bindUdp(at: Endpoint, onDatagram: OnDatagram, backlog?: number): Promise<UdpSocket> {
  const v6 = isIPv6(at.address)
  const socket = createSocket({ type: v6 ? 'udp6' : 'udp4', ipv6Only: v6, lookup: v6 ? literal6 : literal4 })
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ port: at.port, address: at.address, exclusive: true }, () => {
      socket.removeAllListeners('error')
      if (backlog !== undefined) allow(socket, backlog)
      // ICMP errors and the like: a datagram got lost, which UDP may always do.
      socket.on('error', () => {})
      socket.on('message', onDatagram)
      resolve(new NodeUdpSocket(socket, { address: at.address, port: socket.address().port }))
    })
  })
}

// Linux cuts what is too much to its limit (net.core.rmem_max); others refuse it.
function allow(socket: DatagramSocket, backlog: number): void {
  try {
    socket.setRecvBufferSize(backlog)
  } catch {
    // The default has to do.
  }
}

// A class and no closures: of thousands of sockets, what each packet touches should lie together in memory.
class NodeUdpSocket implements UdpSocket {
  readonly local: Endpoint
  readonly #socket: DatagramSocket
  #isOpen = true

  constructor(socket: DatagramSocket, local: Endpoint) {
    this.#socket = socket
    this.local = local
  }

  get open(): boolean {
    return this.#isOpen
  }

  send(bytes: Uint8Array, to: Endpoint, failed?: (cause: Error) => void): void {
    if (!this.#isOpen) return
    // A datagram may come from port 0, and a peer may name it; Node throws at it.
    if (to.port === 0) failed?.(new Error(`nothing can be sent to port 0 of ${to.address}`))
    else if (failed) this.#socket.send(bytes, to.port, to.address, (error) => error && failed(error))
    else this.#socket.send(bytes, to.port, to.address)
  }

  close(): void {
    if (this.#isOpen) this.#socket.close()
    this.#isOpen = false
  }
}

function listenTcp(at: Endpoint, onConnection: (connection: TcpConnection) => void): Promise<TcpListener> {
  const server = createServer({ noDelay: true }, (socket) => {
    if (socket.remoteAddress === undefined) socket.destroy()
    else onConnection(tcpConnection(socket))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: at.address, port: at.port, ipv6Only: isIPv6(at.address), exclusive: true }, () => {
      server.removeListener('error', reject)
      server.on('error', () => {})
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : at.port
      resolve({ local: { address: at.address, port }, close: () => server.close() })
    })
  })
}

function connectTcp(to: Endpoint, options: { from?: string; timeout: number }): Promise<TcpConnection> {
  const socket = connect({ host: to.address, port: to.port, localAddress: options.from, noDelay: true })
  return new Promise((resolve, reject) => {
    socket.setTimeout(options.timeout, () => socket.destroy(new Error(`no connection to ${to.address}:${to.port}`)))
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.removeListener('error', reject)
      resolve(tcpConnection(socket))
    })
  })
}

// Only a connected socket hears of ICMP errors.
// A connected socket has been given the address that the system would send from; nothing leaves.
function sourceFor(address: string): Promise<string | null> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  return new Promise((resolve) => {
    const done = (found: string | null): void => {
      socket.close()
      resolve(found)
    }
    socket.once('error', () => done(null))
    socket.connect(9, address, () => done(socket.address().address))
  })
}

function refusesUdp(to: Endpoint, { from, timeout }: { from?: string; timeout: number }): Promise<boolean> {
  const v6 = isIPv6(to.address)
  const socket = createSocket({ type: v6 ? 'udp6' : 'udp4', lookup: v6 ? literal6 : literal4 })
  return new Promise((resolve) => {
    const settle = (refused: boolean): void => {
      clearTimeout(patience)
      socket.removeAllListeners().on('error', () => {})
      socket.close()
      resolve(refused)
    }
    const patience = setTimeout(() => settle(false), timeout)
    socket.on('error', (error) => settle(systemCode(error) === 'ECONNREFUSED'))
    socket.bind({ port: 0, address: from }, () => {
      socket.connect(to.port, to.address, () => socket.send(KEEPALIVE))
    })
  })
}

function interfaces(): readonly InterfaceAddress[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((found) => found.cidr !== null && !/^fe[89ab]/i.test(found.address))
    .map((found) => ({
      address: found.address,
      family: found.family === 'IPv6' ? 6 : 4,
      cidr: found.cidr ?? `${found.address}/${found.family === 'IPv6' ? 128 : 32}`,
      loopback: found.internal,
    }))
}
