import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { parseCauses } from '../message/reason.ts'
import type { ClientFailure } from '../transaction/clientTransaction.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import type { Flow } from '../transport/flow.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { AnswerRepeater } from './answerRepeater.ts'
import { ALLOW, SUPPORTED } from './capabilities.ts'
import { SDP_TYPE } from './contact.ts'
import type { Dialog, DialogRequest } from './dialog.ts'
import type { Offers } from './offers.ts'
import type { Peer } from './peer.ts'
import { Renegotiation } from './renegotiation.ts'
import { answerTerms, type TermsAnswer } from './sessionTerms.ts'
import type { ReofferOutcome, SessionUser } from './sessionUser.ts'
import type { DialogUser, UserAgent } from './userAgent.ts'

/** A confirmed INVITE dialog, from its first 2xx to its BYE: RFC 3261 §12, §13, §15. Knows nothing of what is said in it. */
export class Session implements DialogUser {
  readonly #agent: UserAgent
  readonly #peer: Peer
  readonly #negotiation: Renegotiation
  #user: SessionUser | null = null
  readonly #acks = new Acknowledgements()
  /** Our 2xx that waits for its ACK, the number of its INVITE, and whether the ACK will bring an answer. */
  #answer: { readonly cSeq: number; readonly offers: boolean; readonly repeater: AnswerRepeater } | null = null
  #afterAck: (() => void) | null = null
  #over = false

  /** `offers`: as the INVITE left them; `minSe`: what the peer's 422 has asked for, s. */
  constructor(agent: UserAgent, peer: Peer, offers: Offers, minSe?: number) {
    this.#agent = agent
    this.#peer = peer
    this.#negotiation = new Renegotiation(agent, peer, offers, minSe, {
      over: () => this.#over,
      answer: (...answer) => this.answer(...answer),
      accepted: (response, offered) => this.#accepted(response, offered),
      acknowledge: (cSeq, body) => this.acknowledge(cSeq, body),
      judge: (status) => this.#judge(status),
      unanswered: (failure) => this.#unanswered(failure),
      expired: () => this.#fail('the session was not refreshed', true),
    })
    agent.enter(peer.dialog.id, this)
  }

  /** Tells who wants to hear of what happens. Set right after the session was made. */
  attach(user: SessionUser): void {
    this.#heardBy(user)
  }

  get dialog(): Dialog {
    return this.#peer.dialog
  }

  /** The way to the peer, as of its last message. */
  get flow(): Flow {
    return this.#peer.flow
  }

  /** From now on the peer is reached over `flow`, by which it finds us at another address. */
  moveTo(flow: Flow): void {
    this.#peer.moveTo(flow)
  }

  get over(): boolean {
    return this.#over
  }

  /** How long to wait before an offer that met 491 is made again, ms: RFC 3261 §14.1. Drawn anew each time. */
  get glareDelay(): number {
    return this.#negotiation.glareDelay
  }

  /** Acknowledges the 2xx to our INVITE number `cSeq`, and every repeat of it with the same octets (§13.2.2.4). */
  acknowledge(cSeq: number, body?: Uint8Array): void {
    const headers = body ? [SDP_TYPE] : []
    const ack = this.dialog.request({ method: 'ACK', headers, body }, cSeq)
    const answers = this.#acks.acknowledged(cSeq, this.#peer.acknowledge(ack))
    if (answers) this.#negotiation.acknowledged()
  }

  /** The first 2xx to the INVITE that made this session; it holds an offer if ours did not. */
  established(response: SipResponse): void {
    this.#accepted(response, this.#negotiation.established(response))
  }

  /**
   * Answers the peer's INVITE with 2xx: it is repeated until the ACK comes, and without one the call is over (§13.3.1.4).
   * `body`: the answer to its offer, or our offer; empty if all was said before. `terms`: what it settles of the session's
   * timer, where that is known already.
   */
  answer(invite: ServerTransaction, body: Uint8Array, terms: TermsAnswer = answerTerms(invite.request)): void {
    const { request } = invite
    invite.respond(200, { headers: this.#negotiation.answerHeaders(terms, body), body })
    const offers = this.#negotiation.answered(request, terms, body)
    this.#answer?.repeater.stop()
    const [repeat, abandoned] = [() => invite.repeat(), () => this.#neverAcknowledged()]
    const repeater = new AnswerRepeater(this.#agent.clock, repeat, abandoned)
    this.#answer = { cSeq: request.cSeq.number, offers, repeater }
  }

  /**
   * Makes an offer, or asks for the peer's (null), in a re-INVITE; as UPDATE, which nobody is asked about but which is
   * answered at once, only if the peer takes such.
   */
  reoffer(body: Uint8Array | null, preferred: 'INVITE' | 'UPDATE' = 'INVITE'): Promise<ReofferOutcome> {
    if (this.#over) return Promise.resolve({ kind: 'rejected', status: 481 })
    return this.#negotiation.reoffer(body, preferred)
  }

  /** Takes back a re-INVITE of ours that is not yet answered (RFC 3261 §9.1). */
  withdraw(): void {
    this.#negotiation.withdraw()
  }

  /**
   * Sends any other request and gives the status of its answer; 408 where none came and 503 where it could not be sent,
   * which ends the session (§12.2.1.2).
   */
  ask(wanted: DialogRequest): Promise<number> {
    const headers = [this.#peer.contact, ...(wanted.headers ?? [])]
    const request = this.dialog.request({ ...wanted, headers })
    return new Promise((resolve) => {
      this.#peer.send(request, {
        response: ({ status }) => {
          if (status < 200) return
          this.#judge(status)
          resolve(status)
        },
        failed: (failure) => resolve(this.#unanswered(failure)),
      })
    })
  }

  /** Ends the call. `reason` is a Reason header's value (RFC 3326). The user hears no more of the session. */
  bye(reason: string | null = null): void {
    if (this.#over) return
    this.#heardBy(null)
    // §15: the side that answered says no BYE before the ACK has come, or can't come any more.
    if (this.#answer) {
      this.#negotiation.refuseIncoming()
      this.#afterAck = () => this.bye(reason)
      return
    }
    this.#settleOwed()
    this.#close()
    const headers: HeaderLine[] = reason === null ? [] : [['Reason', reason]]
    this.#sendBye(this.dialog.request({ method: 'BYE', headers }))
  }

  receive(transaction: ServerTransaction): void {
    const { request } = transaction
    if (this.#over) return answerMortal(transaction)
    // §12.2.2: out of order, so not to be obeyed.
    if (!this.dialog.inOrder(request)) return transaction.respond(500, { reason: 'Out of Order' })
    this.#peer.moveTo(transaction.flow)
    this.#peer.heard(request)
    switch (request.method) {
      case 'BYE':
        return this.#ended(transaction)
      case 'INVITE':
      case 'UPDATE':
        return this.#negotiation.receive(transaction)
      // RFC 3262 §3: there is no provisional response that it could be about.
      case 'PRACK':
        return transaction.respond(481)
      case 'OPTIONS':
        return transaction.respond(200, { headers: [ALLOW, SUPPORTED] })
      default:
        if (this.#user) this.#user.requested(transaction)
        else transaction.respond(481)
    }
  }

  acknowledged(ack: SipRequest): void {
    // A late ACK of an earlier INVITE says nothing of this one.
    if (this.#answer?.cSeq !== ack.cSeq.number) return
    this.#answer.repeater.stop()
    if (this.#answer.offers) this.#negotiation.acknowledged()
    this.#answer = null
    this.#user?.acknowledged(ack)
    this.#afterAck?.()
  }

  /** `acknowledge` is due, or it is acknowledged as it was the first time. */
  answeredAgain(response: SipResponse): void {
    this.#accepted(response, false)
  }

  #heardBy(user: SessionUser | null): void {
    this.#user = user
    this.#negotiation.attach(user)
  }

  #accepted(response: SipResponse, offers: boolean): void {
    const ack = this.#acks.answered(response, offers)
    if (ack) this.flow.send(ack)
    else if (this.#over) this.#settleOwed()
  }

  // A 2xx that nobody acknowledges is repeated for half a minute, BYE or not. §13.2.2.4: an offer in it gets an answer, which
  // refuses all media.
  #settleOwed(): void {
    const { owed } = this.#acks
    if (!owed) return
    const refusal = owed.offers ? this.#agent.refuseOffer(owed.response) : null
    this.acknowledge(owed.response.cSeq.number, refusal ?? undefined)
  }

  // RFC 5407 §3.2.1: a BYE that crosses ours is answered 200, so the dialog is there until ours has been answered.
  #sendBye(bye: SipRequest): void {
    const { id } = this.dialog
    const leave = (): void => this.#agent.leave(id, this)
    this.#agent.enter(id, this)
    this.#peer.send(bye, {
      response: ({ status }) => {
        if (status >= 200) leave()
      },
      failed: leave,
    })
  }

  #ended(transaction: ServerTransaction): void {
    transaction.respond(200)
    const user = this.#user
    this.#close()
    user?.ended({ by: 'peer', causes: parseCauses(transaction.request.headers) })
  }

  // §12.2.1.2: these two say that the peer knows no such call (any more), whatever we asked.
  #judge(status: number): void {
    if (status === 481 || status === 408) this.#fail(`the phone answers no more (${status})`, status === 408)
  }

  // §12.2.1.2: a dialog in which no answer comes at all is over. Gives the status that stands for the missing one.
  #unanswered(failure: ClientFailure): number {
    const status = failure === 'timeout' ? 408 : 503
    this.#fail(`the phone answers no more (${status})`, failure === 'timeout')
    return status
  }

  // §13.3.1.4: the session is ended by BYE, all the same.
  #neverAcknowledged(): void {
    this.#answer = null
    if (this.#afterAck) this.#afterAck()
    else this.#fail('our answer was never acknowledged', true)
  }

  #fail(reason: string, tell: boolean): void {
    if (this.#over) return
    const user = this.#user
    if (tell) this.bye()
    else this.#close()
    user?.ended({ by: 'failure', reason })
  }

  #close(): void {
    this.#over = true
    // The session is there until its BYE has been answered; the call need not live as long.
    this.#heardBy(null)
    this.#negotiation.close()
    this.#peer.leave()
    this.#answer?.repeater.stop()
    this.#agent.leave(this.dialog.id, this)
  }
}

// RFC 5407 §2: in the Mortal state, between our BYE and its answer.
function answerMortal(transaction: ServerTransaction): void {
  if (transaction.request.method === 'BYE') transaction.respond(200)
  else transaction.respondStatelessly(481)
}
