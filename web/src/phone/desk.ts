import { type Invitation, type UserAgent, UserAgentState } from 'sip.js'
import { diagnose } from '../api/diagnose.ts'
import { ha1Of } from '../api/digest.ts'
import { fetchIceServers } from '../api/ice.ts'
import { type IceServer, NO_ICE_SERVERS } from '../api/iceServers.ts'
import type { Account } from '../store/account.ts'
import { SipConnection } from './connection.ts'
import { type LinePorts, OpenLine } from './line.ts'
import type { Line } from './state.ts'
import { makeUserAgent } from './userAgent.ts'

/** Who signs in: a person who has just typed a password, or one whose account was kept. */
export type Credentials =
  | { readonly kind: 'typed'; readonly user: string; readonly password: string }
  | ({ readonly kind: 'kept' } & Account)

export interface DeskPorts {
  /** Name and port of the server, as in the page's address. */
  readonly host: string
  /** What stands in our SIP addresses. */
  readonly domain: string
  readonly instance: string
  microphone(): Promise<MediaStream>
  tell(line: Line): void
  /** The server has let the person in for the first time. */
  onAccount(account: Account): void
  onInvite(invitation: Invitation): void
  onLost(): void
  onReconnected(): void
}

/** One person's place at the server, from signing in until signing out: connected, registered, and kept so. */
export class Desk {
  readonly userAgent: UserAgent
  readonly line: OpenLine
  readonly #credentials: Credentials
  readonly #ports: DeskPorts
  readonly #connection: SipConnection
  #everConnected = false
  #iceServers: IceServer[] = []
  #renewIce: ReturnType<typeof setTimeout> | undefined

  constructor(credentials: Credentials, ports: DeskPorts) {
    const { host, domain } = ports
    this.#credentials = credentials
    this.#ports = ports
    this.userAgent = makeUserAgent({
      user: credentials.user,
      secret: credentials,
      host: domain,
      server: `wss://${host}/sip`,
      microphone: ports.microphone,
      iceServers: () => this.#iceServers,
    })
    this.userAgent.delegate = { onInvite: ports.onInvite }
    this.#connection = new SipConnection(this.userAgent, ports.instance, () => this.line.lost())
    this.line = new OpenLine(credentials.user, credentials.kind === 'typed', this.#linePorts())
  }

  /** Takes this phone out of the server's books and closes the connection. */
  async close(): Promise<void> {
    this.line.close()
    clearTimeout(this.#renewIce)
    await this.#connection.unregister().catch(() => {})
    if (this.userAgent.state === UserAgentState.Started) await this.userAgent.stop().catch(() => {})
  }

  #linePorts(): LinePorts {
    const { tell, onLost } = this.#ports
    const connect = async (): Promise<void> => {
      await this.#connection.connect()
      this.#everConnected = true
    }
    return {
      connect,
      connection: this.#connection,
      diagnose: () => diagnose(this.#everConnected),
      online: () => navigator.onLine,
      now: () => Date.now(),
      after,
      chance: () => Math.random(),
      tell,
      onReady: (again) => this.#ready(again),
      onLost,
    }
  }

  #ready(again: boolean): void {
    const account = this.#account()
    if (account && !again) this.#ports.onAccount(account)
    if (account) void this.#keepIceServers(account)
    if (again) this.#ports.onReconnected()
  }

  /** What may be kept of the credentials; null before the server has named its realm. */
  #account(): Account | null {
    if (this.#credentials.kind === 'kept') return this.#credentials
    const { user, password } = this.#credentials
    const { realm } = this.#connection
    return realm === null ? null : { user, realm, ha1: ha1Of(user, realm, password) }
  }

  /** Asks for the ICE servers, and again before their credentials run out. */
  async #keepIceServers(account: Account): Promise<void> {
    clearTimeout(this.#renewIce)
    this.#renewIce = undefined
    const { servers, ttl } = await fetchIceServers(account).catch(() => NO_ICE_SERVERS)
    this.#iceServers = servers
    clearTimeout(this.#renewIce)
    this.#renewIce = setTimeout(() => void this.#keepIceServers(account), 800 * Math.max(60, ttl))
  }
}

function after(delay: number, run: () => void): () => void {
  const timer = setTimeout(run, delay)
  return () => clearTimeout(timer)
}
