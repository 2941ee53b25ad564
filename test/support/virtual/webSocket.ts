import type { TcpConnection } from '../../../src/platform/network.ts'
import type { WebSocketConnection } from '../../../src/platform/webNetwork.ts'

/** Where phones find the server's WebSocket. */
export const WSS_PORT = 8443

const PING = '\0ping'
const PONG = '\0pong'

/** The server's end of a WebSocket in memory: a virtual stream brings each write as it was made. */
export function serverWebSocket(stream: TcpConnection): WebSocketConnection {
  let ponged = (): void => {}
  return {
    local: stream.local,
    remote: stream.remote,
    get pending() {
      return stream.pending
    },
    write: (bytes) => stream.write(bytes),
    close: () => stream.close(),
    onClosed: (run) => stream.onClosed(run),
    onData: (run) => stream.onData((bytes) => (Buffer.from(bytes).equals(Buffer.from(PONG)) ? ponged() : run(bytes))),
    ping: () => stream.write(Buffer.from(PING)),
    onPong: (run) => {
      ponged = run
    },
  }
}

/** The phone's end: `message` gets what is no ping, and pings are answered while `answers` says so. */
export function phoneWebSocket(
  stream: TcpConnection,
  answers: () => boolean,
  message: (bytes: Uint8Array) => void,
): TcpConnection {
  stream.onData((bytes) => {
    if (!Buffer.from(bytes).equals(Buffer.from(PING))) message(bytes)
    else if (answers()) stream.write(Buffer.from(PONG))
  })
  return stream
}
