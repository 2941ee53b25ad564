import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { ClientFailure } from '../transaction/clientTransaction.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import { ALLOW, SUPPORTED } from './capabilities.ts'
import { SDP_TYPE } from './contact.ts'
import { IncomingReoffer } from './incomingReoffer.ts'
import { glareDelay, type Offers } from './offers.ts'
import type { Peer } from './peer.ts'
import { answerTerms, settledTerms, type TermsAnswer } from './sessionTerms.ts'
import { SessionTimer } from './sessionTimer.ts'
import type { ReofferOutcome, SessionUser } from './sessionUser.ts'
import { TargetRefresh } from './targetRefresh.ts'
import type { UserAgent } from './userAgent.ts'

/** The session whose terms are negotiated. */
export interface NegotiatedSession {
  over(): boolean
  /** Sends the 2xx to a re-INVITE, which is repeated until its ACK comes. */
  answer(invite: ServerTransaction, body: Uint8Array, terms: TermsAnswer): void
  /** A 2xx to a re-INVITE of ours came; `offers`: with an offer, for we made none. */
  accepted(response: SipResponse, offers: boolean): void
  acknowledge(cSeq: number, body?: Uint8Array): void
  /** Draws what is to be drawn from a status that may say that the peer knows the session no more. */
  judge(status: number): void
  /** No answer came: ends the session, and gives the status that stands for it. */
  unanswered(failure: ClientFailure): number
  /** Nobody refreshed it in time. */
  expired(): void
}

/** All that changes a session while it is up: offers of either side (RFC 3261 §14, RFC 3311), and its refreshes (RFC 4028). */
export class Renegotiation {
  readonly #agent: UserAgent
  readonly #peer: Peer
  readonly #offers: Offers
  readonly #session: NegotiatedSession
  readonly #timer: SessionTimer
  #user: SessionUser | null = null
  #incoming: IncomingReoffer | null = null
  #outgoing: TargetRefresh | null = null

  /** `offers`: as the INVITE left them; `minSe`: what the peer's 422 has asked for, s. */
  constructor(agent: UserAgent, peer: Peer, offers: Offers, minSe: number | undefined, session: NegotiatedSession) {
    this.#agent = agent
    this.#peer = peer
    this.#offers = offers
    this.#session = session
    const timer = { refresh: () => void this.#refresh(), expired: () => session.expired() }
    this.#timer = new SessionTimer(agent.clock, timer, minSe)
  }

  /** Who is told of the peer's offers; null: nobody any more. */
  attach(user: SessionUser | null): void {
    this.#user = user
  }

  /** How long to wait before an offer that met 491 is made again, ms: RFC 3261 §14.1. Drawn anew each time. */
  get glareDelay(): number {
    return glareDelay(this.#agent.random, this.#peer.dialog.ownsCallId)
  }

  /** The 2xx to our first INVITE came. Tells whether it brought an offer. */
  established(response: SipResponse): boolean {
    this.#peer.heard(response)
    this.#timer.settle(settledTerms(response), 'uac')
    return this.#offers.open === 'peer'
  }

  /** What our 2xx to the peer's INVITE or UPDATE settles, once it is sent. Tells whether it makes an offer. */
  answered(request: SipRequest, terms: TermsAnswer, body: Uint8Array): boolean {
    if (terms.kind === 'settled') this.#timer.settle(terms.terms, 'uas')
    const offers = request.method === 'INVITE' && request.body.length === 0 && body.length > 0
    if (offers) this.#offers.made('us')
    else if (request.method === 'INVITE') this.#offers.settled()
    return offers
  }

  /** The headers of that 2xx. */
  answerHeaders(terms: TermsAnswer, body: Uint8Array): readonly HeaderLine[] {
    const headers = [this.#peer.contact, ALLOW, SUPPORTED, ...terms.headers]
    if (body.length > 0) headers.push(SDP_TYPE)
    return headers
  }

  /** An ACK has answered the offer of a 2xx. */
  acknowledged(): void {
    this.#offers.settled()
  }

  /** Makes an offer: see `Session.reoffer`. */
  reoffer(body: Uint8Array | null, preferred: 'INVITE' | 'UPDATE'): Promise<ReofferOutcome> {
    // §14.1, §14.2: one at a time, in either direction.
    if (this.#offers.open) return Promise.resolve({ kind: 'rejected', status: 491 })
    const method = body !== null && this.#peer.allows(preferred) ? preferred : 'INVITE'
    this.#offers.made('us')
    return new Promise((resolve) => {
      const events = {
        answered: (response: SipResponse) => resolve(this.#reofferAnswered(response, body === null)),
        failed: (failure: ClientFailure) => {
          this.#reofferSettled()
          resolve({ kind: 'rejected', status: this.#session.unanswered(failure) })
        },
      }
      this.#outgoing = new TargetRefresh(this.#peer, this.#timer, { method, body }, events)
    })
  }

  /** Takes back a re-INVITE of ours that is not yet answered (RFC 3261 §9.1). */
  withdraw(): void {
    this.#outgoing?.withdraw()
  }

  /** A target refresh of the peer: a re-INVITE, which always negotiates, or an UPDATE, which may. */
  receive(transaction: ServerTransaction): void {
    const { request } = transaction
    const negotiates = request.method === 'INVITE' || request.body.length > 0
    const refusal = negotiates ? this.#offers.refusal(this.#agent.random) : null
    if (refusal) return transaction.respond(refusal.status, refusal.answer)
    const terms = answerTerms(request)
    if (terms.kind === 'too-small') return transaction.respond(422, { headers: terms.headers })
    if (!negotiates) return this.#accept(transaction, new Uint8Array(), terms)
    if (!this.#user) return transaction.respond(488)
    this.#offers.made('peer')
    this.#incoming = new IncomingReoffer(transaction, (accepted) => {
      this.#incoming = null
      this.#offers.settled()
      if (accepted) this.#accept(transaction, accepted, terms)
    })
    this.#user.reoffered(this.#incoming)
  }

  /** What the peer has asked nobody answers any more, least of all with what became of another leg (RFC 3261 §15.1.2). */
  refuseIncoming(): void {
    this.#incoming?.reject(487)
  }

  /** The session is over. */
  close(): void {
    this.#timer.stop()
    // §14.1: a re-INVITE that still rings is taken back, or its transaction would wait for ever.
    this.#outgoing?.withdraw()
    this.refuseIncoming()
  }

  #accept(transaction: ServerTransaction, body: Uint8Array, terms: TermsAnswer): void {
    const { request } = transaction
    this.#peer.dialog.refreshTarget(request)
    if (request.method === 'INVITE') return this.#session.answer(transaction, body, terms)
    transaction.respond(200, { headers: this.answerHeaders(terms, body), body })
    this.answered(request, terms, body)
  }

  #reofferAnswered(response: SipResponse, asked: boolean): ReofferOutcome {
    const { status, cSeq } = response
    const inInvite = cSeq.method === 'INVITE'
    this.#reofferSettled()
    if (status >= 300) {
      this.#session.judge(status)
      return { kind: 'rejected', status }
    }
    // The 2xx to a re-INVITE that asked for an offer holds one: it is open until we acknowledge.
    if (asked) this.#offers.made('peer')
    if (inInvite) this.#session.accepted(response, asked)
    // It crossed our BYE, and is acknowledged.
    if (this.#session.over()) return { kind: 'rejected', status: 481 }
    this.#refreshedBy(response)
    const acknowledge = (body?: Uint8Array): void => {
      if (inInvite) this.#session.acknowledge(cSeq.number, body)
    }
    return { kind: 'accepted', response, acknowledge }
  }

  #reofferSettled(): void {
    this.#outgoing = null
    this.#offers.settled()
  }

  #refreshedBy(response: SipResponse): void {
    this.#peer.dialog.refreshTarget(response)
    this.#peer.heard(response)
    this.#timer.settle(settledTerms(response), 'uac')
  }

  // RFC 4028 §10: by UPDATE, which says nothing of the media, or else by a re-INVITE that says the same again.
  async #refresh(): Promise<void> {
    const status = this.#peer.allows('UPDATE') ? await this.#update() : await this.#user?.refresh()
    if (status === undefined || status < 300 || this.#session.over()) return
    // RFC 3261 §8.1.3.5 and §21.4.6: it does not know the method after all.
    if (status === 405 || status === 501) this.#peer.refuses('UPDATE')
    this.#timer.failed(status === 491 ? this.glareDelay : undefined)
  }

  #update(): Promise<number> {
    return new Promise((resolve) => {
      const events = {
        answered: (response: SipResponse) => {
          if (response.status >= 300) this.#session.judge(response.status)
          else if (!this.#session.over()) this.#refreshedBy(response)
          resolve(response.status)
        },
        failed: (failure: ClientFailure) => resolve(this.#session.unanswered(failure)),
      }
      new TargetRefresh(this.#peer, this.#timer, { method: 'UPDATE', body: null }, events)
    })
  }
}
