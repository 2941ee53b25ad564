import { isUtf8 } from 'node:buffer'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Endpoint } from './network.ts'
import type { WebRequest, WebSocketConnection } from './webNetwork.ts'
import { WebSocketFrames } from './webSocketFrames.ts'

/** Octets of one message, the most that SIP takes. */
const MOST_OCTETS = 65_536
/** How long a peer may take over one message, and over the end of a connection that we have closed, ms. */
const MESSAGE_WITHIN = 10_000
const CLOSED_WITHIN = 2_000
/** Pongs that a peer asks for and does not take are not piled up beyond this, octets. */
const MOST_PENDING_PONGS = 16_384

const server = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  maxPayload: MOST_OCTETS,
  // Compression would keep two windows for each phone, and SIP's few messages gain nothing.
  perMessageDeflate: false,
  autoPong: false,
  handleProtocols: (offered, request) => protocols.get(request) ?? offered.values().next().value ?? false,
})

/** The subprotocol that was chosen for a handshake under way. */
const protocols = new WeakMap<WebRequest, string>()

/** Ends a handshake that was let in. `connected` is not called if the peer asked for something ill-formed. */
export function upgrade(
  request: WebRequest,
  socket: Duplex,
  head: Buffer,
  ends: { readonly local: Endpoint; readonly remote: Endpoint; readonly protocol: string },
  connected: (connection: WebSocketConnection) => void,
): void {
  protocols.set(request, ends.protocol)
  server.handleUpgrade(request, socket, head, (webSocket) => {
    cutOffWhenSlow(socket, webSocket)
    connected(connection(webSocket, ends.local, ends.remote))
  })
}

// ws holds what has come of a message for as long as it takes; a peer that drips is nobody's phone.
function cutOffWhenSlow(socket: Duplex, webSocket: WebSocket): void {
  const frames = new WebSocketFrames()
  let patience: NodeJS.Timeout | undefined
  let awaited = -1
  socket.on('data', (chunk: Buffer) => {
    frames.push(chunk)
    if (frames.unfinished && awaited === frames.finished) return
    clearTimeout(patience)
    awaited = frames.unfinished ? frames.finished : -1
    if (frames.unfinished) patience = setTimeout(() => webSocket.terminate(), MESSAGE_WITHIN).unref()
  })
  webSocket.once('close', () => clearTimeout(patience))
}

function connection(webSocket: WebSocket, local: Endpoint, remote: Endpoint): WebSocketConnection {
  let cause: Error | undefined
  webSocket.on('error', (error) => {
    cause = error
  })
  webSocket.on('ping', (payload) => {
    if (webSocket.bufferedAmount < MOST_PENDING_PONGS) webSocket.pong(payload)
    else webSocket.terminate()
  })
  return {
    local,
    remote,
    get pending() {
      return webSocket.bufferedAmount
    },
    // RFC 7118 §4.2: either kind of frame; a browser gets text, which its SIP stack reads without more ado.
    write: (bytes) => webSocket.send(bytes, { binary: !isUtf8(bytes), compress: false }, () => {}),
    close() {
      webSocket.close(1000)
      const patience = setTimeout(() => webSocket.terminate(), CLOSED_WITHIN).unref()
      webSocket.once('close', () => clearTimeout(patience))
    },
    ping: () => {
      if (webSocket.readyState === WebSocket.OPEN) webSocket.ping()
    },
    onPong: (run) => webSocket.on('pong', run),
    onData: (run) => webSocket.on('message', (data) => run(octets(data))),
    onClosed: (run) => webSocket.once('close', () => run(cause)),
  }
}

function octets(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}
