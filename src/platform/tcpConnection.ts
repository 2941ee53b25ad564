import type { Socket } from 'node:net'
import type { TcpConnection } from './network.ts'

/** How long a peer may take to end its half of a connection that we have closed, ms. */
const CLOSED_WITHIN = 2_000

/** A socket that is connected. */
export function tcpConnection(socket: Socket): TcpConnection {
  let cause: Error | undefined
  socket.on('error', (error) => {
    cause = error
  })
  return {
    local: { address: plain(socket.localAddress), port: socket.localPort ?? 0 },
    remote: { address: plain(socket.remoteAddress), port: socket.remotePort ?? 0 },
    get pending() {
      return socket.writableLength
    },
    write: (bytes) => {
      socket.write(bytes)
    },
    close: () => {
      socket.end()
      // A peer that never closes its half, or goes on talking, must not hold the descriptor.
      const patience = setTimeout(() => socket.destroy(), CLOSED_WITHIN)
      patience.unref()
      socket.once('close', () => clearTimeout(patience))
    },
    onData: (run) => socket.on('data', run),
    onClosed: (run) => socket.once('close', () => run(cause)),
  }
}

function plain(address: string | undefined): string {
  if (address === undefined) return '0.0.0.0'
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
