import { bracketed } from '../../platform/address.ts'
import type { Clock } from '../../platform/clock.ts'
import { hexToken, type Random } from '../../platform/random.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import { StatelessTags } from '../message/statelessTag.ts'
import { detached, toOctets } from '../message/text.ts'
import { writeMessage } from '../message/write.ts'
import type { Flow } from '../transport/flow.ts'
import { type AcceptedInvite, ClientMachine, type ClientSurroundings } from './clientMachine.ts'
import { ClientTransaction, type ClientUser } from './clientTransaction.ts'
import { Lingering } from './lingering.ts'
import type { ServerMachine } from './serverMachine.ts'
import { type ServerSurroundings, ServerTransaction } from './serverTransaction.ts'
import { TIMEOUT } from './timers.ts'

/** RFC 3261 §8.1.1.7: what a branch of this RFC's kind begins with. */
const MAGIC_COOKIE = 'z9hG4bK'

/** Who stands above the transactions. */
export interface TransactionUser {
  /** A new request of any method but ACK and CANCEL. */
  request(transaction: ServerTransaction): void
  /** An ACK for a 2xx: it belongs to a dialog, not to a transaction (RFC 3261 §13.2.2.4). */
  ack(request: SipRequest, flow: Flow): void
  /**
   * A 2xx to an INVITE of ours after the one that its sender got: the same phone's, or `another`'s behind a proxy that
   * forked, told once. Either way it wants an ACK (RFC 6026 §7.2).
   */
  answeredAgain(response: SipResponse, invite: AcceptedInvite, another: boolean): void
  /**
   * A new way for the answers to a request that came over `old`, which is closed; `port`: of its Via (RFC 3261 §18.2.2).
   * Rejects if there is none.
   */
  reopen(old: Flow, port: number | null): Promise<Flow>
}

/** RFC 3261 §17: finds the transaction of each message, and makes the new ones. */
export class TransactionLayer {
  readonly #random: Random
  readonly #user: TransactionUser
  readonly #clients = new Map<string, ClientMachine>()
  readonly #servers = new Map<string, ServerMachine>()
  /** INVITEs of ours that got a 2xx (timer M), and the To tag of the last. */
  readonly #accepted: Lingering<{ readonly invite: AcceptedInvite; tag: string }>
  /** Requests that were answered for good, with the answer where it is to be repeated (timers I, J and L). */
  readonly #answered: Lingering<string | null>
  readonly #clientSurroundings: ClientSurroundings
  readonly #serverSurroundings: ServerSurroundings

  constructor(clock: Clock, random: Random, user: TransactionUser) {
    this.#random = random
    this.#user = user
    this.#accepted = new Lingering(clock, TIMEOUT)
    this.#answered = new Lingering(clock, TIMEOUT)
    this.#clientSurroundings = {
      clock,
      sendCancel: (cancel, flow) => this.#client(cancel, flow, { response() {}, failed() {} }),
      ended: (key) => this.#clients.delete(key),
      lingers: (key, invite, tag) => this.#accepted.set(key, { invite, tag: detached(tag) }),
    }
    this.#serverSurroundings = {
      clock,
      random,
      tags: new StatelessTags(random),
      arrived: (transaction) => this.#arrived(transaction),
      reopen: (old, port) => this.#user.reopen(old, port),
      ended: (key) => this.#servers.delete(key),
      lingers: (key, answer) => {
        this.#servers.delete(key)
        this.#answered.set(key, answer)
      },
    }
  }

  /** Transactions that have not ended, those that only absorb what comes late among them. */
  get size(): number {
    return this.#clients.size + this.#servers.size + this.#accepted.size + this.#answered.size
  }

  /** Sends `request` (without Via) over `flow`; its responses go to `user`. */
  request(request: SipRequest, flow: Flow, user: ClientUser): ClientTransaction {
    this.#addVia(request, flow)
    return new ClientTransaction(request, this.#client(request, flow, user))
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
    else this.#request(message, flow)
  }

  /** Forgets all transactions and stops their timers: the server goes down. */
  close(): void {
    for (const transaction of [...this.#clients.values(), ...this.#servers.values()]) transaction.drop()
    this.#clients.clear()
    this.#servers.clear()
    this.#accepted.clear()
    this.#answered.clear()
  }

  #addVia(request: SipRequest, flow: Flow): void {
    const branch = MAGIC_COOKIE + hexToken(this.#random, 10)
    const { address, port } = flow.advertised
    const sentBy = `${bracketed(address)}:${port}`
    request.headers.prepend('Via', `SIP/2.0/${flow.protocol.toUpperCase()} ${sentBy};rport;branch=${branch}`)
  }

  #client(request: SipRequest, flow: Flow, user: ClientUser): ClientMachine {
    const key = clientKey(request)
    const machine = new ClientMachine(key, request, flow, user, this.#clientSurroundings)
    this.#clients.set(key, machine)
    return machine
  }

  // RFC 3261 §17.1.3. A response that belongs to nothing is dropped (§18.1.2, as RFC 6026 has it).
  #response(response: SipResponse): void {
    const key = clientKey(response)
    const client = this.#clients.get(key)
    if (client) return client.receive(response)
    const known = this.#accepted.get(key)
    if (known === undefined || !isSuccess(response)) return
    const tag = response.to.tag ?? ''
    const another = tag !== known.tag
    if (another) known.tag = detached(tag)
    this.#user.answeredAgain(response, known.invite, another)
  }

  #request(request: SipRequest, flow: Flow): void {
    const key = serverKey(request, request.method)
    const known = this.#servers.get(key)
    if (known) return known.again()
    const answer = this.#answered.get(key)
    if (answer) return flow.send(toOctets(answer))
    if (answer === null) return
    const transaction = new ServerTransaction(key, request, flow, this.#serverSurroundings)
    this.#servers.set(key, transaction.machine)
    try {
      transaction.machine.begin()
    } catch (error) {
      // §21.5.1; unanswered it would be kept for ever.
      transaction.respond(500)
      throw error
    }
  }

  #arrived(transaction: ServerTransaction): void {
    if (transaction.request.method === 'CANCEL') this.#cancel(transaction)
    else this.#user.request(transaction)
  }

  #ack(ack: SipRequest, flow: Flow): void {
    const invite = this.#servers.get(serverKey(ack, 'INVITE'))
    if (invite) invite.acknowledge()
    else this.#user.ack(ack, flow)
  }

  // RFC 3261 §9.2: the CANCEL is answered on its own, with the tag of the INVITE it means; the INVITE is told.
  #cancel(transaction: ServerTransaction): void {
    const { request } = transaction
    const key = serverKey(request, 'INVITE')
    const invite = this.#servers.get(key)
    if (!invite && this.#answered.get(key) === undefined) return transaction.respondStatelessly(481)
    transaction.respond(200, { toTag: invite?.transaction?.localTag })
    invite?.transaction?.cancel(request)
  }
}

function isSuccess({ status }: SipResponse): boolean {
  return status >= 200 && status < 300
}

// Keys are joined: a template's parts would stay parts, and each hold all of the message that it was cut from.

// RFC 3261 §17.1.3
function clientKey({ via, cSeq }: SipMessage): string {
  return [via.branch, cSeq.method].join(' ')
}

// RFC 3261 §17.2.3: by branch and sent-by; a branch without the cookie (RFC 2543), or of the cookie alone (RFC 4475
// §3.2.1), says nothing, and all that must be equal in a repeated request is compared instead.
function serverKey({ via, uri, from, callId, cSeq }: SipRequest, method: string): string {
  const telling = via.branch?.startsWith(MAGIC_COOKIE) && via.branch !== MAGIC_COOKIE
  if (telling) return [via.branch, via.host, via.port, method].join(' ')
  return [uri.text, from.tag, callId, cSeq.number, via.text, method].join(' ')
}
