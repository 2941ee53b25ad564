import type { Timer } from '../platform/clock.ts'
import type { Endpoint } from '../platform/network.ts'
import type { ClientDigest } from '../sip/auth/clientDigest.ts'
import { contactFor } from '../sip/dialog/contact.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../sip/message/message.ts'
import type { Flow } from '../sip/transport/flow.ts'
import { newThread, registerRequest, type Thread } from './outsideRequest.ts'
import { type Link, type Servers, type Target, targetText } from './provider.ts'
import { readRegisterAnswer, serviceRoute } from './registrationAnswer.ts'
import {
  idleRegistration,
  type RegisterEffect,
  type RegisterEvent,
  type RegisterState,
  stepRegistration,
} from './registrationMachine.ts'
import { seenFrom } from './seenFrom.ts'
import type { RegistrationState, TrunkSettings } from './trunk.ts'
import { unreachable } from './words.ts'

/** How long a shutdown waits for a provider. */
const LEAVE_WITHIN = 2_000
/** How long a new address waits for the removal of the old one. */
const REMOVE_WITHIN = 4_000

export interface RegistrationParts {
  readonly settings: Pick<TrunkSettings, 'username' | 'domain' | 'host' | 'expires'>
  /** The user part of our Contact: what nobody guesses, for an INVITE to it is the provider's. A token. */
  readonly contactUser: string
  /** null: the trunk has no password. */
  readonly digest: ClientDigest | null
  readonly link: Link
  readonly servers: Servers
  /** Its state is another now. */
  readonly changed: () => void
  /** The provider has just registered us. */
  readonly granted?: () => void
  /** The provider sees requests over `flow` come from this address, which is not the one we advertise there (RFC 3581). */
  readonly seenAs: (from: Endpoint, flow: Flow) => void
}

/** Where the provider has us. */
interface Binding {
  readonly flow: Flow
  readonly target: Target
  readonly contact: HeaderLine
  readonly serviceRoute: readonly string[]
  readonly release: () => void
}

/**
 * Keeps one trunk registered with its provider: RFC 3261 §10.2. All of its REGISTERs share a Call-ID. What it does when is
 * the machine's matter; this sends, waits and tells.
 */
export class Registration {
  readonly #parts: RegistrationParts
  readonly #thread: Thread
  readonly #timers = new Map<'again' | 'lapse', Timer>()
  #state: RegisterState
  /** Clock time of the next try. */
  #again = 0
  #targets: readonly Target[] = []
  /** Which try is on its way: what comes of an older one is dropped. */
  #try = 0
  #proof: readonly HeaderLine[] = []
  #flow: Flow | null = null
  #binding: Binding | null = null
  #seen: string | null = null
  #closed: (() => void)[] = []

  constructor(parts: RegistrationParts) {
    this.#parts = parts
    this.#thread = newThread(parts.link.random)
    this.#state = idleRegistration(parts.settings.expires)
  }

  /** As people are told. */
  get state(): RegistrationState {
    const state = this.#state
    const { clock } = this.#parts.link
    const wall = (at: number): number => clock.wall().getTime() + at - clock.now()
    if ('until' in state && state.until !== null && this.#binding) {
      return { state: 'registered', until: wall(state.until), server: targetText(this.#binding.target) }
    }
    if (state.name === 'waiting') {
      return { state: 'failed', problem: state.problem ?? 'not registered', again: wall(this.#again) }
    }
    return { state: 'trying', problem: this.problem }
  }

  /** What went wrong last, though it may still be registered; null: nothing did. */
  get problem(): string | null {
    return 'problem' in this.#state ? this.#state.problem : null
  }

  /** The flow that the provider has us at; null: it has not. */
  get flow(): Flow | null {
    return this.#binding?.flow ?? null
  }

  get server(): Target | null {
    return this.#binding?.target ?? null
  }

  /** What calls to the provider carry as Route, topmost first (RFC 3608 §5); empty: none. */
  get serviceRoute(): readonly string[] {
    return this.#binding?.serviceRoute ?? []
  }

  /** Registers now, whatever was tried before: at the start, and when the provider or the network is back. */
  register(): void {
    this.#take({ type: 'now' })
  }

  /** Our address, or the one that the provider sees, is another now: registers anew at once, and removes the old binding. */
  addressChanged(): void {
    if (this.#state.name !== 'idle') this.#take({ type: 'now' })
  }

  /** Takes the registration back, unless it is left to who has the same. Resolves when the provider has answered, or in 2 s. */
  async close(leaves = false): Promise<void> {
    if (leaves) return this.#done()
    return this.#takeBack()
  }

  #takeBack(): Promise<void> {
    const { clock } = this.#parts.link
    return new Promise((resolve) => {
      const late = clock.after(LEAVE_WITHIN, () => this.#done())
      this.#closed.push(() => {
        late.cancel()
        resolve()
      })
      this.#take({ type: 'close' })
    })
  }

  #take(event: RegisterEvent): void {
    const { state, effects } = stepRegistration(this.#state, event, this.#parts.link.clock.now())
    this.#state = state
    for (const effect of effects) this.#do(effect)
  }

  #do(effect: RegisterEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect)
      case 'drop':
        this.#try++
        return
      case 'wait':
        return this.#wait(effect.from, effect.to)
      case 'lapse':
        return this.#start('lapse', effect.in)
      case 'stop':
        return this.#timers.get(effect.timer)?.cancel()
      case 'skip': {
        const target = this.#targets[effect.server]
        if (target) this.#parts.servers.failed(target)
        return
      }
      case 'changed':
        return this.#changed()
      case 'done':
        return this.#done()
      default:
        return effect satisfies never
    }
  }

  #wait(from: number, to: number): void {
    const { random, clock } = this.#parts.link
    const delay = from + random.integer(Math.max(1, Math.round(to - from)))
    this.#again = clock.now() + delay
    this.#start('again', delay)
  }

  #start(timer: 'again' | 'lapse', delay: number): void {
    this.#timers.get(timer)?.cancel()
    this.#timers.set(
      timer,
      this.#parts.link.clock.after(delay, () => this.#take({ type: 'fired', timer })),
    )
  }

  #changed(): void {
    if ('until' in this.#state && this.#state.until === null) this.#letGo()
    this.#parts.changed()
  }

  #letGo(): void {
    this.#binding?.release()
    this.#binding = null
  }

  #done(): void {
    this.#try++
    this.#state = { name: 'closed' }
    for (const timer of this.#timers.values()) timer.cancel()
    this.#letGo()
    for (const closed of this.#closed.splice(0)) closed()
  }

  #send(what: Extract<RegisterEffect, { type: 'send' }>): void {
    const tried = ++this.#try
    const stillWanted = (): boolean => tried === this.#try
    void this.#sendOver(what, stillWanted).catch((error: unknown) => {
      if (!stillWanted()) return
      const target = this.#targets[what.server]
      const problem = target ? unreachable(target, error) : unresolved(this.#parts.settings.host, error)
      this.#outage(problem, what.server)
    })
  }

  async #sendOver(what: Extract<RegisterEffect, { type: 'send' }>, wanted: () => boolean): Promise<void> {
    const flow = await this.#way(what, wanted)
    if (!wanted()) return
    this.#flow = flow
    const contact = contactFor(flow, this.#parts.contactUser)
    const old = this.#binding?.contact ?? contact
    if (what.expires > 0 && old[1] !== contact[1]) await this.#remove(old, flow)
    if (!wanted()) return
    const headers = what.proof ? this.#proof : null
    this.#request(
      { contact: what.expires > 0 ? contact : old, expires: what.expires, headers },
      flow,
      (response, request) => {
        if (wanted()) this.#answered(response, request, { ...what, flow, contact })
      },
      (problem) => {
        if (wanted()) this.#outage(problem, what.server)
      },
    )
  }

  async #way(
    { server, expires, proof }: Extract<RegisterEffect, { type: 'send' }>,
    wanted: () => boolean,
  ): Promise<Flow> {
    const current = proof ? this.#flow : expires === 0 ? (this.#binding?.flow ?? null) : null
    if (current?.open) return current
    if (server === 0) {
      // What an older try knew is not to be named in this one's failure.
      this.#targets = []
      const targets = await this.#parts.servers.resolve()
      if (wanted()) this.#targets = targets
    }
    const target = this.#targets[server]
    if (!target) throw new Error('it has no address')
    return this.#parts.link.connect(target)
  }

  // RFC 3261 §10.2.2, before the new one is made: some providers have one binding an account, and mean it by any Contact.
  #remove(contact: HeaderLine, flow: Flow): Promise<void> {
    return new Promise((resolve) => {
      const late = this.#parts.link.clock.after(REMOVE_WITHIN, resolve)
      const gone = (): void => {
        late.cancel()
        resolve()
      }
      const once = { contact, expires: 0 }
      this.#request(
        { ...once, headers: null },
        flow,
        (response, request) => {
          const proof = this.#parts.digest?.answer(response, request) ?? null
          if (proof) this.#request({ ...once, headers: [proof] }, flow, gone, gone)
          else gone()
        },
        gone,
      )
    })
  }

  // `headers`: credentials; null: those that are known ahead.
  #request(
    what: { contact: HeaderLine; expires: number; headers: readonly HeaderLine[] | null },
    flow: Flow,
    answered: (response: SipResponse, request: SipRequest) => void,
    failed: (problem: string) => void,
  ): void {
    const { settings, digest, link } = this.#parts
    const request = registerRequest(settings, { ...what, headers: what.headers ?? [] }, this.#thread)
    if (what.headers === null) for (const line of digest?.ahead(request) ?? []) request.headers.append(...line)
    const unwatch = flow.onClosed(() => failed('the provider closed the connection'))
    link.request(request, flow, {
      response: (response) => {
        if (response.status < 200) return
        unwatch()
        this.#lookAt(response, flow)
        answered(response, request)
      },
      failed: (failure) => {
        unwatch()
        const where = targetText({
          ...flow.remote,
          protocol: flow.protocol === 'tcp' || flow.protocol === 'tls' ? flow.protocol : 'udp',
        })
        failed(failure === 'timeout' ? `${where} does not answer` : `nothing can be sent to ${where}`)
      },
    })
  }

  #answered(
    response: SipResponse,
    request: SipRequest,
    sent: { server: number; expires: number; flow: Flow; contact: HeaderLine },
  ): void {
    const { settings, contactUser, digest } = this.#parts
    const more = sent.server + 1 < this.#targets.length
    const question = { request, expires: sent.expires, contactUser, username: settings.username, digest, more }
    const { event, proof } = readRegisterAnswer(response, question)
    if (proof) this.#proof = [proof]
    const granted = event.type === 'granted' && event.seconds > 0 && sent.expires > 0
    if (granted) this.#bind(response, sent)
    this.#take(event)
    if (granted) this.#parts.granted?.()
  }

  #bind(response: SipResponse, { server, flow, contact }: { server: number; flow: Flow; contact: HeaderLine }): void {
    const target = this.#targets[server]
    if (!target) return
    this.#letGo()
    const letGo = flow.hold()
    const unwatch = flow.onClosed(() => this.#take({ type: 'flow-lost' }))
    const release = (): void => {
      letGo()
      unwatch()
    }
    this.#binding = { flow, target, contact, serviceRoute: serviceRoute(response), release }
  }

  #outage(problem: string, server: number): void {
    this.#take({ type: 'outage', problem, more: server + 1 < this.#targets.length, retryAfter: null })
  }

  #lookAt(response: SipResponse, flow: Flow): void {
    const from = seenFrom(response, flow)
    const text = from && `${from.address} ${from.port}`
    if (from && text !== this.#seen) this.#parts.seenAs(from, flow)
    this.#seen = text
  }
}

function unresolved(host: string, cause: unknown): string {
  const why = cause instanceof Error ? cause.message : 'it failed'
  return `the name ${host} does not resolve: ${why}`
}
