import { CONNECTION_LOST, OFFLINE, type Problem, registrationRefused, wrongPassword } from '../problems.ts'
import { backoff } from './backoff.ts'
import type { Line } from './state.ts'

/** How a REGISTER was answered. */
export type Registered =
  /** `expires`: seconds until the server forgets us. */
  | { readonly kind: 'ok'; readonly expires: number }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  /** No answer came. */
  | { readonly kind: 'lost' }

/** A WebSocket to the server, and what is asked of it there. */
export interface Connection {
  /** Rejects if the server cannot be reached. */
  connect(): Promise<void>
  /** Gives the connection up, as it may be dead without knowing. */
  drop(): void
  register(): Promise<Registered>
  /** Asks for a sign of life; true if one came. */
  probe(): Promise<boolean>
}

export interface LinePorts {
  readonly connection: Connection
  /** Why connecting failed. */
  diagnose(): Promise<Problem>
  online(): boolean
  now(): number
  /** Calls `run` after `delay` ms, unless what it gives back is called before. */
  after(delay: number, run: () => void): () => void
  chance(): number
  tell(line: Line): void
  /** The server has us in its books: for the first time, or again after the connection was lost. */
  onReady(again: boolean): void
  onLost(): void
}

/** The connection to the server and the registration over it, kept up until it is closed. */
export interface OpenLine {
  /** The connection broke. */
  lost(): void
  /** Something happened by which the connection may have died, or may come again: looks at once. */
  check(): void
  /** The device has another network, or none. */
  networkChanged(): void
  close(): void
}

/** How often a sign of life is asked for, ms: less than the half minute after which some NATs forget. */
const PROBE_EVERY = 25_000
/** The part of a registration's life after which it is renewed. */
const RENEW_AT = 0.75

type At = 'connecting' | 'ready' | 'waiting' | 'closed'

/**
 * Signs in as `user` and stays so: what breaks is tried again, ever less often, at once when the network comes back.
 * A wrong password ends it; so does anything at all before the first success if `firstMustWork`, for then a person
 * stands before the form and wants to know.
 */
export function openLine(user: string, firstMustWork: boolean, ports: LinePorts): OpenLine {
  let at: At = 'connecting'
  let attempts = 0
  let turn = 0
  let everReady = false
  let cancels: (() => void)[] = []
  let cancelProbe = (): void => {}

  const clear = (): void => {
    for (const cancel of [...cancels, cancelProbe]) cancel()
    cancels = []
    turn += 1
  }

  const connect = async (): Promise<void> => {
    clear()
    at = 'connecting'
    const mine = turn
    const stale = (): boolean => mine !== turn
    const reached = await ports.connection.connect().then(
      () => true,
      () => false,
    )
    if (stale()) return
    if (reached) return register(stale)
    const problem = await ports.diagnose()
    if (!stale()) fail(problem)
  }

  const register = async (stale: () => boolean): Promise<void> => {
    const answer = await ports.connection.register()
    if (stale()) return
    if (answer.kind === 'ok') return ready(answer.expires)
    if (answer.kind === 'lost') {
      ports.connection.drop()
      return fail(CONNECTION_LOST)
    }
    const { status, reason } = answer
    if (status === 401 || status === 403 || status === 407) return signOut(wrongPassword(user))
    fail(registrationRefused(status, reason))
  }

  const ready = (expires: number): void => {
    const fresh = at !== 'ready'
    const again = everReady
    at = 'ready'
    attempts = 0
    everReady = true
    cancels.push(ports.after(expires * 1000 * RENEW_AT, renew))
    probeLater()
    if (!fresh) return
    ports.tell({ at: 'ready', user })
    ports.onReady(again)
  }

  const renew = (): void => {
    clear()
    const mine = turn
    void register(() => mine !== turn)
  }

  const probe = async (): Promise<void> => {
    cancelProbe()
    const mine = turn
    const alive = await ports.connection.probe()
    if (mine !== turn) return
    if (alive) probeLater()
    else lost()
  }

  const probeLater = (): void => {
    cancelProbe()
    cancelProbe = ports.after(PROBE_EVERY, () => void probe())
  }

  const fail = (problem: Problem): void => {
    clear()
    if (firstMustWork && !everReady) return signOut(problem)
    if (at === 'ready') ports.onLost()
    at = 'waiting'
    const delay = backoff(attempts, ports.chance())
    attempts += 1
    ports.tell({ at: 'lost', user, problem: ports.online() ? problem : OFFLINE, retryAt: ports.now() + delay })
    cancels.push(ports.after(delay, retry))
  }

  const retry = (): void => {
    ports.tell({ at: 'lost', user, problem: ports.online() ? CONNECTION_LOST : OFFLINE, retryAt: null })
    void connect()
  }

  const lost = (): void => {
    if (at === 'closed' || at === 'waiting') return
    ports.connection.drop()
    fail(CONNECTION_LOST)
  }

  const signOut = (problem: Problem): void => {
    close()
    ports.tell({ at: 'signed-out', problem })
  }

  const close = (): void => {
    clear()
    at = 'closed'
  }

  void connect()
  return {
    lost,
    check: () => {
      if (at === 'waiting') retry()
      else if (at === 'ready') void probe()
    },
    networkChanged: () => {
      if (at === 'waiting' && ports.online()) retry()
      else if (at === 'ready') lost()
    },
    close,
  }
}
