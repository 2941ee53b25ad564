import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

// Below what the system gives to outgoing connections, and below Offhook's RTP: nobody takes one between our look and its use.
const LOWEST = 5_100
const HIGHEST = 9_900

/**
 * A port of 127.0.0.1 that is free now, TCP and UDP, and so are the `count - 1` behind it: for programs that cannot pick one
 * and say which.
 */
export async function freePort(count = 1): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(LOWEST, HIGHEST)
    const checks = Array.from(
      { length: count },
      async (_, n) => (await isFreeTcp(port + n)) && (await isFreeUdp(port + n)),
    )
    if ((await Promise.all(checks)).every(Boolean)) return port
  }
  throw new Error('no port is free')
}

function isFreeTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

function isFreeUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => socket.close(() => resolve(false)))
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)))
  })
}
