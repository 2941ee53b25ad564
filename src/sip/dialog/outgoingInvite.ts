import { hexToken } from '../../platform/random.ts'
import { createRequest } from '../message/create.ts'
import { Headers } from '../message/headers.ts'
import type { SipResponse } from '../message/message.ts'
import type { Uri } from '../message/uri.ts'
import type { ClientFailure, ClientTransaction } from '../transaction/clientTransaction.ts'
import type { Flow } from '../transport/flow.ts'
import { ALLOW, contactFor, SDP_TYPE, USER_AGENT } from './contact.ts'
import { Dialog } from './dialog.ts'
import { Session } from './session.ts'
import type { UserAgent } from './userAgent.ts'

export interface OutgoingInviteOptions {
  readonly flow: Flow
  /** The Request-URI: a registered Contact exactly as it was registered. */
  readonly uri: Uri
  /** From and To without tags, as `"Alice" <sip:101@example.com>`. */
  readonly from: string
  readonly to: string
  /** The user part of our Contact. */
  readonly contactUser: string | null
  /** Hops left: one less than the call came in with (RFC 3261 §16.6 step 3). */
  readonly maxForwards: number
  /** Our offer; null: the peer is to make one. */
  readonly body: Uint8Array | null
}

export interface OutgoingInviteUser {
  /** 101–199, with or without early media. */
  progressed(response: SipResponse): void
  /** 2xx. The session must be acknowledged: `session.acknowledge(response.cSeq.number, …)`. */
  answered(session: Session, response: SipResponse): void
  /** A final refusal, or none at all: 408 after silence, 503 if it could not be sent. */
  failed(status: number, response: SipResponse | null): void
}

/** A call that goes out and is not yet answered: the client side of RFC 3261 §13.2. */
export class OutgoingInvite {
  readonly #agent: UserAgent
  readonly #options: OutgoingInviteOptions
  readonly #user: OutgoingInviteUser
  readonly #transaction: ClientTransaction
  #heard = false
  #cancelled = false
  /** By the To tag of their 2xx: a proxy behind the peer may fork. */
  readonly #sessions = new Map<string, Session>()

  constructor(agent: UserAgent, options: OutgoingInviteOptions, user: OutgoingInviteUser) {
    this.#agent = agent
    this.#options = options
    this.#user = user
    this.#transaction = agent.request(this.#request(), options.flow, {
      response: (response) => this.#response(response),
      failed: (failure) => this.#failed(failure),
    })
  }

  /** Whether anything has come back yet. */
  get heard(): boolean {
    return this.#heard
  }

  /** Gives the call up; `reason` is a Reason header's value (RFC 3326). The user hears no more of it. */
  cancel(reason: string | null): void {
    this.#cancelled = true
    this.#transaction.cancel(reason === null ? [] : [['Reason', reason]])
  }

  #request() {
    const { flow, uri, from, to, contactUser, maxForwards, body } = this.#options
    const { random } = this.#agent
    const headers = Headers.of([
      ['Max-Forwards', String(maxForwards)],
      ['From', `${from};tag=${hexToken(random, 8)}`],
      ['To', to],
      ['Call-ID', hexToken(random, 16)],
      ['CSeq', `${1 + random.integer(1 << 16)} INVITE`],
      contactFor(flow, contactUser),
      ALLOW,
      USER_AGENT,
    ])
    if (body) headers.append(SDP_TYPE[0], SDP_TYPE[1])
    return createRequest({ method: 'INVITE', uri, headers, body: body ?? undefined })
  }

  #response(response: SipResponse): void {
    this.#heard = true
    if (response.status >= 200 && response.status < 300) this.#answered(response)
    else if (this.#cancelled) return
    else if (response.status >= 300) this.#user.failed(response.status, response)
    else if (response.status > 100) this.#user.progressed(response)
  }

  #answered(response: SipResponse): void {
    const tag = response.to.tag ?? ''
    const known = this.#sessions.get(tag)
    if (known) return known.accepted(response)
    const dialog = Dialog.ofClient(this.#transaction.request, response)
    const session = new Session(this.#agent, this.#agent.clock, dialog, this.#options.flow, this.#options.contactUser)
    session.accepted(response)
    this.#sessions.set(tag, session)
    // §13.2.2.4: a second branch, or an answer that crossed our CANCEL, is acknowledged and ended.
    if (this.#cancelled || this.#sessions.size > 1) session.bye()
    else this.#user.answered(session, response)
  }

  #failed(failure: ClientFailure): void {
    if (!this.#cancelled) this.#user.failed(failure === 'timeout' ? 408 : 503, null)
  }
}
