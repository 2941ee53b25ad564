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

/** Why a request got no response: nobody answered in 64·T1 (a 408 to the user), or it could not be sent (a 503). */
export type ClientFailure = 'timeout' | 'transport'

/** Who sent the request. Never called before the request has been returned as a transaction. */
export interface ClientUser {
  /** Each response that is news: provisionals, the final one, and for INVITE every 2xx. */
  response(response: SipResponse): void
  /** No final response will come. */
  failed(failure: ClientFailure): void
}

export interface ClientSurroundings {
  readonly clock: Clock
  /** Sends the CANCEL of an INVITE as a transaction of its own. */
  sendCancel(cancel: SipRequest, flow: Flow): void
  /** The transaction is over. */
  ended(): void
}

/** One request of ours with all that is needed to see it answered. The decisions are in the machines. */
export class ClientTransaction {
  readonly request: SipRequest
  readonly flow: Flow
  readonly #user: ClientUser
  readonly #surroundings: ClientSurroundings
  readonly #timers: TimerSet
  readonly #machine: { readonly name: string; take(event: ClientEvent): readonly Effect[] }
  #bytes: Uint8Array | null
  #response: SipResponse | null = null
  #cancelHeaders: readonly HeaderLine[] = []

  /** Sends `request`, Via included, at once. */
  constructor(request: SipRequest, flow: Flow, user: ClientUser, surroundings: ClientSurroundings) {
    this.request = request
    this.flow = flow
    this.#user = user
    this.#surroundings = surroundings
    this.#timers = new TimerSet(surroundings.clock, (timer) => this.#take({ type: 'fired', timer }))
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

  /** Takes an INVITE back (RFC 3261 §9.1), with `headers`, such as Reason, in the CANCEL. Nothing once it is answered. */
  cancel(headers: readonly HeaderLine[]): void {
    this.#cancelHeaders = headers
    this.#take({ type: 'cancel' })
  }

  /** Stops all timers without a word to anyone: the server goes down. */
  drop(): void {
    this.#timers.clear()
  }

  #take(event: ClientEvent): void {
    if (this.#machine.name === 'terminated') return
    const effects = this.#machine.take(event)
    const { name } = this.#machine
    // What has been answered will not be sent again.
    if (name === 'completed' || name === 'accepted') this.#bytes = null
    // The layer forgets it first: what the user does next may be to send the request anew.
    if (name === 'terminated') this.#end()
    this.#run(effects)
  }

  #run(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect)
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(this.#bytes)
      case 'ack':
        return this.#send(this.#response && writeMessage(ackFor(this.request, this.#response)))
      case 'cancel':
        return this.#surroundings.sendCancel(cancelFor(this.request, this.#cancelHeaders), this.flow)
      case 'pass':
        if (this.#response) this.#user.response(this.#response)
        return
      case 'timeout':
        return this.#user.failed('timeout')
      case 'failed':
        return this.#user.failed('transport')
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

  #send(bytes: Uint8Array | null): void {
    // A flow may refuse at once; the user must have its transaction first.
    if (bytes) this.flow.send(bytes, () => queueMicrotask(() => this.#take({ type: 'transport-failed' })))
  }

  #end(): void {
    this.#timers.clear()
    this.#surroundings.ended()
  }
}
