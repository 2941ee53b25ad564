import { type UserAgent, UserAgentState, Web } from 'sip.js'
import { challengeIn } from '../api/digest.ts'
import type { Connection, Registered } from './line.ts'
import { Registration } from './registration.ts'

/** How long a sign of life may take, ms. */
const ANSWERS_WITHIN = 8000

/** The WebSocket of a user agent and the registration over it (RFC 5626), under the id `instance`. */
export class SipConnection implements Connection {
  readonly #userAgent: UserAgent
  readonly #instance: string
  #registration: Registration | null = null
  #realm: string | null = null

  /** `onLost`: the WebSocket closed, and not by us. */
  constructor(userAgent: UserAgent, instance: string, onLost: () => void) {
    this.#userAgent = userAgent
    this.#instance = instance
    userAgent.delegate = { ...userAgent.delegate, onDisconnect: (error) => error && onLost() }
  }

  /** What the server calls its realm; null until it has challenged us. */
  get realm(): string | null {
    return this.#realm
  }

  async connect(): Promise<void> {
    const isFirst = this.#userAgent.state === UserAgentState.Stopped
    await (isFirst ? this.#userAgent.start() : this.#userAgent.transport.connect())
    this.#socket()?.addEventListener('message', ({ data }) => {
      this.#realm ??= typeof data === 'string' ? realmIn(data) : null
    })
  }

  drop(): void {
    // SIP.js takes note at once, though a dead WebSocket closes late.
    this.#userAgent.transport.disconnect().catch(() => {})
  }

  register(): Promise<Registered> {
    this.#registration ??= new Registration(this.#userAgent, this.#instance)
    return this.#registration.register()
  }

  /** Takes us out of the server's books, if it has us there and can be reached. */
  async unregister(): Promise<void> {
    if (this.#userAgent.isConnected()) await this.#registration?.unregister()
  }

  /** RFC 5626 §4.4.1: two line ends ask, one answers; any message will do. */
  probe(): Promise<boolean> {
    const socket = this.#socket()
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

  #socket(): WebSocket | undefined {
    const { transport } = this.#userAgent
    return transport instanceof Web.Transport ? transport.ws : undefined
  }
}

function realmIn(message: string): string | null {
  const header = /^(?:WWW|Proxy)-Authenticate\s*:\s*(.+)$/im.exec(message)?.[1]
  return header === undefined ? null : (challengeIn(header.trim())?.realm ?? null)
}
