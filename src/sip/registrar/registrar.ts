import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { Endpoint } from '../../platform/network.ts'
import { REGISTRATION_SUPPORTED } from '../dialog/capabilities.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import { supports } from '../message/optionTags.ts'
import { unescapeUser } from '../message/uri.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import { type Flow, isWebSocket } from '../transport/flow.ts'
import type { Binding, BindingStore } from './bindingStore.ts'
import type { Gruus } from './gruus.ts'
import { isDirect } from './outbound.ts'
import { contactLine, type ExpiryLimits, type Registration, register } from './registration.ts'

/** How often bindings that ran out are cleared away; they are never used, swept or not. */
const SWEEP_EVERY: Millis = 60_000
/** RFC 5626 §4.4: how often, in seconds, a phone that uses outbound over a connection of ours must say something. */
const FLOW_TIMER = 120
/** What its keepalive may be late by. */
const GRACE: Millis = 30_000

export interface RegistrarOptions {
  readonly clock: Clock
  readonly log: Log
  readonly store: BindingStore
  readonly gruus: Gruus
  readonly limits: ExpiryLimits
  /** Called when a user's bindings have changed, after they were saved. */
  readonly changed: (user: string, bindings: readonly Binding[]) => void
}

/** Who can be reached where: RFC 3261 §10. All bindings are in memory; the store is there for the next start. */
export class Registrar {
  readonly #options: RegistrarOptions
  readonly #bindings = new Map<string, readonly Binding[]>()
  /** Who has registered over a WebSocket that is open. */
  readonly #connected = new WeakMap<Flow, Set<string>>()
  #sweep: Timer | null = null
  #closed = false

  constructor(options: RegistrarOptions) {
    this.#options = options
    // Those that ran out while we were down are swept like any other, from the store too. WebSockets ended with the process.
    for (const binding of options.store.load()) {
      this.#bindings.set(binding.user, [...(this.#bindings.get(binding.user) ?? []), binding])
    }
    for (const user of this.#bindings.keys()) this.#drop(user, ({ protocol }) => isWebSocket(protocol))
    this.#sweepLater()
  }

  /** Registrations that have not run out. */
  get size(): number {
    let count = 0
    for (const user of this.#bindings.keys()) count += this.lookup(user).length
    return count
  }

  users(): IterableIterator<string> {
    return this.#bindings.keys()
  }

  /** The user's live bindings, the preferred first (q). */
  lookup(user: string): readonly Binding[] {
    const now = this.#options.clock.wall().getTime()
    const bindings = this.#bindings.get(user) ?? []
    return bindings.filter((binding) => binding.expiresAt > now).sort((a, b) => b.q - a.q)
  }

  /** Answers a REGISTER that `user` was proven to have sent. The 200 leaves after the bindings are safely stored. */
  register(transaction: ServerTransaction, user: string): void {
    const { request, flow } = transaction
    const { uri } = request.to
    // §10.3 step 5: nobody registers for another.
    if (uri.kind !== 'sip' || unescapeUser(uri.user ?? '') !== user) return transaction.respond(403)
    const now = this.#options.clock.wall().getTime()
    const outcome = register(request, user, flow, this.#bindings.get(user) ?? [], this.#options.limits, now)
    if (outcome.kind === 'refused') return transaction.respond(outcome.status, { headers: refusalLines(outcome) })
    const { bindings, change, outbound } = outcome
    this.#keep(user, bindings)
    const last = Math.max(0, ...change.put.map(({ expiresAt }) => expiresAt - now))
    flow.keepUntil(this.#options.clock.now() + last)
    if (isWebSocket(flow.protocol)) this.#followFlow(flow, user)
    const timed = outbound && flow.reliable && last > 0 && isDirect(request)
    if (timed) flow.expectEvery(FLOW_TIMER * 1000 + GRACE)
    const more: HeaderLine[] = outbound ? [['Require', 'outbound']] : []
    if (timed) more.push(['Flow-Timer', String(FLOW_TIMER)])
    if (change.put.length + change.removed.length === 0) return this.#confirm(transaction, bindings, more)
    this.#options.store.save(change, (error) => {
      if (error) {
        this.#options.log.error({ user, error: error.message }, 'a registration could not be saved')
        return transaction.respond(500)
      }
      this.#confirm(transaction, bindings, more)
      // As it is by now: another REGISTER, or the user's removal, may have come since.
      this.#options.changed(user, this.lookup(user))
    })
  }

  /** Drops all bindings of a user that was removed. */
  forget(user: string): void {
    const bindings = this.#bindings.get(user)
    if (!bindings) return
    this.#keep(user, [])
    this.#options.store.save({ user, put: [], removed: bindings.map(({ key }) => key) }, () => {})
    this.#options.changed(user, [])
  }

  close(): void {
    this.#closed = true
    this.#sweep?.cancel()
  }

  #confirm(transaction: ServerTransaction, bindings: readonly Binding[], more: readonly HeaderLine[]): void {
    const { request } = transaction
    const now = this.#options.clock.wall()
    // RFC 5627 §5.3: each phone of the user gets its GRUUs told, if this one understands.
    const gruus = supports(request, 'gruu') ? this.#options.gruus : null
    const contacts = bindings.map((binding): HeaderLine => {
      return ['Contact', contactLine(binding, now.getTime()) + (gruus?.params(binding) ?? '')]
    })
    const headers = [...contacts, ...pathLines(request), ...more, REGISTRATION_SUPPORTED]
    transaction.respond(200, { headers: [...headers, ['Date', now.toUTCString()]] })
  }

  #keep(user: string, bindings: readonly Binding[]): void {
    if (bindings.length > 0) this.#bindings.set(user, bindings)
    else this.#bindings.delete(user)
  }

  #sweepLater(): void {
    this.#sweep = this.#options.clock.after(SWEEP_EVERY, () => {
      const now = this.#options.clock.wall().getTime()
      for (const user of this.#bindings.keys()) this.#drop(user, ({ expiresAt }) => expiresAt <= now)
      this.#sweepLater()
    })
  }

  // RFC 7118 §5: nobody but the phone opens a WebSocket, so with it goes the only way there is. A page that comes back
  // registers anew; what stayed of one that does not would ring for nobody.
  #followFlow(flow: Flow, user: string): void {
    const users = this.#connected.get(flow)
    if (users?.has(user)) return
    this.#connected.set(flow, (users ?? new Set()).add(user))
    const { protocol, remote } = flow
    flow.onClosed(() => {
      // A server that stops leaves the store alone: the next start clears it of them.
      if (this.#closed) return
      this.#drop(user, (binding) => binding.protocol === protocol && sameEndpoint(binding.source, remote))
    })
  }

  #drop(user: string, isGone: (binding: Binding) => boolean): void {
    const bindings = this.#bindings.get(user) ?? []
    const gone = bindings.filter(isGone)
    if (gone.length === 0) return
    const live = bindings.filter((binding) => !gone.includes(binding))
    this.#keep(user, live)
    this.#options.store.save({ user, put: [], removed: gone.map(({ key }) => key) }, () => {})
    this.#options.changed(user, live)
  }
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address
}

function refusalLines({ minExpires, unsupported }: Extract<Registration, { kind: 'refused' }>): HeaderLine[] {
  if (minExpires !== undefined) return [['Min-Expires', String(minExpires)]]
  return unsupported === undefined ? [] : [['Unsupported', unsupported]]
}

// RFC 3327 §5.3: the phone, and each proxy on the way, sees which path was stored.
function pathLines({ headers }: SipRequest): HeaderLine[] {
  return headers.has('path') ? headers.all('path').map((value): HeaderLine => ['Path', value]) : []
}
