import type { Clock } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import type { AcceptedInvite } from '../transaction/clientMachine.ts'
import type { ClientUser } from '../transaction/clientTransaction.ts'
import { TransactionLayer } from '../transaction/layer.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import type { Flow } from '../transport/flow.ts'
import { unsupported } from './capabilities.ts'
import { dialogId } from './dialog.ts'
import { isLarge, LargeRequest, type SentRequest } from './largeRequest.ts'
import { acknowledgeStray } from './strayAnswer.ts'
import type { Ways } from './ways.ts'

/** Whatever answers for a dialog: a session, or an INVITE that is not yet answered. */
export interface DialogUser {
  receive(transaction: ServerTransaction): void
  acknowledged(ack: SipRequest): void
  /** A 2xx to an INVITE of ours has come once more. */
  answeredAgain(response: SipResponse): void
}

export interface UserAgentOptions {
  readonly clock: Clock
  readonly random: Random
  /** Takes every request outside a dialog. */
  readonly outside: (transaction: ServerTransaction) => void
  readonly ways: Ways
  /** The body that answers the offer in a message by refusing all it offers; null where it holds none that can be read. */
  readonly refuseOffer: (message: SipMessage) => Uint8Array | null
}

/** Finds the dialog of each request (RFC 3261 §12.2.2) and sends ours. */
export class UserAgent {
  readonly clock: Clock
  readonly random: Random
  readonly #options: UserAgentOptions
  readonly #dialogs = new Map<string, DialogUser>()
  readonly #transactions: TransactionLayer

  constructor(options: UserAgentOptions) {
    this.clock = options.clock
    this.random = options.random
    this.#options = options
    this.#transactions = new TransactionLayer(options.clock, options.random, {
      request: (transaction) => this.#request(transaction),
      ack: (ack) => this.#dialogs.get(dialogOf(ack))?.acknowledged(ack),
      answeredAgain: (...answer) => this.#answeredAgain(...answer),
      reopen: (old, port) => options.ways.answer(old, port),
    })
  }

  get dialogs(): number {
    return this.#dialogs.size
  }

  get transactions(): number {
    return this.#transactions.size
  }

  /** Takes one message from the transport. */
  receive(message: SipMessage, flow: Flow): void {
    this.#transactions.receive(message, flow)
  }

  /** Sends a request: over `flow`, unless that is one of datagrams and the request too large for one. */
  request(request: SipRequest, flow: Flow, user: ClientUser): SentRequest {
    const stream = flow.protocol === 'udp' && isLarge(request) ? this.#options.ways.stream(request, flow) : null
    if (!stream) return this.#transactions.request(request, flow, user)
    const send: TransactionLayer['request'] = (...sent) => this.#transactions.request(...sent)
    return new LargeRequest(request, { datagrams: flow, stream }, user, send)
  }

  /** Sends the ACK of a 2xx and gives its octets, to be repeated. */
  sendAck(ack: SipRequest, flow: Flow): Uint8Array {
    return this.#transactions.sendAck(ack, flow)
  }

  /** The answer to an offer that comes too late to be wanted. */
  refuseOffer(message: SipMessage): Uint8Array | null {
    return this.#options.refuseOffer(message)
  }

  /** A new way for `request`, whose flow `old` is closed. Rejects if there is none. */
  reopen(request: SipRequest, old: Flow): Promise<Flow> {
    return this.#options.ways.reopen(request, old)
  }

  enter(id: string, user: DialogUser): void {
    this.#dialogs.set(id, user)
  }

  leave(id: string, user: DialogUser): void {
    if (this.#dialogs.get(id) === user) this.#dialogs.delete(id)
  }

  close(): void {
    this.#transactions.close()
    this.#dialogs.clear()
  }

  #request(transaction: ServerTransaction): void {
    const { request } = transaction
    if (request.to.tag === null) return this.#options.outside(transaction)
    const dialog = this.#dialogs.get(dialogOf(request))
    if (!dialog) return transaction.respondStatelessly(481)
    const missing = unsupported(request)
    // RFC 3261 §8.2.2.3 holds within a dialog, too.
    if (missing.length > 0) return transaction.respond(420, { headers: [['Unsupported', missing.join(', ')]] })
    dialog.receive(transaction)
  }

  #answeredAgain(response: SipResponse, invite: AcceptedInvite, another: boolean): void {
    const { callId, from, to } = response
    const dialog = this.#dialogs.get(dialogId(callId, from.tag ?? '', to.tag ?? ''))
    if (dialog) dialog.answeredAgain(response)
    else acknowledgeStray(this, response, invite, another)
  }
}

function dialogOf(request: SipRequest): string {
  return dialogId(request.callId, request.to.tag ?? '', request.from.tag ?? '')
}
