import type { Endpoint } from '../../../src/platform/network.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import { writeMessage } from '../../../src/sip/message/write.ts'
import { StreamFramer } from '../../../src/sip/transport/framing.ts'
import type { VirtualHost } from './network.ts'

/** How a virtual phone is connected to its server. */
export interface Wire {
  readonly local: Endpoint
  send(message: SipMessage): void
  sendBytes(bytes: Uint8Array): void
  close(): void
}

/** Binds or connects; each message that comes, from whomever, goes to `receive`. */
export async function openWire(
  host: VirtualHost,
  protocol: 'udp' | 'tcp',
  local: Endpoint,
  server: Endpoint,
  receive: (message: SipMessage) => void,
): Promise<Wire> {
  const send =
    protocol === 'udp' ? await datagrams(host, local, server, receive) : await stream(host, local, server, receive)
  return { ...send, send: (message) => send.sendBytes(writeMessage(message)) }
}

async function datagrams(host: VirtualHost, local: Endpoint, server: Endpoint, receive: (message: SipMessage) => void) {
  const socket = await host.bindUdp(local, (bytes) => take(bytes, 'datagram', receive))
  return {
    local: socket.local,
    sendBytes: (bytes: Uint8Array) => socket.send(bytes, server),
    close: () => socket.close(),
  }
}

async function stream(host: VirtualHost, local: Endpoint, server: Endpoint, receive: (message: SipMessage) => void) {
  const connection = await host.connectTcp(server, { from: local.address, timeout: 1000 })
  const framer = new StreamFramer()
  connection.onData((bytes) => {
    for (const piece of framer.push(bytes)) if (piece.kind === 'message') take(piece.bytes, 'stream', receive)
  })
  connection.onClosed(() => {})
  const sendBytes = (bytes: Uint8Array): void => connection.write(bytes)
  return { local: connection.local, sendBytes, close: () => connection.close() }
}

function take(bytes: Uint8Array, framing: 'datagram' | 'stream', receive: (message: SipMessage) => void): void {
  const message = parseMessage(bytes, framing)
  if (message.kind === 'malformed') throw new Error(`the server sent something malformed: ${message.reason}`)
  if (message.kind !== 'keepalive') receive(message)
}
