import type { SipMessage, SipRequest, SipResponse } from '../../../../src/sip/message/message.ts'
import { type ClientUser, type Ground, InviteClient, RequestClient } from './clientTransactions.ts'
import { responseTo } from './messages.ts'
import { InviteServer, RequestServer } from './serverTransactions.ts'

/** Who stands above the transactions of a phone. */
export interface TransactionUser {
  invited(invite: InviteServer): void
  /** Any other new request but ACK and CANCEL. */
  asked(server: RequestServer): void
  /** A CANCEL came for this INVITE; it was answered. */
  cancelled(invite: InviteServer, cancel: SipRequest): void
  /** An ACK that belongs to no transaction: that of a 2xx. */
  acknowledged(ack: SipRequest): void
}

type Server = InviteServer | RequestServer

/** RFC 3261 §17.1.3 and §17.2.3 as a phone does it: finds the transaction of each message. */
export class RfcTransactions {
  readonly #ground: Ground
  readonly #user: TransactionUser
  readonly #clients = new Map<string, InviteClient | RequestClient>()
  readonly #servers = new Map<string, Server>()

  constructor(ground: Ground, user: TransactionUser) {
    this.#ground = ground
    this.#user = user
  }

  /** Those that are not over. */
  get size(): number {
    return this.#clients.size + this.#servers.size
  }

  invite(request: SipRequest, user: ClientUser): InviteClient {
    const key = clientKey(request)
    const client = new InviteClient(this.#ground, request, user, {
      cancel: (cancel) => this.ask(cancel, { answered() {}, unanswered() {} }),
      over: () => this.#clients.delete(key),
    })
    this.#clients.set(key, client)
    return client
  }

  ask(request: SipRequest, user: ClientUser): void {
    const key = clientKey(request)
    this.#clients.set(key, new RequestClient(this.#ground, request, user, () => this.#clients.delete(key)))
  }

  receive(message: SipMessage): void {
    if (message.kind === 'response') this.#clients.get(clientKey(message))?.receive(message)
    else if (message.method === 'ACK') this.#ack(message)
    else this.#request(message)
  }

  #ack(ack: SipRequest): void {
    const invite = this.#servers.get(serverKey(ack, 'INVITE'))
    if (invite instanceof InviteServer) invite.acknowledged()
    else this.#user.acknowledged(ack)
  }

  #request(request: SipRequest): void {
    const key = serverKey(request, request.method)
    const known = this.#servers.get(key)
    if (known) return known.again()
    const over = (): boolean => this.#servers.delete(key)
    if (request.method === 'INVITE') {
      const invite = new InviteServer(this.#ground, request, over)
      this.#servers.set(key, invite)
      return this.#user.invited(invite)
    }
    const server = new RequestServer(this.#ground, request, over)
    this.#servers.set(key, server)
    if (request.method === 'CANCEL') this.#cancel(server)
    else this.#user.asked(server)
  }

  #cancel(server: RequestServer): void {
    const invite = this.#servers.get(serverKey(server.request, 'INVITE'))
    server.respond(responseTo(server.request, invite ? 200 : 481, { toTag: 'cancel' }))
    if (invite instanceof InviteServer) this.#user.cancelled(invite, server.request)
  }
}

function clientKey(message: SipRequest | SipResponse): string {
  return `${message.via.branch} ${message.cSeq.method}`
}

function serverKey({ via }: SipRequest, method: string): string {
  return `${via.branch} ${via.host} ${via.port} ${method}`
}
