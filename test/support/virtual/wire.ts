import type { Endpoint, TcpConnection } from '../../../src/platform/network.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import { writeMessage } from '../../../src/sip/message/write.ts'
import { StreamFramer } from '../../../src/sip/transport/framing.ts'
import type { VirtualHost } from './network.ts'
import { phoneWebSocket, WSS_PORT } from './webSocket.ts'

/** How a virtual phone is connected to its server. */
export interface Wire {
  /** Where it sends from: another port with each connection. */
  readonly local: Endpoint
  /** Whether it is connected; a datagram wire always is. */
  readonly open: boolean
  send(message: SipMessage): void
  sendBytes(bytes: Uint8Array): void
  close(): void
  /** Ends its connection; nothing over datagrams. */
  disconnect(): void
  /** Connects anew, from another port; nothing over datagrams. */
  reconnect(): Promise<void>
  /** Answers no ping of a WebSocket any more, though the connection stands. */
  freeze(): void
}

type Receive = (message: SipMessage) => void

/** Binds or connects; each message that comes, from whomever, goes to `receive`. */
export async function openWire(
  host: VirtualHost,
  protocol: 'udp' | 'tcp' | 'wss',
  local: Endpoint,
  server: Endpoint,
  receive: Receive,
): Promise<Wire> {
  if (protocol === 'udp') return datagrams(host, local, server, receive)
  return protocol === 'tcp' ? stream(host, local, server, receive) : webSocket(host, local, server, receive)
}

async function datagrams(host: VirtualHost, local: Endpoint, server: Endpoint, receive: Receive): Promise<Wire> {
  const socket = await host.bindUdp(local, (bytes) => take(bytes, 'datagram', receive))
  return {
    local: socket.local,
    open: true,
    send: (message) => socket.send(writeMessage(message), server),
    sendBytes: (bytes) => socket.send(bytes, server),
    close: () => socket.close(),
    disconnect() {},
    reconnect: async () => {},
    freeze() {},
  }
}

// Nobody connects to it, and each message is one of the WebSocket's.
async function webSocket(host: VirtualHost, local: Endpoint, server: Endpoint, receive: Receive): Promise<Wire> {
  let current: TcpConnection | null = null
  let answers = true
  const connect = async (): Promise<void> => {
    const at = { address: server.address, port: WSS_PORT }
    const connection = await host.connectTcp(at, { from: local.address, timeout: 1000 })
    current = phoneWebSocket(
      connection,
      () => answers,
      (bytes) => take(bytes, 'datagram', receive),
    )
    connection.onClosed(() => {
      if (current === connection) current = null
    })
  }
  await connect()
  const sendBytes = (bytes: Uint8Array): void => current?.write(bytes)
  return {
    get local() {
      return current?.local ?? local
    },
    get open() {
      return current !== null
    },
    send: (message) => sendBytes(writeMessage(message)),
    sendBytes,
    close: () => current?.close(),
    disconnect: () => current?.close(),
    reconnect: connect,
    freeze() {
      answers = false
    },
  }
}

// Besides its own connection it takes any that the server opens to `local`; it talks over the newest.
async function stream(host: VirtualHost, local: Endpoint, server: Endpoint, receive: Receive): Promise<Wire> {
  let current: TcpConnection | null = null
  const adopt = (connection: TcpConnection): void => {
    current = connection
    const framer = new StreamFramer()
    connection.onData((bytes) => {
      for (const piece of framer.push(bytes)) if (piece.kind === 'message') take(piece.bytes, 'stream', receive)
    })
    connection.onClosed(() => {
      if (current === connection) current = null
    })
  }
  const connect = async () => adopt(await host.connectTcp(server, { from: local.address, timeout: 1000 }))
  const listener = await host.listenTcp(local, adopt)
  await connect()
  const sendBytes = (bytes: Uint8Array): void => current?.write(bytes)
  return {
    get local() {
      return current?.local ?? local
    },
    get open() {
      return current !== null
    },
    send: (message) => sendBytes(writeMessage(message)),
    sendBytes,
    close() {
      listener.close()
      current?.close()
    },
    disconnect: () => current?.close(),
    reconnect: connect,
    freeze() {},
  }
}

function take(bytes: Uint8Array, framing: 'datagram' | 'stream', receive: Receive): void {
  const message = parseMessage(bytes, framing)
  if (message.kind === 'malformed') throw new Error(`the server sent something malformed: ${message.reason}`)
  if (message.kind !== 'keepalive') receive(message)
}
