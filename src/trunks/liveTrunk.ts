import { createHmac } from 'node:crypto'
import type { Line } from '../bridge/bridge.ts'
import type { Millis } from '../platform/clock.ts'
import type { Endpoint } from '../platform/network.ts'
import { ClientDigest } from '../sip/auth/clientDigest.ts'
import type { Proof } from '../sip/dialog/proof.ts'
import type { Locator } from '../sip/locate/locator.ts'
import type { Target } from '../sip/locate/target.ts'
import type { Flow } from '../sip/transport/flow.ts'
import { AllowList } from './allowList.ts'
import { identityOf, type OutgoingCall, type WriteNumber } from './identity.ts'
import type { InboundTrunk } from './inbound.ts'
import { type Link, targetText } from './provider.ts'
import { Qualify } from './qualify.ts'
import { Registration } from './registration.ts'
import { placesOf, TrunkServers } from './servers.ts'
import type { CallSender } from './testCall.ts'
import type { TrunkSettings, TrunkState } from './trunk.ts'
import { TrunkLine } from './trunkLine.ts'
import { type TestStep, testTrunk } from './trunkTest.ts'

/** What all trunks share. */
export interface TrunkParts {
  readonly locator: Locator
  /** As Link's, for a trunk whose servers prove to be `host` where they speak TLS. */
  link(host: string): Link & CallSender
  /** As TransportLayer's. */
  hasVanished(target: Target, flow: Flow): Promise<boolean>
  /** Calls that are up over a trunk of this name. */
  callsUp(trunk: string): number
  readonly write: WriteNumber
  /** What the Contacts of registrations are made with. */
  readonly secret: Uint8Array
  /** A trunk has gone up or down. */
  changed(trunk: TrunkState): void
  /** As Registration's, of the trunk of this name. */
  seenAs(trunk: string, from: Endpoint, flow: Flow): void
}

/** A server that has not let us connect by then is given up, for this call, ms. */
const CONNECT_WITHIN = 4_000

/** How much a call must get through: one for help does not wait for room, and at last tries what counts as down. */
export type Urgency = 'usual' | 'emergency' | 'last-resort'

/** One trunk at work: where its provider is, whether it is up, and the ways into it. */
export class LiveTrunk implements InboundTrunk {
  readonly settings: TrunkSettings
  readonly contactUser: string | null
  readonly #parts: TrunkParts
  readonly #link: Link & CallSender
  readonly #servers: TrunkServers
  readonly #allowed: AllowList
  readonly #digest: ClientDigest | null
  readonly #registration: Registration | null
  readonly #qualify: Qualify | null
  #told: TrunkState['state'] = 'unknown'
  /** When the calls of the last second began, clock time. */
  #begun: Millis[] = []

  constructor(settings: TrunkSettings, parts: TrunkParts) {
    const { name, host, username, password } = settings
    const places = placesOf(settings)
    this.settings = settings
    this.#parts = parts
    this.#link = parts.link(host)
    this.#servers = new TrunkServers(parts.locator, places, () => this.#serversChanged())
    this.#allowed = new AllowList(settings.allowIp, places, parts.locator)
    const { random } = this.#link
    this.#digest = username !== null && password !== null ? new ClientDigest({ username, password }, random) : null
    this.contactUser = settings.register ? contactOf(parts.secret, name) : null
    this.#registration = this.contactUser === null ? null : this.#newRegistration(this.contactUser)
    const { qualifyEvery: every } = settings
    const [link, servers] = [this.#link, this.#servers]
    const changed = (state: 'up' | 'down'): void => this.#asked(state)
    const seenAs = (from: Endpoint, flow: Flow): void => parts.seenAs(settings.name, from, flow)
    this.#qualify = every === null ? null : new Qualify({ settings, every, link, servers, changed, seenAs })
  }

  /** Begins to register and to ask whether the provider is there. */
  start(): void {
    this.#registration?.register()
    this.#qualify?.start()
  }

  isAllowed(address: string): boolean {
    return this.#allowed.has(address)
  }

  get state(): TrunkState {
    const { name } = this.settings
    const registration = this.#registration?.state ?? null
    const [server] = this.#order()
    return {
      name,
      state: this.#state,
      registration,
      problem: this.#problem,
      server: server ? targetText(server) : null,
      calls: this.#parts.callsUp(name),
      roundTrip: this.#qualify?.roundTrip ?? null,
    }
  }

  /** The way into it for one call, the first server to try first; null: it is down, or has no room for another call. */
  line(call: OutgoingCall, urgency: Urgency = 'usual'): Line | null {
    const { name, username, sessionTimers } = this.settings
    const identity = identityOf(this.settings, call, this.#parts.write)
    if (identity === null || (urgency !== 'last-resort' && this.#state === 'down')) return null
    if (!this.#takesOneMore() && urgency === 'usual') return null
    return TrunkLine.over(this.#order(), {
      user: `trunk:${name}`,
      identity,
      contactUser: this.contactUser ?? username,
      sessionTimer: sessionTimers,
      route: this.#registration?.serviceRoute ?? [],
      proof: this.#proof,
      connect: (target) => this.#connect(target),
      hasVanished: (target, flow) => this.#parts.hasVanished(target, flow),
      outcome: (target, reached) => this.#outcome(target, reached),
    })
  }

  /** Whether it has room for a call that it brings. */
  get hasRoom(): boolean {
    const { name, maxCalls } = this.settings
    return maxCalls === null || this.#parts.callsUp(name) < maxCalls
  }

  /** Tries it, step by step. `call`: a number to ring for a moment; null: none. */
  test(call: string | null): AsyncIterable<TestStep> {
    return testTrunk(this.settings, {
      link: this.#link,
      resolve: (place) => this.#parts.locator.resolve(place),
      contactUser: this.contactUser ?? 'offhook',
      keep: this.#registration !== null,
      call,
    })
  }

  /** Our own address is another one. */
  addressChanged(): void {
    this.#registration?.addressChanged()
  }

  /** Takes its registration back, unless `next` has the same, and ends. */
  async close(next: TrunkSettings | null = null): Promise<void> {
    this.#servers.close()
    this.#allowed.close()
    this.#qualify?.close()
    await this.#registration?.close(next !== null && haveOneBinding(this.settings, next))
  }

  #newRegistration(contactUser: string): Registration {
    return new Registration({
      settings: this.settings,
      contactUser,
      digest: this.#digest,
      link: this.#link,
      servers: this.#servers,
      changed: () => this.#changed(),
      granted: () => this.#qualify?.proved(),
      seenAs: (from, flow) => this.#parts.seenAs(this.settings.name, from, flow),
    })
  }

  // A provider that answers is up, though it may not have us registered: calls may go out all the same. Silence of one that has
  // never answered OPTIONS says nothing: some don't.
  get #state(): TrunkState['state'] {
    const { state = 'unknown', answers = false } = this.#qualify ?? {}
    const asked = state === 'down' && !answers ? 'unknown' : state
    const registration = this.#registration?.state.state
    if (asked !== 'unknown' || registration === undefined) return asked
    return registration === 'registered' ? 'up' : registration === 'failed' ? 'down' : 'unknown'
  }

  get #problem(): string | null {
    return this.#registration?.problem ?? this.#servers.trouble ?? this.#qualify?.problem ?? null
  }

  // Whoever has us registered knows us: it comes first.
  #order(): readonly Target[] {
    const home = this.#registration?.server ?? null
    const { known } = this.#servers
    if (home === null) return known
    return [home, ...known.filter((target) => targetText(target) !== targetText(home))]
  }

  // A caller waits for it, and there may be another server.
  #connect(target: Target): Promise<Flow> {
    return new Promise((resolve, reject) => {
      const timer = this.#link.clock.after(CONNECT_WITHIN, () =>
        reject(new Error(`no connection to ${targetText(target)}`)),
      )
      this.#link
        .connect(target)
        .then(resolve, reject)
        .finally(() => timer.cancel())
    })
  }

  // A password goes to the provider alone, whoever asks for it.
  get #proof(): Proof | null {
    const digest = this.#digest
    if (digest === null) return null
    return {
      answer: (response, request, { remote }) =>
        this.#servers.has(remote.address) ? digest.answer(response, request) : null,
    }
  }

  #takesOneMore(): boolean {
    const { callsPerSecond } = this.settings
    if (!this.hasRoom) return false
    if (callsPerSecond === null) return true
    const now = this.#link.clock.now()
    this.#begun = this.#begun.filter((at) => now - at < 1_000)
    if (this.#begun.length >= callsPerSecond) return false
    this.#begun.push(now)
    return true
  }

  // What had no address may have one now.
  #serversChanged(): void {
    this.#registration?.addressChanged()
    if (this.#qualify?.state === 'down') this.#qualify.start()
  }

  #outcome(target: Target, reached: boolean): void {
    if (reached) this.#qualify?.proved()
    else this.#servers.failed(target)
  }

  // A provider that was away has probably forgotten us.
  #asked(state: 'up' | 'down'): void {
    if (state === 'up' && this.#told === 'down') this.#registration?.register()
    this.#changed()
  }

  #changed(): void {
    const { state } = this
    if (state.state === this.#told) return
    this.#told = state.state
    this.#parts.changed(state)
  }
}

/** Whether both register the same Contact for the same account. */
function haveOneBinding(a: TrunkSettings, b: TrunkSettings): boolean {
  const same = (['name', 'host', 'port', 'domain', 'username', 'transport'] as const).every((key) => a[key] === b[key])
  return same && a.register && b.register
}

/** The same after each start, so that no binding of before stays beside it; and nobody guesses it. */
function contactOf(secret: Uint8Array, trunk: string): string {
  return createHmac('sha256', secret).update(`trunk ${trunk}`).digest('hex').slice(0, 32)
}
