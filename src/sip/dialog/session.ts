import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { parseCauses } from '../message/reason.ts'
import type { ClientFailure } from '../transaction/clientTransaction.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import type { Flow } from '../transport/flow.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { AnswerRepeater } from './answerRepeater.ts'
import { ALLOW, SDP_TYPE, SUPPORTED } from './contact.ts'
import type { Dialog, DialogRequest } from './dialog.ts'
import { IncomingReoffer } from './incomingReoffer.ts'
import { glareDelay, type Offers } from './offers.ts'
import type { Peer } from './peer.ts'
import { answerTerms, settledTerms } from './sessionTerms.ts'
import { SessionTimer } from './sessionTimer.ts'
import type { ReofferOutcome, SessionUser } from './sessionUser.ts'
import { TargetRefresh } from './targetRefresh.ts'
import type { DialogUser, UserAgent } from './userAgent.ts'

/** A confirmed INVITE dialog: RFC 3261 §12–15. Knows nothing of what is said in it. */
export class Session implements DialogUser {
  readonly #agent: UserAgent
  readonly #peer: Peer
  readonly #offers: Offers
  readonly #timer: SessionTimer
  #user: SessionUser | null = null
  readonly #acks = new Acknowledgements()
  /** Our 2xx that waits for its ACK, the number of its INVITE, and whether the ACK will bring an answer. */
  #answer: { readonly cSeq: number; readonly offers: boolean; readonly repeater: AnswerRepeater } | null = null
  /** The INVITE of ours whose 2xx brought an offer that our ACK is to answer. */
  #asked: number | null = null
  #incoming: IncomingReoffer | null = null
  #outgoing: TargetRefresh | null = null
  #afterAck: (() => void) | null = null
  #over = false

  /** `offers`: as the INVITE left them; `minSe`: what the peer's 422 has asked for, s. */
  constructor(agent: UserAgent, peer: Peer, offers: Offers, minSe?: number) {
    this.#agent = agent
    this.#peer = peer
    this.#offers = offers
    const timer = {
      refresh: () => void this.#refresh(),
      expired: () => this.#fail('the session was not refreshed', true),
    }
    this.#timer = new SessionTimer(agent.clock, timer, minSe)
    agent.enter(peer.dialog.id, this)
  }

  /** Tells who wants to hear of what happens. Set right after the session was made. */
  attach(user: SessionUser): void {
    this.#user = user
  }

  get dialog(): Dialog {
    return this.#peer.dialog
  }

  /** The way to the peer, as of its last message. */
  get flow(): Flow {
    return this.#peer.flow
  }

  get over(): boolean {
    return this.#over
  }

  /** How long to wait before an offer that met 491 is made again, ms: RFC 3261 §14.1. Drawn anew each time. */
  get glareDelay(): number {
    return glareDelay(this.#agent.random, this.dialog.ownsCallId)
  }

  /** Acknowledges the 2xx to our INVITE number `cSeq`, and every repeat of it with the same octets (§13.2.2.4). */
  acknowledge(cSeq: number, body?: Uint8Array): void {
    const headers = body ? [SDP_TYPE] : []
    const ack = this.dialog.request({ method: 'ACK', headers, body }, cSeq)
    this.#acks.acknowledged(cSeq, this.#peer.acknowledge(ack))
    if (this.#asked !== cSeq) return
    this.#asked = null
    this.#offers.settled()
  }

  /** The first 2xx to the INVITE that made this session; it holds an offer if ours did not. */
  established(response: SipResponse): void {
    this.#peer.heard(response)
    this.#timer.settle(settledTerms(response), 'uac')
    if (this.#offers.open === 'peer') this.#asked = response.cSeq.number
    this.accepted(response)
  }

  /** A 2xx to an INVITE of ours came: `acknowledge` is due, sooner or later. Repeats are acknowledged as the first was. */
  accepted(response: SipResponse): void {
    const ack = this.#acks.answered(response.cSeq.number)
    if (ack) this.flow.send(ack)
  }

  /**
   * Answers the peer's INVITE with 2xx: it is repeated until the ACK comes, and without one the call is over (§13.3.1.4).
   * `body`: the answer to its offer, or our offer; empty if all was said before.
   */
  answer(invite: ServerTransaction, body: Uint8Array): void {
    const { request } = invite
    const terms = answerTerms(request)
    invite.respond(200, { headers: this.#answerHeaders(terms.headers, body), body })
    if (terms.kind === 'settled') this.#timer.settle(terms.terms, 'uas')
    const offers = request.body.length === 0 && body.length > 0
    if (offers) this.#offers.made('us')
    else this.#offers.settled()
    this.#answer?.repeater.stop()
    const repeater = new AnswerRepeater(
      this.#agent.clock,
      () => invite.repeat(),
      () => this.#neverAcknowledged(),
    )
    this.#answer = { cSeq: request.cSeq.number, offers, repeater }
  }

  /**
   * Makes an offer, or asks for the peer's (null), in a re-INVITE; as UPDATE, which nobody is asked about but which is
   * answered at once, only if the peer takes such.
   */
  reoffer(body: Uint8Array | null, preferred: 'INVITE' | 'UPDATE' = 'INVITE'): Promise<ReofferOutcome> {
    if (this.#over) return Promise.resolve({ kind: 'rejected', status: 481 })
    // §14.1, §14.2: one at a time, in either direction.
    if (this.#offers.open) return Promise.resolve({ kind: 'rejected', status: 491 })
    const method = body !== null && this.#peer.allows(preferred) ? preferred : 'INVITE'
    this.#offers.made('us')
    return new Promise((resolve) => {
      this.#outgoing = new TargetRefresh(
        this.#peer,
        this.#timer,
        { method, body },
        {
          answered: (response) => resolve(this.#reofferAnswered(response, body === null)),
          failed: (failure) => {
            this.#reofferSettled()
            resolve({ kind: 'rejected', status: this.#unanswered(failure) })
          },
          repeated: (response) => this.accepted(response),
        },
      )
    })
  }

  /** Takes back a re-INVITE of ours that is not yet answered (RFC 3261 §9.1). */
  withdraw(): void {
    this.#outgoing?.withdraw()
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
    this.#user = null
    // §15: the side that answered says no BYE before the ACK has come, or can't come any more.
    if (this.#answer) {
      // What the peer asks meanwhile nobody answers any more, least of all with what became of another leg (§15.1.2).
      this.#incoming?.reject(487)
      this.#afterAck = () => this.bye(reason)
      return
    }
    // A 2xx that nobody acknowledges is repeated for half a minute, BYE or not.
    if (this.#acks.owed !== null) this.acknowledge(this.#acks.owed)
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
        return this.#refreshed(transaction)
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
    if (this.#answer.offers) this.#offers.settled()
    this.#answer = null
    this.#user?.acknowledged(ack)
    this.#afterAck?.()
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

  // A target refresh: a re-INVITE, which always negotiates, or an UPDATE, which may.
  #refreshed(transaction: ServerTransaction): void {
    const { request } = transaction
    const negotiates = request.method === 'INVITE' || request.body.length > 0
    const refusal = negotiates ? this.#offers.refusal(this.#agent.random) : null
    if (refusal) return transaction.respond(refusal.status, refusal.answer)
    const terms = answerTerms(request)
    if (terms.kind === 'too-small') return transaction.respond(422, { headers: terms.headers })
    if (!negotiates) return this.#acceptRefresh(transaction, new Uint8Array())
    if (!this.#user) return transaction.respond(488)
    this.#offers.made('peer')
    this.#incoming = new IncomingReoffer(transaction, (accepted) => {
      this.#incoming = null
      this.#offers.settled()
      if (accepted) this.#acceptRefresh(transaction, accepted)
    })
    this.#user.reoffered(this.#incoming)
  }

  #acceptRefresh(transaction: ServerTransaction, body: Uint8Array): void {
    const { request } = transaction
    this.dialog.refreshTarget(request)
    if (request.method === 'INVITE') return this.answer(transaction, body)
    const terms = answerTerms(request)
    transaction.respond(200, { headers: this.#answerHeaders(terms.headers, body), body })
    if (terms.kind === 'settled') this.#timer.settle(terms.terms, 'uas')
  }

  #answerHeaders(terms: readonly HeaderLine[], body: Uint8Array): readonly HeaderLine[] {
    const headers = [this.#peer.contact, ALLOW, SUPPORTED, ...terms]
    if (body.length > 0) headers.push(SDP_TYPE)
    return headers
  }

  #reofferAnswered(response: SipResponse, asked: boolean): ReofferOutcome {
    const { status, cSeq } = response
    this.#reofferSettled()
    if (status >= 300) {
      this.#judge(status)
      return { kind: 'rejected', status }
    }
    const inInvite = cSeq.method === 'INVITE'
    if (inInvite) this.accepted(response)
    // It crossed our BYE.
    if (this.#over) {
      if (inInvite) this.acknowledge(cSeq.number)
      return { kind: 'rejected', status: 481 }
    }
    this.#refreshedBy(response)
    // The 2xx to a re-INVITE that asked for an offer holds one: it is open until we acknowledge.
    if (asked) {
      this.#offers.made('peer')
      this.#asked = cSeq.number
    }
    return { kind: 'accepted', response, acknowledge: (body) => inInvite && this.acknowledge(cSeq.number, body) }
  }

  #reofferSettled(): void {
    this.#outgoing = null
    this.#offers.settled()
  }

  #refreshedBy(response: SipResponse): void {
    this.dialog.refreshTarget(response)
    this.#peer.heard(response)
    this.#timer.settle(settledTerms(response), 'uac')
  }

  // RFC 4028 §10: by UPDATE, which says nothing of the media, or else by a re-INVITE that says the same again.
  async #refresh(): Promise<void> {
    const status = this.#peer.allows('UPDATE') ? await this.#update() : await this.#user?.refresh()
    if (status === undefined || status < 300 || this.#over) return
    // RFC 3261 §8.1.3.5 and §21.4.6: it does not know the method after all.
    if (status === 405 || status === 501) this.#peer.refuses('UPDATE')
    this.#timer.failed(status === 491 ? this.glareDelay : undefined)
  }

  #update(): Promise<number> {
    return new Promise((resolve) => {
      new TargetRefresh(
        this.#peer,
        this.#timer,
        { method: 'UPDATE', body: null },
        {
          answered: (response) => {
            if (response.status < 300) this.#refreshedBy(response)
            else this.#judge(response.status)
            resolve(response.status)
          },
          failed: (failure) => resolve(this.#unanswered(failure)),
          repeated: () => {},
        },
      )
    })
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
    // An INVITE of ours knows its session for half a minute yet; the call need not live as long.
    this.#user = null
    this.#timer.stop()
    this.#peer.leave()
    this.#answer?.repeater.stop()
    // §14.1: a re-INVITE that still rings is taken back, or its transaction would wait for ever.
    this.#outgoing?.withdraw()
    this.#incoming?.reject(487)
    this.#agent.leave(this.dialog.id, this)
  }
}

// RFC 5407 §2: in the Mortal state, between our BYE and its answer.
function answerMortal(transaction: ServerTransaction): void {
  if (transaction.request.method === 'BYE') transaction.respond(200)
  else transaction.respondStatelessly(481)
}
