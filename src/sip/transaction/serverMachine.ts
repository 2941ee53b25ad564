import type { Clock } from '../../platform/clock.ts'
import type { SipRequest } from '../message/message.ts'
import { octetsOf } from '../message/text.ts'
import type { Flow } from '../transport/flow.ts'
import { startInviteServer, stepInviteServer } from './inviteServer.ts'
import { type Effect, Running, type ServerEvent } from './machine.ts'
import { startServer, stepServer } from './server.ts'
import { TimerSet } from './timerSet.ts'
import type { TimerName } from './timers.ts'

/** What all machines of a layer act through. */
export interface MachineSurroundings {
  readonly clock: Clock
  /** A new way for the answers where the connection `old` is closed; `port`: of the request's Via. */
  reopen(old: Flow, port: number | null): Promise<Flow>
  /** The machine is over, and no message is for it any more. */
  ended(key: string): void
  /** The same, but what is repeated is to be absorbed for a while: with `answer`, if there is one to repeat. */
  lingers(key: string, answer: string | null): void
}

/** The request, and whoever answers it. */
export interface Answering {
  readonly request: SipRequest
  readonly flow: Flow
  readonly localTag: string
  /** Hands the request up: it is new. */
  arrive(): void
  /** The octets of a 100. */
  trying(): Uint8Array
  cancel(cancel: SipRequest): void
  failed(): void
}

/**
 * A server transaction without its request: the state, the timers and the octets of the last answer. Once a 2xx has been
 * given to an INVITE, it is there only for whoever gave it, and lets go of the request.
 */
export class ServerMachine {
  readonly #key: string
  readonly #flow: Flow
  readonly #surroundings: MachineSurroundings
  readonly #timers: TimerSet
  readonly #machine: { readonly name: string; take(event: ServerEvent): readonly Effect[] }
  readonly #isInvite: boolean
  readonly #viaPort: number | null
  #transaction: Answering | null
  #begin: readonly Effect[]
  /** The last answer. */
  #answer: Uint8Array | null = null
  /** The way of the answers since the request's own connection was closed. */
  #reopened: Promise<Flow> | null = null
  #over = false

  constructor(key: string, transaction: Answering, surroundings: MachineSurroundings) {
    const { request, flow } = transaction
    this.#key = key
    this.#flow = flow
    this.#surroundings = surroundings
    this.#transaction = transaction
    this.#timers = new TimerSet(surroundings.clock, this)
    this.#isInvite = request.method === 'INVITE'
    this.#viaPort = request.via.port
    if (this.#isInvite) {
      const { state, effects } = startInviteServer(flow.reliable)
      this.#machine = new Running(state, stepInviteServer)
      this.#begin = effects
    } else {
      const { state, effects } = startServer(flow.reliable)
      this.#machine = new Running(state, stepServer)
      this.#begin = effects
    }
  }

  /** Whoever answers the request; null once nothing it could be told can happen any more. */
  get transaction(): Answering | null {
    return this.#transaction
  }

  /** Hands the request up. */
  begin(): void {
    const effects = this.#begin
    this.#begin = []
    this.#run(effects)
  }

  /** The request is answered with these octets. */
  respond(status: number, bytes: Uint8Array): void {
    this.#answer = bytes
    this.#take({ type: 'respond', status })
  }

  /** The same request came again. */
  again(): void {
    this.#take({ type: 'request' })
  }

  acknowledge(): void {
    this.#take({ type: 'ack' })
  }

  fired(timer: TimerName): void {
    this.#take({ type: 'fired', timer })
  }

  /** Ends without another word. */
  forget(): void {
    if (this.#over) return
    this.drop()
    this.#surroundings.ended(this.#key)
  }

  /** Stops all timers without a word to anyone: the server goes down. */
  drop(): void {
    this.#over = true
    this.#timers.clear()
  }

  #take(event: ServerEvent): void {
    if (this.#over) return
    const effects = this.#machine.take(event)
    if (this.#machine.name === 'terminated') this.forget()
    this.#run(effects)
    this.#letGo()
  }

  #run(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect)
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        return this.#send()
      case 'pass':
        return this.#transaction?.arrive()
      case 'trying':
        this.#answer = this.#transaction?.trying() ?? null
        return this.#send()
      case 'timeout':
      case 'failed':
        return this.#transaction?.failed()
      case 'linger':
        return this.#linger()
      case 'start':
        return this.#timers.start(effect.timer, effect.delay)
      case 'stop':
        return this.#timers.stop(effect.timer)
      case 'ack':
      case 'cancel':
        throw new Error('only a client sends ACK and CANCEL')
      default:
        return effect satisfies never
    }
  }

  #send(): void {
    const transaction = this.#transaction
    if (this.#answer === null) return
    const bytes = this.#answer
    if (this.#reopened) return this.#sendAnew(bytes, transaction)
    this.#flow.send(bytes, () => {
      queueMicrotask(() => (this.#flow.reliable ? this.#sendAnew(bytes, transaction) : this.#failed(transaction)))
    })
  }

  // RFC 3261 §18.2.2: the answer to a request whose connection has closed goes over a new one.
  #sendAnew(bytes: Uint8Array, transaction: Answering | null): void {
    const failed = (): void => this.#failed(transaction)
    this.#reopened ??= this.#surroundings.reopen(this.#flow, this.#viaPort)
    this.#reopened.then((flow) => flow.send(bytes, failed), failed)
  }

  // Whoever answers hears of this even if it was let go of, believing all was said.
  #failed(transaction: Answering | null): void {
    this.#transaction = transaction
    this.#take({ type: 'transport-failed' })
  }

  // An INVITE that comes again after its final answer is absorbed. As text: small octets share a slab that they would keep.
  #linger(): void {
    this.#surroundings.lingers(this.#key, this.#isInvite || this.#answer === null ? null : octetsOf(this.#answer))
  }

  // A 2xx is repeated by whoever gave it.
  #letGo(): void {
    if (this.#machine.name === 'accepted' || this.#machine.name === 'terminated') this.#transaction = null
  }
}
