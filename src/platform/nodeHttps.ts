import { createServer, type Server } from 'node:https'
import { isIPv6, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { plainAddress } from './address.ts'
import type { Endpoint } from './network.ts'
import { upgrade } from './nodeWebSocket.ts'
import type {
  Handshake,
  HandshakeRefusal,
  Identity,
  WebHandlers,
  WebListener,
  WebNetwork,
  WebRequest,
} from './webNetwork.ts'

/** The HTTPS ports of this machine. */
export const nodeHttps: WebNetwork = { listenHttps }

/**
 * How long a peer may take, ms, for TLS's handshake, for the head of a request and for all of it, and how long it may say
 * nothing between two.
 */
const TIMES = { handshakeTimeout: 10_000, headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 10_000 }
/** How often that is looked at, ms. */
const LOOK_EVERY = 2_000
const MOST_HEAD_OCTETS = 16_384

function listenHttps(at: Endpoint, identity: Identity, handlers: WebHandlers): Promise<WebListener> {
  const server = createServer({
    ...{ ...TIMES, connectionsCheckingInterval: LOOK_EVERY, maxHeaderSize: MOST_HEAD_OCTETS, noDelay: true },
    ...secure(identity),
  })
  // First of all listeners: TLS must not begin with those who are not let in.
  server.prependListener('connection', (socket: Socket) => admit(socket, handlers))
  server.on('request', (request, response) => handlers.request(request, response))
  server.on('upgrade', (request: WebRequest, socket: Duplex, head: Buffer) => open(request, socket, head, handlers))
  server.on('clientError', (_error, socket: Duplex) => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: at.address, port: at.port, ipv6Only: isIPv6(at.address), exclusive: true }, () => {
      server.removeListener('error', reject)
      server.on('error', () => {})
      resolve(listener(server, at))
    })
  })
}

function listener(server: Server, at: Endpoint): WebListener {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : at.port
  return {
    local: { address: at.address, port },
    show: (identity) => server.setSecureContext(secure(identity)),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function secure({ chain, key }: Identity) {
  return { cert: chain, key, minVersion: 'TLSv1.2' as const }
}

function admit(socket: Socket, handlers: WebHandlers): void {
  socket.on('error', () => {})
  const left = socket.remoteAddress === undefined ? null : handlers.admit(plainAddress(socket.remoteAddress))
  if (left) socket.once('close', left)
  else socket.destroy()
}

function open(request: WebRequest, socket: Duplex, head: Buffer, handlers: WebHandlers): void {
  // Until ws has its own.
  socket.on('error', () => {})
  const handshake = handshakeOf(request)
  const verdict = handlers.judge(handshake)
  if ('status' in verdict) return refuse(socket, verdict)
  upgrade(request, socket, head, { ...handshake, protocol: verdict.protocol }, (connection) => {
    handlers.socket(connection)
  })
}

function handshakeOf({ url, headers, socket }: WebRequest): Handshake {
  const offered = headers['sec-websocket-protocol'] ?? ''
  return {
    remote: { address: plainAddress(socket.remoteAddress ?? '::'), port: socket.remotePort ?? 0 },
    local: { address: plainAddress(socket.localAddress ?? '::'), port: socket.localPort ?? 0 },
    path: (url ?? '/').replace(/\?.*/, ''),
    origin: headers.origin ?? null,
    host: headers.host ?? null,
    protocols: offered.split(',').map((name) => name.trim()),
  }
}

function refuse(socket: Duplex, { status, reason }: HandshakeRefusal): void {
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(reason) + 1}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${reason}\n`, () => socket.destroy())
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
}
