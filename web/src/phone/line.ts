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
  connect(): Promise<void>
  readonly connection: Omit<Connection, 'connect'>
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

/** How often a sign of life is asked for, ms: less than the half minute after which some NATs forget. */
const PROBE_EVERY = 25_000
/** The part of a registration's life after which it is renewed. */
const RENEW_AT = 0.75

/**
 * The connection to the server and the registration over it. It signs in as `user` and stays so: what breaks is tried
 * again, ever less often, at once when the network comes back. A wrong password ends it; so does anything at all before the
 * first success if `firstMustWork`, for then a person stands before the form and wants to know.
 */
export class OpenLine {
  readonly #user: string
  readonly #firstMustWork: boolean
  readonly #ports: LinePorts
  #at: 'connecting' | 'ready' | 'waiting' | 'closed' = 'connecting'
  /** Attempts that failed since it was ready. */
  #failed = 0
  #everReady = false
  /** Why it is not ready, as far as is known. */
  #problem = CONNECTION_LOST
  /** Counts what is under way: what was begun in an earlier turn has nothing more to say. */
  #turn = 0
  #cancelNext = (): void => {}
  #cancelProbe = (): void => {}

  constructor(user: string, firstMustWork: boolean, ports: LinePorts) {
    this.#user = user
    this.#firstMustWork = firstMustWork
    this.#ports = ports
    void this.#connect()
  }

  /** The connection broke. */
  lost(): void {
    if (this.#at === 'closed' || this.#at === 'waiting') return
    this.#ports.connection.drop()
    this.#fail(CONNECTION_LOST)
  }

  /** The connection may have died, or may come again: looks at once. */
  check(): void {
    if (this.#at === 'waiting') this.#retry()
    else if (this.#at === 'ready') void this.#probe()
  }

  /** The device has another network, or none. */
  networkChanged(): void {
    if (this.#at === 'waiting' && this.#ports.online()) this.#retry()
    else if (this.#at === 'ready') this.lost()
  }

  close(): void {
    this.#newTurn()
    this.#at = 'closed'
  }

  async #connect(): Promise<void> {
    const turn = this.#newTurn()
    this.#at = 'connecting'
    const reached = await this.#ports.connect().then(
      () => true,
      () => false,
    )
    if (turn !== this.#turn) return
    if (reached) return this.#register()
    const problem = await this.#ports.diagnose()
    if (turn === this.#turn) this.#fail(problem)
  }

  async #register(): Promise<void> {
    const turn = this.#turn
    const answer = await this.#ports.connection.register()
    if (turn !== this.#turn) return
    switch (answer.kind) {
      case 'ok':
        return this.#ready(answer.expires)
      case 'lost':
        return this.lost()
      case 'refused':
        return this.#refused(answer.status, answer.reason)
    }
  }

  #ready(expires: number): void {
    const [isNews, again] = [this.#at !== 'ready', this.#everReady]
    this.#at = 'ready'
    this.#failed = 0
    this.#everReady = true
    this.#cancelNext = this.#ports.after(expires * 1000 * RENEW_AT, () => void this.#renew())
    this.#probeLater()
    if (!isNews) return
    this.#ports.tell({ at: 'ready', user: this.#user })
    this.#ports.onReady(again)
  }

  async #renew(): Promise<void> {
    this.#newTurn()
    await this.#register()
  }

  async #probe(): Promise<void> {
    this.#cancelProbe()
    const turn = this.#turn
    const alive = await this.#ports.connection.probe()
    if (turn !== this.#turn) return
    if (alive) this.#probeLater()
    else this.lost()
  }

  #probeLater(): void {
    this.#cancelProbe()
    this.#cancelProbe = this.#ports.after(PROBE_EVERY, () => void this.#probe())
  }

  #refused(status: number, reason: string): void {
    const isPassword = status === 401 || status === 403 || status === 407
    if (isPassword) this.#signOut(wrongPassword(this.#user))
    else this.#fail(registrationRefused(status, reason))
  }

  #fail(problem: Problem): void {
    this.#newTurn()
    if (this.#firstMustWork && !this.#everReady) return this.#signOut(problem)
    if (this.#at === 'ready') this.#ports.onLost()
    this.#at = 'waiting'
    const delay = backoff(this.#failed, this.#ports.chance())
    this.#failed += 1
    this.#problem = problem
    this.#tellLost(this.#ports.now() + delay)
    this.#cancelNext = this.#ports.after(delay, () => this.#retry())
  }

  #retry(): void {
    this.#tellLost(null)
    void this.#connect()
  }

  #tellLost(retryAt: number | null): void {
    const problem = this.#ports.online() ? this.#problem : OFFLINE
    this.#ports.tell({ at: 'lost', user: this.#user, problem, retryAt })
  }

  #signOut(problem: Problem): void {
    this.close()
    this.#ports.connection.drop()
    this.#ports.tell({ at: 'signed-out', problem })
  }

  #newTurn(): number {
    this.#cancelNext()
    this.#cancelProbe()
    this.#turn += 1
    return this.#turn
  }
}
