import { type UserAgent, Web } from 'sip.js'
import { challengeIn } from '../api/digest.ts'
import type { Connection } from './line.ts'
import { type Registration, registration } from './registration.ts'

/** How long a sign of life may take, ms. */
const ANSWERS_WITHIN = 8000

export interface SipConnection extends Connection {
  /** What the server calls its realm; null until it has challenged us. */
  realm(): string | null
  /** Takes us out of the server's books, as far as it can be reached. */
  unregister(): Promise<void>
}

/** The WebSocket of a user agent and its registration, under `instance` (RFC 5626). `onLost`: the WebSocket closed. */
export function sipConnection(userAgent: UserAgent, instance: string, onLost: () => void): SipConnection {
  let realm: string | null = null
  let books: Registration | null = null
  userAgent.delegate = { ...userAgent.delegate, onDisconnect: (error) => error && onLost() }
  const socket = (): WebSocket | undefined => {
    const { transport } = userAgent
    return transport instanceof Web.Transport ? transport.ws : undefined
  }
  const listen = (): void =>
    socket()?.addEventListener('message', ({ data }) => {
      realm ??= typeof data === 'string' ? realmIn(data) : null
    })
  return {
    connect: async () => {
      await (userAgent.isConnected() || userAgent.state === 'Started'
        ? userAgent.transport.connect()
        : userAgent.start())
      listen()
    },
    // The transport takes note at once, though a dead WebSocket closes late.
    drop: () => void userAgent.transport.disconnect().catch(() => {}),
    register: () => {
      books ??= registration(userAgent, instance)
      return books.register()
    },
    unregister: async () => {
      if (userAgent.isConnected()) await books?.unregister()
    },
    probe: () => probe(socket()),
    realm: () => realm,
  }
}

/** RFC 5626 §4.4.1: two line ends ask, one answers; any message will do. */
function probe(socket: WebSocket | undefined): Promise<boolean> {
  if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(false)
  return new Promise((resolve) => {
    const done = (alive: boolean): void => {
      clearTimeout(timer)
      socket.removeEventListener('message', heard)
      resolve(alive)
    }
    const heard = (): void => done(true)
    const timer = setTimeout(() => done(false), ANSWERS_WITHIN)
    socket.addEventListener('message', heard)
    socket.send('\r\n\r\n')
  })
}

function realmIn(message: string): string | null {
  const header = /^(?:WWW|Proxy)-Authenticate\s*:\s*(.+)$/im.exec(message)?.[1]
  return header === undefined ? null : (challengeIn(header.trim())?.realm ?? null)
}
