import type { Clock } from '../../../../src/platform/clock.ts'
import type { Endpoint, UdpSocket } from '../../../../src/platform/network.ts'
import { hexToken } from '../../../../src/platform/random.ts'
import type { HeaderLine } from '../../../../src/sip/message/headers.ts'
import type { SipMessage, SipRequest } from '../../../../src/sip/message/message.ts'
import { parseMessage } from '../../../../src/sip/message/parse.ts'
import { writeMessage } from '../../../../src/sip/message/write.ts'
import { VirtualAudio } from '../audio.ts'
import type { VirtualNetwork } from '../network.ts'
import type { Seeded } from '../random.ts'
import type { Conversation, Host } from './conversation.ts'
import { Credentials } from './credentials.ts'
import { type Direction, describe } from './description.ts'
import { dialogOf } from './dialog.ts'
import { IncomingCall } from './incomingCall.ts'
import { responseTo } from './messages.ts'
import { OutgoingCall } from './outgoingCall.ts'
import { Registration } from './registration.ts'
import type { InviteServer, RequestServer } from './serverTransactions.ts'
import { RfcTransactions, type TransactionUser } from './transactions.ts'

export interface RfcPhoneOptions {
  readonly user: string
  readonly password: string
  readonly address: string
  readonly server: Endpoint
}

/**
 * A SIP phone over UDP that does all that RFC 3261 wants of one: it repeats, gives up, absorbs, and retries by itself. It
 * shares the message grammar with the server and nothing else, so that it can judge it.
 */
export class RfcPhone implements Host, TransactionUser {
  readonly clock: Clock
  readonly random: Seeded
  readonly transactions: RfcTransactions
  readonly audio: VirtualAudio
  readonly registration: Registration
  readonly address: string
  readonly user: string
  /** The calls that came, the latest last. */
  readonly incoming: IncomingCall[] = []
  /** What to do with a call that comes. */
  onCall: (call: IncomingCall) => void = (call) => call.rejects(480)
  readonly #options: RfcPhoneOptions
  readonly #credentials: Credentials
  readonly #socket: UdpSocket
  readonly #conversations = new Map<string, Conversation>()
  #descriptions = 0

  private constructor(
    options: RfcPhoneOptions,
    ground: { clock: Clock; random: Seeded; socket: UdpSocket; audio: VirtualAudio },
  ) {
    this.#options = options
    this.address = options.address
    this.user = options.user
    this.clock = ground.clock
    this.random = ground.random
    this.#socket = ground.socket
    this.audio = ground.audio
    this.transactions = new RfcTransactions(this, this)
    this.#credentials = new Credentials(options.user, options.password)
    const registrar = `sip:${options.server.address}`
    this.registration = new Registration(this, { aor: this.#aor, registrar, credentials: this.#credentials })
  }

  static async create(network: VirtualNetwork, clock: Clock, random: Seeded, options: RfcPhoneOptions) {
    const host = network.host(options.address)
    const at = { address: options.address, port: 5060 }
    const phone: { current: RfcPhone | null } = { current: null }
    const socket = await host.bindUdp(at, (bytes) => phone.current?.receive(bytes))
    const audio = await VirtualAudio.at(host, options.address, 4000)
    phone.current = new RfcPhone(options, { clock, random, socket, audio })
    return phone.current
  }

  get contact(): HeaderLine {
    return ['Contact', `<sip:${this.user}@${this.address}:5060>`]
  }

  /** Whatever is not over: transactions, and dialogs that may still hear something. */
  get unfinished(): number {
    return this.transactions.size + this.#conversations.size
  }

  calls(number: string, offer = true): OutgoingCall {
    const who = { aor: this.#aor, credentials: this.#credentials }
    return new OutgoingCall(this, who, `sip:${number}@${this.#options.server.address}`, offer)
  }

  send(message: SipMessage): void {
    this.#socket.send(writeMessage(message), this.#options.server)
  }

  receive(bytes: Uint8Array): void {
    const message = parseMessage(bytes, 'datagram')
    if (message.kind === 'malformed') throw new Error(`the server sent something malformed: ${message.reason}`)
    if (message.kind !== 'keepalive') this.transactions.receive(message)
  }

  via = (): string => `SIP/2.0/UDP ${this.address}:5060;rport;branch=z9hG4bK${hexToken(this.random, 8)}`

  tag = (): string => hexToken(this.random, 6)

  sdp = (direction: Direction): string =>
    describe({ address: this.address, port: this.audio.port }, ++this.#descriptions, direction)

  enter(conversation: Conversation): void {
    this.#conversations.set(conversation.dialog.id, conversation)
  }

  leave(conversation: Conversation): void {
    this.#conversations.delete(conversation.dialog.id)
  }

  close(): void {
    this.#socket.close()
    this.audio.close()
  }

  invited(invite: InviteServer): void {
    const { request } = invite
    if (request.to.tag !== null) {
      const conversation = this.#conversations.get(dialogOf(request))
      if (conversation) conversation.reinvited(invite)
      else invite.respond(responseTo(request, 481, { toTag: 'unused' }))
      return
    }
    const call = new IncomingCall(this, invite)
    this.incoming.push(call)
    this.onCall(call)
  }

  asked(server: RequestServer): void {
    const { request } = server
    const conversation = this.#conversations.get(dialogOf(request))
    if (conversation) return conversation.asked(server)
    const status = request.method === 'OPTIONS' && request.to.tag === null ? 200 : 481
    server.respond(responseTo(request, status, { toTag: this.tag() }))
  }

  cancelled(invite: InviteServer, cancel: SipRequest): void {
    this.incoming.find((call) => call.invite === invite)?.cancelled(cancel)
  }

  acknowledged(ack: SipRequest): void {
    this.#conversations.get(dialogOf(ack))?.acknowledged(ack)
  }

  get #aor(): string {
    return `sip:${this.user}@${this.#options.server.address}`
  }
}
