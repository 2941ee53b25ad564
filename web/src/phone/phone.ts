import { sipDomain } from '../api/domain.ts'
import type { Problem } from '../problems.ts'
import { qualityWatch } from '../quality/watch.ts'
import type { Account } from '../store/account.ts'
import { type Value, value } from '../store/value.ts'
import { Calls } from './calls.ts'
import { type Credentials, Desk } from './desk.ts'
import type { Leg } from './leg.ts'
import { type EndedCall, INITIAL, type PhoneEvent, type PhoneState, reduce } from './state.ts'

export interface PhoneOptions {
  /** Name and port of the server, as in the page's address. */
  readonly location: { readonly host: string; readonly hostname: string }
  /** The instance id of this tab, as soon as it is known. */
  readonly instance: Promise<string>
  /** The chosen microphone; null is the system's choice. */
  microphone(): string | null
  /** Someone has signed in. */
  onAccount(account: Account): void
  onEnded(ended: EndedCall): void
  /** Another sound is there to be heard. */
  onHeard(): void
}

/** How often the quality of a call is looked at, ms. */
const LOOK_EVERY = 2000

/** A phone: its state is a value, and whatever is done to it changes that value. It is signed out at first. */
export class Phone {
  readonly state: Value<PhoneState> = value(INITIAL)
  readonly #options: PhoneOptions
  readonly #calls: Calls
  #desk: Desk | null = null

  constructor(options: PhoneOptions) {
    this.#options = options
    const tell = (event: PhoneEvent): void => this.#tell(event)
    this.#calls = new Calls({
      tell,
      current: () => this.state.get().calls,
      device: options.microphone,
      onHeard: options.onHeard,
      onEnded: options.onEnded,
      now: () => Date.now(),
    })
    const look = qualityWatch((id) => this.leg(id)?.sample() ?? Promise.resolve(null), tell)
    setInterval(() => void look(this.state.get().calls), LOOK_EVERY)
  }

  async signIn(credentials: Credentials): Promise<void> {
    const { location, instance, onAccount } = this.#options
    this.dismiss()
    const { user, kind } = credentials
    this.#tell({ type: 'line', line: { at: 'signing-in', user, typed: kind === 'typed' } })
    const [id, domain] = await Promise.all([instance, sipDomain(location.hostname), this.#desk?.close()])
    this.#desk = new Desk(credentials, {
      host: location.host,
      domain,
      instance: id,
      microphone: () => this.#calls.microphone(),
      tell: (line) => this.#tell({ type: 'line', line }),
      onAccount,
      onInvite: (invitation) => this.#calls.ring(invitation),
      onLost: () => this.#calls.lost(),
      onReconnected: () => this.#calls.reconnected(),
    })
  }

  async signOut(): Promise<void> {
    const leaving = this.#desk
    this.#desk = null
    this.#calls.endAll()
    this.#tell({ type: 'line', line: { at: 'signed-out' } })
    await leaving?.close()
  }

  /** Calls a number, name or address; nothing happens while no one is signed in. */
  async dial(text: string): Promise<void> {
    if (this.#desk) await this.#calls.dial(this.#desk.userAgent, text)
  }

  async answer(id: string): Promise<void> {
    await this.#calls.answer(id)
  }

  /** Declines, gives up or hangs up. */
  end(id: string): void {
    this.leg(id)?.end()
  }

  mute(id: string, on: boolean): void {
    this.leg(id)?.mute(on)
  }

  hold(id: string, on: boolean): void {
    this.#calls.hold(id, on)
  }

  switchTo(id: string): void {
    this.#calls.switchTo(id)
  }

  key(id: string, key: string): void {
    this.leg(id)?.key(key)
  }

  /** Another microphone was chosen. */
  async useMicrophone(): Promise<void> {
    await this.#calls.useMicrophone()
  }

  notice(problem: Problem): void {
    this.#tell({ type: 'noticed', problem })
  }

  dismiss(): void {
    this.#tell({ type: 'dismissed' })
  }

  /** The connection may be dead, or may come back: looks at once. */
  check(): void {
    this.#desk?.line.check()
  }

  networkChanged(): void {
    this.#desk?.line.networkChanged()
  }

  /** The page goes away: who talks is told, and what rings is left to ring elsewhere. */
  leave(): void {
    for (const { id, state } of this.state.get().calls) if (state !== 'incoming') this.end(id)
  }

  leg(id: string): Leg | undefined {
    return this.#calls.get(id)
  }

  #tell(event: PhoneEvent): void {
    this.state.set(reduce(this.state.get(), event))
  }
}
