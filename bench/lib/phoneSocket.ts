import { createSocket, type Socket } from 'node:dgram'

/** A UDP socket on 127.0.0.1 that talks to one server as text. */
export interface PhoneSocket {
  /** 127.0.0.1:PORT */
  readonly address: string
  send(text: string): void
  close(): void
}

/** Binds a free port; `receive` gets every datagram. */
export async function phoneSocket(server: number, receive: (text: string) => void): Promise<PhoneSocket> {
  const socket = await bound(4_000_000)
  socket.on('message', (bytes) => receive(bytes.toString('latin1')))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    send: (text) => socket.send(Buffer.from(text, 'latin1'), server, '127.0.0.1'),
    close: () => socket.close(),
  }
}

/** A socket on a free port of 127.0.0.1 that resolves no names. */
export function bound(recvBufferSize?: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize, lookup: (host, _options, done) => done(null, host, 4) })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, '127.0.0.1', () => resolve(socket))
  })
}
