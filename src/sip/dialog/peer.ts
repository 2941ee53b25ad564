import { tokens } from '../message/fields.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import type { ClientUser } from '../transaction/clientTransaction.ts'
import type { Flow } from '../transport/flow.ts'
import { contactFor } from './contact.ts'
import type { Dialog } from './dialog.ts'
import type { SentRequest } from './largeRequest.ts'
import { challenges, MOST_PROOFS, type Proof, withAnswer } from './proof.ts'
import type { UserAgent } from './userAgent.ts'

/** The other side of a dialog: the way to it, and what it said it can do. */
export class Peer {
  readonly dialog: Dialog
  readonly #agent: UserAgent
  readonly #contactUser: string | null
  #flow: Flow
  #release: () => void
  #methods: readonly string[] = []
  #gone = false
  /** For a peer that asks who we are; `known`: with what our INVITE has answered it. */
  readonly #proof: Proof | null
  #known: readonly HeaderLine[]

  /** `contactUser`: the user part of our Contact. Holds the flow open until `leave`. */
  constructor(
    agent: UserAgent,
    dialog: Dialog,
    flow: Flow,
    contactUser: string | null,
    proven: { readonly proof: Proof; readonly known: readonly HeaderLine[] } | null = null,
  ) {
    this.#proof = proven?.proof ?? null
    this.#known = proven?.known ?? []
    this.#agent = agent
    this.dialog = dialog
    this.#flow = flow
    this.#release = flow.hold()
    this.#contactUser = contactUser
  }

  /** The way to it, as of its last request. */
  get flow(): Flow {
    return this.#flow
  }

  /** Our Contact as it must write it to reach us. */
  get contact(): HeaderLine {
    return contactFor(this.#flow, this.#contactUser)
  }

  /** Whether it has said that it takes requests of this method (RFC 3261 §20.5). */
  allows(method: string): boolean {
    return this.#methods.includes(method)
  }

  /** It answered that it does not take them after all. */
  refuses(method: string): void {
    this.#methods = this.#methods.filter((known) => known !== method)
  }

  /** Notes what a message of it says of itself. */
  heard(message: SipMessage): void {
    const methods = tokens(message.headers, 'allow')
    if (methods.length > 0) this.#methods = methods
  }

  /** A request of it came by `flow`: it is reached that way from now on. */
  moveTo(flow: Flow): void {
    if (flow === this.#flow) return
    this.#release()
    if (!this.#gone) this.#release = flow.hold()
    this.#flow = flow
  }

  /**
   * Sends a request of ours. If its connection has closed, one is opened to its Contact first. `sent` is told the
   * transaction, then or later.
   */
  send(request: SipRequest, user: ClientUser, sent: (transaction: SentRequest) => void = () => {}): void {
    this.#prove(request, user, sent, this.#proof === null ? 0 : MOST_PROOFS)
  }

  // `left`: challenges that may still be answered.
  #prove(request: SipRequest, user: ClientUser, sent: (transaction: SentRequest) => void, left: number): void {
    if (left === 0) return this.#send(request, user, sent)
    const response = (answer: SipResponse): void => this.#asked(request, answer, user, sent, left)
    this.#send(request, { response, failed: (failure) => user.failed(failure) }, sent)
  }

  #send(request: SipRequest, user: ClientUser, sent: (transaction: SentRequest) => void): void {
    if (this.#flow.open) return sent(this.#agent.request(request, this.#flow, user))
    this.#agent.reopen(request, this.#flow).then(
      (flow) => {
        this.moveTo(flow)
        // Nothing follows a BYE.
        if (this.#gone && request.method !== 'BYE') user.failed('transport')
        else sent(this.#agent.request(request, flow, user))
      },
      () => user.failed('transport'),
    )
  }

  // RFC 3261 §22.2: once more with the answer, if it is a challenge that we can meet.
  #asked(
    request: SipRequest,
    response: SipResponse,
    user: ClientUser,
    sent: (transaction: SentRequest) => void,
    left: number,
  ): void {
    const answer = challenges(response) ? (this.#proof?.answer(response, request, this.#flow) ?? null) : null
    if (answer === null) return user.response(response)
    const proven = this.dialog.again(request, answer)
    if (request.method === 'INVITE') this.#known = withAnswer(this.#known, answer)
    this.#prove(proven, user, sent, left - 1)
  }

  /** Sends an ACK and gives its octets, to be repeated. */
  acknowledge(ack: SipRequest): Uint8Array {
    // §13.2.2.4: with the same credentials as its INVITE, which nobody can ask for.
    for (const [name, value] of this.#known) ack.headers.append(name, value)
    return this.#agent.sendAck(ack, this.#flow)
  }

  /** The dialog is over: but for a BYE nothing more will be sent. */
  leave(): void {
    if (this.#gone) return
    this.#gone = true
    this.#release()
  }
}
