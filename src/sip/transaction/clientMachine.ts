import type { Clock } from '../../platform/clock.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { writeMessage } from '../message/write.ts'
import type { Flow } from '../transport/flow.ts'
import { ackFor, cancelFor } from './branchRequests.ts'
import { startClient, stepClient } from './client.ts'
import { startInviteClient, stepInviteClient } from './inviteClient.ts'
import { type ClientEvent, type Effect, Running } from './machine.ts'
import { TimerSet } from './timerSet.ts'
import type { TimerName } from './timers.ts'

/** Why a request got no response: nobody answered in 64·T1 (a 408 to the user), or it could not be sent (a 503). */
export type ClientFailure = 'timeout' | 'transport'

/** Who sent the request. Never called before the request has been returned as a transaction. */
export interface ClientUser {
  /** Each response that is news: provisionals, and the final one. What comes after a 2xx to INVITE, the layer's user gets. */
  response(response: SipResponse): void
  /** No final response will come. */
  failed(failure: ClientFailure): void
}

/** What all client transactions of a layer act through. */
export interface ClientSurroundings {
  readonly clock: Clock
  /** Sends the CANCEL of an INVITE as a transaction of its own. */
  sendCancel(cancel: SipRequest, flow: Flow): void
  /** The machine is over, and no message is for it any more. */
  ended(key: string): void
  /** The same, but further 2xx are to be taken for a while; `tag`: the first one's To tag. */
  lingers(key: string, invite: AcceptedInvite, tag: string): void
}

/** What remains of an INVITE that got a 2xx. */
export interface AcceptedInvite {
  /** The way it went, wherever a 2xx comes from. */
  readonly flow: Flow
  /** Whether it made an offer; if not, a 2xx does. */
  readonly offered: boolean
}

/**
 * A client transaction in motion. The layer keeps no more than this. An INVITE that was refused acknowledges what comes late
 * for half a minute (timer D), and by then it has let go of the request, and of whoever sent it.
 */
export class ClientMachine {
  readonly #key: string
  readonly #flow: Flow
  readonly #surroundings: ClientSurroundings
  readonly #timers: TimerSet
  readonly #machine: { readonly name: string; take(event: ClientEvent): readonly Effect[] }
  #request: SipRequest | null
  #user: ClientUser | null
  /** The request's, to be repeated; once it is refused those of the ACK. */
  #bytes: Uint8Array | null
  #response: SipResponse | null = null
  #cancelHeaders: readonly HeaderLine[] = []
  #over = false

  /** Sends `request`, Via included, at once. */
  constructor(key: string, request: SipRequest, flow: Flow, user: ClientUser, surroundings: ClientSurroundings) {
    this.#key = key
    this.#flow = flow
    this.#surroundings = surroundings
    this.#request = request
    this.#user = user
    this.#timers = new TimerSet(surroundings.clock, this)
    this.#bytes = writeMessage(request)
    if (request.method === 'INVITE') {
      const { state, effects } = startInviteClient(flow.reliable)
      this.#machine = new Running(state, stepInviteClient)
      this.#run(effects)
    } else {
      const { state, effects } = startClient(flow.reliable)
      this.#machine = new Running(state, stepClient)
      this.#run(effects)
    }
  }

  receive(response: SipResponse): void {
    this.#response = response
    this.#take({ type: 'response', status: response.status })
    this.#response = null
  }

  cancel(headers: readonly HeaderLine[]): void {
    this.#cancelHeaders = headers
    this.#take({ type: 'cancel' })
  }

  fired(timer: TimerName): void {
    this.#take({ type: 'fired', timer })
  }

  /** Stops all timers without a word to anyone: the server goes down. */
  drop(): void {
    this.#over = true
    this.#timers.clear()
  }

  #take(event: ClientEvent): void {
    if (this.#over) return
    const before = this.#machine.name
    const effects = this.#machine.take(event)
    const { name } = this.#machine
    // What has been answered will not be sent again.
    if (name !== before && isAnswered(name)) this.#bytes = null
    // The layer forgets it first: what the user does next may be to send the request anew.
    if (name === 'terminated') this.#end()
    this.#run(effects)
    if (isAnswered(name)) this.#letGo()
  }

  #run(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect)
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        return this.#send()
      case 'ack':
        this.#bytes ??= this.#ack()
        return this.#send()
      case 'cancel':
        return this.#cancel()
      case 'pass':
        if (this.#response) this.#user?.response(this.#response)
        return
      case 'timeout':
        return this.#user?.failed('timeout')
      case 'failed':
        return this.#user?.failed('transport')
      case 'linger':
        return this.#linger()
      case 'start':
        return this.#timers.start(effect.timer, effect.delay)
      case 'stop':
        return this.#timers.stop(effect.timer)
      case 'trying':
        throw new Error('only a server says 100 Trying')
      default:
        return effect satisfies never
    }
  }

  #send(): void {
    // A flow may refuse at once; the user must have its transaction first.
    if (this.#bytes) this.#flow.send(this.#bytes, () => queueMicrotask(() => this.#take({ type: 'transport-failed' })))
  }

  #ack(): Uint8Array | null {
    return this.#request && this.#response && writeMessage(ackFor(this.#request, this.#response))
  }

  #cancel(): void {
    if (this.#request) this.#surroundings.sendCancel(cancelFor(this.#request, this.#cancelHeaders), this.#flow)
  }

  #linger(): void {
    const offered = (this.#request?.body.length ?? 0) > 0
    this.#surroundings.lingers(this.#key, { flow: this.#flow, offered }, this.#response?.to.tag ?? '')
  }

  #end(): void {
    this.drop()
    this.#surroundings.ended(this.#key)
  }

  #letGo(): void {
    this.#request = null
    this.#user = null
  }
}

function isAnswered(state: string): boolean {
  return state === 'completed' || state === 'terminated'
}
