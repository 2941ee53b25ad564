import type { Clock } from '../../platform/clock.ts'
import { hexToken, type Random } from '../../platform/random.ts'
import { createResponse } from '../message/create.ts'
import { type HeaderLine, Headers } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import { writeMessage } from '../message/write.ts'
import type { Flow } from '../transport/flow.ts'
import { startInviteServer, stepInviteServer } from './inviteServer.ts'
import { type Effect, Running, type ServerEvent } from './machine.ts'
import { startServer, stepServer } from './server.ts'
import { TimerSet } from './timerSet.ts'

/** Who answers an INVITE; other methods have nothing to be told. */
export interface ServerUser {
  /** The caller took the INVITE back (RFC 3261 §9.2). Answer 487, unless a final answer is on its way. */
  cancelled(cancel: SipRequest): void
  /** The answer could not be sent, or nobody acknowledged a final one that was no 2xx. */
  failed(): void
}

export interface ServerSurroundings {
  readonly clock: Clock
  readonly random: Random
  /** The request is new: hand it to whoever answers it. */
  arrived(transaction: ServerTransaction): void
  /** An ACK for a 2xx came with the INVITE's own branch. */
  ack(ack: SipRequest, flow: Flow): void
  ended(): void
}

/** What an answer may carry beside what §8.2.6 copies from the request. */
export interface Answer {
  readonly reason?: string
  readonly headers?: readonly HeaderLine[]
  readonly body?: Uint8Array
}

/** One request to us with all that is needed to answer it once, however often it comes. */
export class ServerTransaction {
  readonly request: SipRequest
  readonly flow: Flow
  readonly #surroundings: ServerSurroundings
  readonly #timers: TimerSet
  readonly #machine: { readonly name: string; take(event: ServerEvent): readonly Effect[] }
  #begin: readonly Effect[]
  #user: ServerUser | null = null
  #bytes: Uint8Array | null = null
  #ack: SipRequest | null = null
  #localTag: string | null = null
  #status = 100
  #forgotten = false

  constructor(request: SipRequest, flow: Flow, surroundings: ServerSurroundings) {
    this.request = request
    this.flow = flow
    this.#surroundings = surroundings
    this.#timers = new TimerSet(surroundings.clock, (timer) => this.#take({ type: 'fired', timer }))
    if (request.method === 'INVITE') {
      const { state, effects } = startInviteServer(flow.reliable)
      this.#machine = new Running(state, stepInviteServer)
      this.#begin = effects
    } else {
      const { state, effects } = startServer(flow.reliable)
      this.#machine = new Running(state, stepServer)
      this.#begin = effects
    }
  }

  /** Hands the request up. Apart from the constructor, so that an answer given at once finds the layer prepared. */
  begin(): void {
    this.#run(this.#begin)
    this.#begin = []
  }

  /** The To tag of all our answers; the request's own within a dialog. */
  get localTag(): string {
    this.#localTag ??= this.request.to.tag ?? hexToken(this.#surroundings.random, 8)
    return this.#localTag
  }

  /** Whether a final response was given. */
  get answered(): boolean {
    return this.#status >= 200
  }

  /** Tells who wants to hear of CANCEL and failure. */
  attach(user: ServerUser): void {
    this.#user = user
  }

  /** Answers; the To tag is added to all but 100. After a final response there is nothing more to say. */
  respond(status: number, answer: Answer = {}): void {
    if (this.answered) return
    this.#bytes = this.#write(status, answer)
    this.#status = status
    this.#take({ type: 'respond', status })
  }

  /**
   * Answers and forgets the request, as a stateless server does (RFC 3261 §8.2.7): a repeat is a new request, an ACK is
   * nobody's. For whoever has proven nothing yet (§26.3.2.4): it shall neither fill our memory nor have us repeat
   * ourselves to somebody else.
   */
  respondStatelessly(status: number, answer: Answer = {}): void {
    if (this.answered) return
    this.#status = status
    this.flow.send(this.#write(status, answer))
    this.#forgotten = true
    this.#end()
  }

  /**
   * Sends the last response once more: until the ACK comes that is the transaction user's duty for a 2xx (RFC 3261
   * §13.3.1.4), and until the PRACK comes for a reliable provisional one (RFC 3262 §3).
   */
  repeat(): void {
    if (this.#bytes) this.#take({ type: 'respond', status: this.#status })
  }

  /** The same request came again. */
  again(): void {
    this.#take({ type: 'request' })
  }

  acknowledge(ack: SipRequest): void {
    this.#ack = ack
    this.#take({ type: 'ack' })
    this.#ack = null
  }

  cancel(cancel: SipRequest): void {
    if (!this.answered) this.#user?.cancelled(cancel)
  }

  /** Stops all timers without a word to anyone: the server goes down. */
  drop(): void {
    this.#timers.clear()
  }

  #write(status: number, { headers, reason, body }: Answer): Uint8Array {
    const toTag = status === 100 ? undefined : this.localTag
    return writeMessage(
      createResponse(this.request, status, { reason, toTag, headers: Headers.of(headers ?? []), body }),
    )
  }

  #take(event: ServerEvent): void {
    if (this.#forgotten || this.#machine.name === 'terminated') return
    const effects = this.#machine.take(event)
    if (this.#machine.name === 'terminated') this.#end()
    this.#run(effects)
  }

  #run(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect)
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        return this.#send()
      case 'pass':
        if (this.#ack) this.#surroundings.ack(this.#ack, this.flow)
        else this.#surroundings.arrived(this)
        return
      case 'trying':
        this.#bytes = writeMessage(createResponse(this.request, 100))
        return this.#send()
      case 'timeout':
      case 'failed':
        return this.#user?.failed()
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
    if (this.#bytes) this.flow.send(this.#bytes, () => queueMicrotask(() => this.#take({ type: 'transport-failed' })))
  }

  #end(): void {
    this.#timers.clear()
    this.#surroundings.ended()
  }
}
