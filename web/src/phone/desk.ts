import { type Invitation, type UserAgent, UserAgentState } from 'sip.js'
import { diagnose } from '../api/diagnose.ts'
import { ha1Of } from '../api/digest.ts'
import { fetchIceServers } from '../api/ice.ts'
import { NO_ICE_SERVERS } from '../api/iceServers.ts'
import type { Account } from '../store/account.ts'
import { type SipConnection, sipConnection } from './connection.ts'
import { type OpenLine, openLine } from './line.ts'
import type { Line } from './state.ts'
import { makeUserAgent } from './userAgent.ts'

/** Who signs in: a person who has just typed a password, or one whose account was kept. */
export type Credentials =
  | { readonly kind: 'typed'; readonly user: string; readonly password: string }
  | { readonly kind: 'kept'; readonly account: Account }

export interface DeskPorts {
  /** Name and port of the server, as in the page's address. */
  readonly location: { readonly host: string; readonly hostname: string }
  readonly instance: string
  microphone(): Promise<MediaStream>
  tell(line: Line): void
  onAccount(account: Account): void
  onInvite(invitation: Invitation): void
  onLost(): void
  onReconnected(): void
}

/** One person's place at the server, from signing in until signing out. */
export interface Desk {
  readonly user: string
  readonly userAgent: UserAgent
  readonly line: OpenLine
  /** Takes this phone out of the server's books and closes the connection. */
  close(): Promise<void>
}

/** Connects, registers, and stays so. */
export function openDesk(credentials: Credentials, ports: DeskPorts): Desk {
  const user = credentials.kind === 'typed' ? credentials.user : credentials.account.user
  const secret = credentials.kind === 'typed' ? { password: credentials.password } : { ha1: credentials.account.ha1 }
  const ice = iceServers()
  let everConnected = false
  const { host, hostname } = ports.location
  const server = `wss://${host}/sip`
  const userAgent = makeUserAgent({
    user,
    secret,
    host: hostname,
    server,
    microphone: ports.microphone,
    iceServers: ice.current,
  })
  userAgent.delegate = { onInvite: ports.onInvite }
  const connection: SipConnection = sipConnection(userAgent, ports.instance, () => line.lost())

  const connect = async (): Promise<void> => {
    await connection.connect()
    everConnected = true
  }
  const account = (): Account | null => {
    if (credentials.kind === 'kept') return credentials.account
    const realm = connection.realm()
    return realm === null ? null : { user, realm, ha1: ha1Of(user, realm, credentials.password) }
  }
  const onReady = (again: boolean): void => {
    const known = account()
    if (known && !again) ports.onAccount(known)
    if (known) ice.keepFresh(known)
    if (again) ports.onReconnected()
  }
  const line = openLine(user, credentials.kind === 'typed', {
    connection: { ...connection, connect },
    diagnose: () => diagnose(everConnected),
    online: () => navigator.onLine,
    now: () => Date.now(),
    after: (delay, run) => {
      const timer = setTimeout(run, delay)
      return () => clearTimeout(timer)
    },
    chance: () => Math.random(),
    tell: ports.tell,
    onReady,
    onLost: ports.onLost,
  })
  const close = async (): Promise<void> => {
    line.close()
    ice.stop()
    await connection.unregister().catch(() => {})
    if (userAgent.state === UserAgentState.Started) await userAgent.stop().catch(() => {})
  }
  return { user, userAgent, line, close }
}

/** The ICE servers of one account, asked for anew before their credentials run out. */
function iceServers(): { current(): RTCIceServer[]; keepFresh(account: Account): void; stop(): void } {
  let known = NO_ICE_SERVERS
  let timer: ReturnType<typeof setTimeout> | undefined
  const keepFresh = async (account: Account): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const answer = await fetchIceServers(account.user, account.ha1)
    known = answer
    timer = setTimeout(() => void keepFresh(account), 800 * Math.max(60, answer.ttl))
  }
  return {
    current: () => known.servers,
    keepFresh: (account) => void keepFresh(account),
    stop: () => clearTimeout(timer),
  }
}
