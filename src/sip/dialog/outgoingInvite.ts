import { hexToken } from '../../platform/random.ts'
import { createRequest } from '../message/create.ts'
import type { NameAddr } from '../message/fields.ts'
import { type HeaderLine, Headers } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { requires } from '../message/optionTags.ts'
import type { Uri } from '../message/uri.ts'
import type { ClientFailure } from '../transaction/clientTransaction.ts'
import type { Flow } from '../transport/flow.ts'
import { ALLOW, SUPPORTED, SUPPORTED_UNRELIABLE } from './capabilities.ts'
import { contactFor, SDP_TYPE, USER_AGENT } from './contact.ts'
import { Dialog } from './dialog.ts'
import { EarlyDialog } from './earlyDialog.ts'
import type { SentRequest } from './largeRequest.ts'
import { Offers } from './offers.ts'
import { Peer } from './peer.ts'
import { challenges, MOST_PROOFS, type Proof, withAnswer } from './proof.ts'
import { throughRoutes } from './routeSet.ts'
import { Session } from './session.ts'
import { askTerms, MIN_SE, raisedMinimum, SESSION_EXPIRES } from './sessionTerms.ts'
import type { Reoffer } from './sessionUser.ts'
import type { UserAgent } from './userAgent.ts'

export interface OutgoingInviteOptions {
  readonly flow: Flow
  /** The Request-URI: a registered Contact exactly as it was registered. */
  readonly uri: Uri
  /** The Path of that Contact (RFC 3327 §5.3), the proxy next to us first; in the dialog Record-Route says where it goes. */
  readonly route: readonly NameAddr[]
  /** From and To without tags, as `"Alice" <sip:101@example.com>`. */
  readonly from: string
  readonly to: string
  /** The user part of our Contact. */
  readonly contactUser: string | null
  /** Hops left: one less than the call came in with (RFC 3261 §16.6 step 3). */
  readonly maxForwards: number
  /** Our offer; null: the peer is to make one. */
  readonly body: Uint8Array | null
  /** Whether provisional responses may come reliably. Without an offer of ours they may bring one, to be answered at once. */
  readonly reliable: boolean
  /** Whether we ask for a session timer (RFC 4028). */
  readonly sessionTimer: boolean
  /** What it carries beside what every INVITE does, as P-Asserted-Identity. */
  readonly headers: readonly HeaderLine[]
  /** For a peer that asks who we are; null: then it has refused. */
  readonly proof: Proof | null
}

/** A provisional response, 101–199. */
export interface Progress {
  readonly response: SipResponse
  /** Whether it came reliably, so that SDP in it counts for good. */
  readonly reliable: boolean
  /** Acknowledges it with the answer to the offer that it brought; null where it is acknowledged already. */
  readonly acknowledge: ((answer?: Uint8Array) => void) | null
}

export interface OutgoingInviteUser {
  progressed(progress: Progress): void
  /** An offer that the phone makes before its 2xx, after the first was answered. */
  reoffered(reoffer: Reoffer): void
  /**
   * 2xx. The session must be acknowledged: `session.acknowledge(response.cSeq.number, …)`. `settled`: offer and answer were
   * exchanged for good in reliable responses; what the 2xx says of them is no news.
   */
  answered(session: Session, response: SipResponse, settled: boolean): void
  /** A final refusal, or none at all: 408 after silence, 503 if it could not be sent. */
  failed(status: number, response: SipResponse | null): void
}

/** A call that goes out and is not yet answered: the client side of RFC 3261 §13.2 and RFC 3262 §4. */
export class OutgoingInvite {
  readonly #agent: UserAgent
  readonly #options: OutgoingInviteOptions
  readonly #user: OutgoingInviteUser
  readonly #from: string
  readonly #callId: string
  #cSeq: number
  #minSe = MIN_SE
  /** What has answered the challenges so far. */
  #proofs: readonly HeaderLine[] = []
  #proved = 0
  #transaction: SentRequest
  #heard = false
  #cancelled = false
  /** By the To tag of their reliable responses. */
  readonly #early = new Map<string, EarlyDialog>()

  constructor(agent: UserAgent, options: OutgoingInviteOptions, user: OutgoingInviteUser) {
    const { random } = agent
    this.#agent = agent
    this.#options = options
    this.#user = user
    this.#from = `${options.from};tag=${hexToken(random, 8)}`
    this.#callId = hexToken(random, 16)
    this.#cSeq = random.integer(1 << 16)
    this.#transaction = this.#send()
  }

  /** Whether anything has come back yet that concerns the call. */
  get heard(): boolean {
    return this.#heard
  }

  /** Gives the call up; `reason` is a Reason header's value (RFC 3326). The user hears no more of it. */
  cancel(reason: string | null): void {
    this.#cancelled = true
    this.#leaveEarly()
    this.#transaction.cancel(reason === null ? [] : [['Reason', reason]])
  }

  #send(): SentRequest {
    return this.#agent.request(this.#request(), this.#options.flow, {
      response: (response) => this.#response(response),
      failed: (failure) => this.#failed(failure),
    })
  }

  #request(): SipRequest {
    const { flow, to, contactUser, maxForwards, body, reliable, sessionTimer } = this.#options
    const { uri, routes } = throughRoutes(this.#options.uri, this.#options.route)
    const headers = Headers.of([
      ...routes.map((route) => ['Route', route] as const),
      ['Max-Forwards', String(maxForwards)],
      ['From', this.#from],
      ['To', to],
      ['Call-ID', this.#callId],
      ['CSeq', `${++this.#cSeq} INVITE`],
      contactFor(flow, contactUser),
      ALLOW,
      reliable ? SUPPORTED : SUPPORTED_UNRELIABLE,
      ...(sessionTimer ? askTerms(SESSION_EXPIRES, this.#minSe, null) : []),
      USER_AGENT,
      ...this.#options.headers,
      ...this.#proofs,
    ])
    if (body) headers.append(SDP_TYPE[0], SDP_TYPE[1])
    return createRequest({ method: 'INVITE', uri, headers, body: body ?? undefined })
  }

  #response(response: SipResponse): void {
    const { status } = response
    this.#heard = true
    if (status >= 200 && status < 300) this.#answered(response)
    else if (this.#cancelled) return
    else if (status >= 300) this.#refused(response)
    else if (status > 100) this.#progressed(response)
  }

  #progressed(response: SipResponse): void {
    const reliable = this.#options.reliable && requires(response, '100rel')
    if (!reliable || response.to.tag === null) {
      return this.#user.progressed({ response, reliable: false, acknowledge: null })
    }
    const early = this.#earlyDialog(response)
    if (!early.takes(response)) return
    const described = response.body.length > 0 && !early.settled
    if (described && this.#options.body === null) {
      early.offers.made('peer')
      const acknowledge = (answer?: Uint8Array): void => early.acknowledge(response, answer)
      return this.#user.progressed({ response, reliable, acknowledge })
    }
    if (described) early.answered()
    early.acknowledge(response)
    this.#user.progressed({ response, reliable, acknowledge: null })
  }

  #earlyDialog(response: SipResponse): EarlyDialog {
    const tag = response.to.tag ?? ''
    const known = this.#early.get(tag)
    if (known) return known
    const peer = this.#peer(response)
    const offers = new Offers(this.#options.body === null ? null : 'us')
    const early = new EarlyDialog(this.#agent, peer, offers, (reoffer) => this.#user.reoffered(reoffer))
    this.#early.set(tag, early)
    return early
  }

  #answered(response: SipResponse): void {
    const tag = response.to.tag ?? ''
    const early = this.#early.get(tag)
    const session = this.#session(early, response)
    session.established(response)
    // Its way to the phone is the session's now.
    this.#early.delete(tag)
    this.#leaveEarly()
    // §13.2.2.4: an answer that crossed our CANCEL is acknowledged and ended.
    if (this.#cancelled) session.bye()
    else this.#user.answered(session, response, early?.settled ?? false)
  }

  #session(early: EarlyDialog | undefined, response: SipResponse): Session {
    const peer = early?.peer ?? this.#peer(response)
    peer.dialog.confirmedBy(response)
    const offers = early?.settled ? early.offers : new Offers(this.#options.body === null ? 'peer' : null)
    return new Session(this.#agent, peer, offers, this.#minSe)
  }

  #peer(response: SipResponse): Peer {
    const { flow, contactUser, proof } = this.#options
    const dialog = Dialog.ofClient(this.#transaction.request, response)
    return new Peer(this.#agent, dialog, flow, contactUser, proof && { proof, known: this.#proofs })
  }

  #refused(response: SipResponse): void {
    this.#leaveEarly()
    if (challenges(response) && this.#prove(response)) return
    // RFC 4028 §7.3: the phone wants a longer session, and is asked again.
    const minimum = response.status === 422 ? raisedMinimum(response, Math.max(SESSION_EXPIRES, this.#minSe)) : null
    if (minimum === null) return this.#user.failed(response.status, response)
    this.#minSe = minimum
    this.#transaction = this.#send()
  }

  // RFC 3261 §22.2: asked again with the answer to the challenge, and with those to the challenges before it (§22.3).
  #prove(response: SipResponse): boolean {
    const { proof, flow } = this.#options
    if (this.#proved++ >= MOST_PROOFS) return false
    const answer = proof?.answer(response, this.#transaction.request, flow) ?? null
    if (answer === null) return false
    this.#proofs = withAnswer(this.#proofs, answer)
    // Whoever challenges has not yet looked at the call.
    this.#heard = false
    this.#transaction = this.#send()
    return true
  }

  #failed(failure: ClientFailure): void {
    this.#leaveEarly()
    if (!this.#cancelled) this.#user.failed(failure === 'timeout' ? 408 : 503, null)
  }

  #leaveEarly(): void {
    for (const early of this.#early.values()) early.leave()
    this.#early.clear()
  }
}
