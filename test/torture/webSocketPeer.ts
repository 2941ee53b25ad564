import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { within } from '../support/deadline.ts'

/** The server's end is what is tried here, not its certificate. */
const TRUSTING = { rejectUnauthorized: false }

/** A TLS connection by which anything can be said. */
export interface RawWebSocket {
  readonly socket: TLSSocket
  /** All that has come, as latin1. */
  heard(): string
  /** Settles when the server has closed it; gives the code of its close frame, null without one. */
  closed(within: number): Promise<number | null>
}

/** Connects; nothing is said yet. */
export async function rawTls(port: number): Promise<RawWebSocket> {
  const socket = connect({ host: '127.0.0.1', port, ...TRUSTING })
  socket.on('error', () => {})
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await within(10_000, 'a TLS connection', once(socket, 'secureConnect'))
  return {
    socket,
    heard: () => Buffer.concat(chunks).toString('latin1'),
    async closed(patience) {
      await within(patience, 'the server to close', ended)
      const [, after = ''] = Buffer.concat(chunks)
        .toString('latin1')
        .split(/\r\n\r\n([\s\S]*)/)
      const frame = Buffer.from(after, 'latin1')
      const at = frame.lastIndexOf(0x88)
      return at < 0 || frame.length < at + 4 ? null : frame.readUInt16BE(at + 2)
    },
  }
}

/** A connection that never begins TLS; settles when the server has had enough. */
export async function silentTcp(port: number, patience: number): Promise<void> {
  const socket = connectTcp({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  await within(patience, 'the server to close a connection without TLS', once(socket.resume(), 'close'))
}

/** The handshake of RFC 6455 §4.1, with other headers in place of the usual. */
export function handshake(port: number, how: Readonly<Record<string, string | null>> = {}, path = '/sip'): string {
  const headers = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Protocol': 'sip',
    ...how,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
  return [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

/** A WebSocket that is open. */
export async function rawWebSocket(port: number): Promise<RawWebSocket> {
  const raw = await rawTls(port)
  raw.socket.write(handshake(port))
  const [answer] = await within(5_000, 'the handshake', once(raw.socket, 'data'))
  if (!/^HTTP\/1\.1 101 /.test(String(answer))) throw new Error(`not let in: ${answer}`)
  return raw
}

/** A client's frame, masked with zeros. `claims`: the length in its head, if it is another. */
export function frame(
  opcode: number,
  payload: Uint8Array,
  { final = true, claims = payload.length, reserved = 0, masked = true } = {},
): Buffer {
  const first = (final ? 0x80 : 0) | reserved | opcode
  const mask = masked ? 0x80 : 0
  const length =
    claims < 126
      ? Buffer.of(mask | claims)
      : claims < 65_536
        ? Buffer.of(mask | 126, claims >> 8, claims & 0xff)
        : Buffer.concat([Buffer.of(mask | 127), longOf(claims)])
  return Buffer.concat([Buffer.of(first), length, masked ? Buffer.alloc(4) : Buffer.of(), payload])
}

function longOf(value: number): Buffer {
  const octets = Buffer.alloc(8)
  octets.writeBigUInt64BE(BigInt(value))
  return octets
}
