import { bracketed } from '../../platform/address.ts'
import type { Clock } from '../../platform/clock.ts'
import { hexToken, type Random } from '../../platform/random.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import { writeMessage } from '../message/write.ts'
import type { Flow } from '../transport/flow.ts'
import { ClientTransaction, type ClientUser } from './clientTransaction.ts'
import { ServerTransaction } from './serverTransaction.ts'

/** RFC 3261 §8.1.1.7: what a branch of this RFC's kind begins with. */
const MAGIC_COOKIE = 'z9hG4bK'

/** Who stands above the transactions. */
export interface TransactionUser {
  /** A new request of any method but ACK and CANCEL. */
  request(transaction: ServerTransaction): void
  /** An ACK for a 2xx: it belongs to a dialog, not to a transaction (RFC 3261 §13.2.2.4). */
  ack(request: SipRequest, flow: Flow): void
}

/** RFC 3261 §17: finds the transaction of each message, and makes the new ones. */
export class TransactionLayer {
  readonly #clock: Clock
  readonly #random: Random
  readonly #user: TransactionUser
  readonly #clients = new Map<string, ClientTransaction>()
  readonly #servers = new Map<string, ServerTransaction>()

  constructor(clock: Clock, random: Random, user: TransactionUser) {
    this.#clock = clock
    this.#random = random
    this.#user = user
  }

  /** Transactions that have not ended. */
  get size(): number {
    return this.#clients.size + this.#servers.size
  }

  /** Sends `request` (without Via) over `flow`; its responses go to `user`. */
  request(request: SipRequest, flow: Flow, user: ClientUser): ClientTransaction {
    const branch = this.#addVia(request, flow)
    return this.#client(branch, request, flow, user)
  }

  /** Sends the ACK of a 2xx (without Via): nobody answers it, so there is nothing to keep but the octets to repeat. */
  sendAck(ack: SipRequest, flow: Flow): Uint8Array {
    this.#addVia(ack, flow)
    const bytes = writeMessage(ack)
    flow.send(bytes)
    return bytes
  }

  /** Takes one message from the transport. */
  receive(message: SipMessage, flow: Flow): void {
    if (message.kind === 'response') this.#response(message)
    else if (message.method === 'ACK') this.#ack(message, flow)
    else if (message.method === 'CANCEL') this.#cancel(message, flow)
    else this.#request(message, flow, (transaction) => this.#user.request(transaction))
  }

  /** Forgets all transactions and stops their timers: the server goes down. */
  close(): void {
    for (const transaction of [...this.#clients.values(), ...this.#servers.values()]) transaction.drop()
    this.#clients.clear()
    this.#servers.clear()
  }

  #addVia(request: SipRequest, flow: Flow): string {
    const branch = MAGIC_COOKIE + hexToken(this.#random, 10)
    const { address, port } = flow.advertised
    const sentBy = `${bracketed(address)}:${port}`
    request.headers.prepend('Via', `SIP/2.0/${flow.protocol.toUpperCase()} ${sentBy};rport;branch=${branch}`)
    return branch
  }

  #client(branch: string, request: SipRequest, flow: Flow, user: ClientUser): ClientTransaction {
    const key = clientKey(branch, request.method)
    const transaction = new ClientTransaction(request, flow, user, {
      clock: this.#clock,
      sendCancel: (cancel, over) => this.#client(branch, cancel, over, { response() {}, failed() {} }),
      ended: () => this.#clients.delete(key),
    })
    this.#clients.set(key, transaction)
    return transaction
  }

  // RFC 3261 §17.1.3. A response that belongs to nothing is dropped (§18.1.2, as RFC 6026 has it).
  #response(response: SipResponse): void {
    this.#clients.get(clientKey(response.via.branch ?? '', response.cSeq.method))?.receive(response)
  }

  #request(request: SipRequest, flow: Flow, arrived: (transaction: ServerTransaction) => void): void {
    const key = serverKey(request, request.method)
    const known = this.#servers.get(key)
    if (known) return known.again()
    const transaction = new ServerTransaction(request, flow, {
      clock: this.#clock,
      random: this.#random,
      arrived,
      ack: (ack, over) => this.#user.ack(ack, over),
      ended: () => this.#servers.delete(key),
    })
    this.#servers.set(key, transaction)
    try {
      transaction.begin()
    } catch (error) {
      // §21.5.1; unanswered it would be kept for ever.
      transaction.respond(500)
      throw error
    }
  }

  #ack(ack: SipRequest, flow: Flow): void {
    const invite = this.#servers.get(serverKey(ack, 'INVITE'))
    if (invite) invite.acknowledge(ack)
    else this.#user.ack(ack, flow)
  }

  // RFC 3261 §9.2: the CANCEL is answered on its own; the INVITE it means is told.
  #cancel(cancel: SipRequest, flow: Flow): void {
    this.#request(cancel, flow, (transaction) => {
      const invite = this.#servers.get(serverKey(cancel, 'INVITE'))
      if (!invite) return transaction.respondStatelessly(481)
      transaction.respond(200)
      invite.cancel(cancel)
    })
  }
}

function clientKey(branch: string, method: string): string {
  return `${branch} ${method}`
}

// RFC 3261 §17.2.3: by branch and sent-by; a branch without the cookie (RFC 2543) says nothing, and all that must be
// equal in a repeated request is compared instead.
function serverKey(request: SipRequest, method: string): string {
  const { via } = request
  if (via.branch?.startsWith(MAGIC_COOKIE)) return `${via.branch} ${via.host}:${via.port ?? ''} ${method}`
  return `${request.uri.text} ${request.from.tag ?? ''} ${request.callId} ${request.cSeq.number} ${via.text} ${method}`
}
