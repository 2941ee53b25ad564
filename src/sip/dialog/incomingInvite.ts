import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import { requires, supports } from '../message/optionTags.ts'
import { type Cause, parseCauses } from '../message/reason.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import { ALLOW, SUPPORTED } from './capabilities.ts'
import { SDP_TYPE } from './contact.ts'
import { Dialog } from './dialog.ts'
import { EarlyNegotiation } from './earlyNegotiation.ts'
import { Offers } from './offers.ts'
import { Peer } from './peer.ts'
import { ReliableResponses } from './reliableResponses.ts'
import { Session } from './session.ts'
import type { Reoffer } from './sessionUser.ts'
import type { DialogUser, UserAgent } from './userAgent.ts'

/** Why a call that came in was over before we answered it. `status`: what the INVITE was answered with. */
export type InviteEnd =
  /** The caller gave up, by CANCEL or BYE, with the Reason it gave. */
  | { readonly kind: 'taken-back'; readonly status: 487; readonly causes: readonly Cause[] }
  /** No PRACK came for a provisional response of ours (RFC 3262 §3). */
  | { readonly kind: 'unacknowledged'; readonly status: 504 }
  /** An answer of ours could not be sent (RFC 3261 §17.2.4): the caller never saw this status. */
  | { readonly kind: 'unreachable'; readonly status: 503 }

/** A call that comes in and is not yet answered: the server side of RFC 3261 §13.3, RFC 3262 §3 and RFC 3311 §5.2. */
export class IncomingInvite implements DialogUser {
  readonly transaction: ServerTransaction
  readonly #agent: UserAgent
  readonly #peer: Peer
  readonly #offers: Offers
  readonly #negotiation: EarlyNegotiation
  readonly #reliability: 'required' | 'supported' | 'unknown'
  readonly #reliable: ReliableResponses
  /** Whether SDP of ours went out in a reliable response. */
  #described = false
  #ended: (end: InviteEnd) => void = () => {}
  #reoffered: (reoffer: Reoffer) => void = (reoffer) => reoffer.reject(488)

  /** `contactUser`: the user part of our Contact. Says 100 at once, so that the caller stops repeating itself. */
  constructor(agent: UserAgent, transaction: ServerTransaction, contactUser: string | null) {
    const { request, flow, localTag } = transaction
    this.#agent = agent
    this.transaction = transaction
    // It may ring for longer than an idle connection lives: the peer holds it open.
    this.#peer = new Peer(agent, Dialog.ofServer(request, localTag, agent.random.integer(1 << 16)), flow, contactUser)
    this.#peer.heard(request)
    this.#offers = new Offers(request.body.length > 0 ? 'peer' : null)
    const reoffered = (reoffer: Reoffer): void => this.#reoffered(reoffer)
    this.#negotiation = new EarlyNegotiation(this.#peer, this.#offers, agent.random, reoffered)
    this.#reliability = reliabilityOf(request)
    this.#reliable = new ReliableResponses(agent.clock, request.cSeq.number, 1 + agent.random.integer(2 ** 31 - 1), {
      send: ({ status, body }, headers) => this.#say(status, body, headers),
      repeat: () => transaction.repeat(),
      // RFC 3262 §3: the INVITE is refused with a 5xx.
      abandoned: () => this.#end({ kind: 'unacknowledged', status: 504 }),
    })
    agent.enter(this.#peer.dialog.id, this)
    transaction.attach({
      cancelled: (cancel) => this.#takenBackBy(cancel),
      failed: () => this.#end({ kind: 'unreachable', status: 503 }),
    })
    transaction.respond(100)
  }

  get request(): SipRequest {
    return this.transaction.request
  }

  /** Whether the caller takes provisional responses reliably, and so an offer or answer in one counts. */
  get reliable(): boolean {
    return this.#reliability !== 'unknown'
  }

  /** Whether an offer and its answer have been exchanged for good before our 2xx, which then has nothing more to say. */
  get settled(): boolean {
    return this.#described && this.#offers.open === null
  }

  /** Called once if the call is over before we answered it, by no doing of ours. */
  onEnded(run: (end: InviteEnd) => void): void {
    this.#ended = run
  }

  /** Called for every offer that the caller makes before our 2xx, once the first was answered (RFC 3311, RFC 3262 §5). */
  onReoffered(run: (reoffer: Reoffer) => void): void {
    this.#reoffered = run
  }

  /** Runs `run` when a 2xx may be sent: RFC 3262 §3 has it wait for the PRACK of an offer or answer. */
  whenReady(run: () => void): void {
    this.#reliable.whenSettled(run)
  }

  /**
   * A provisional response: 180, or 183 and others with early media in `body`: our answer, or our offer if the caller made
   * none and takes it reliably. `acknowledged` gets the PRACK that has the caller's answer.
   */
  progress(status: number, body: Uint8Array | null = null, acknowledged: (prack: SipRequest) => void = () => {}): void {
    const offerless = this.request.body.length === 0
    if (this.#reliability === 'unknown' || (this.#reliability === 'supported' && body === null)) {
      return this.#say(status, body, [])
    }
    // RFC 3261 §13.2.1: the first reliable response to an INVITE without an offer must bring ours.
    if (offerless && body === null && !this.#described) return
    if (body !== null) {
      this.#described = true
      if (offerless) this.#offers.made('us')
      else this.#offers.settled()
    }
    this.#reliable.send({
      status,
      body,
      acknowledged: (prack) => {
        if (offerless && body !== null) this.#offers.settled()
        acknowledged(prack)
      },
    })
  }

  /** Answers 200. `body`: our answer to the caller's offer, or our offer if it made none; empty if it is `settled`. */
  accept(body: Uint8Array): Session {
    this.#reliable.stop()
    const session = new Session(this.#agent, this.#peer, this.#offers)
    session.answer(this.transaction, body)
    return session
  }

  reject(status: number, headers: readonly HeaderLine[] = [], reason?: string): void {
    this.#reliable.stop()
    this.#peer.leave()
    this.#agent.leave(this.#peer.dialog.id, this)
    this.transaction.respond(status, { reason, headers })
  }

  /** A request in the early dialog (§12.2.2). */
  receive(transaction: ServerTransaction): void {
    const { request } = transaction
    if (!this.#peer.dialog.inOrder(request)) return transaction.respond(500)
    this.#peer.moveTo(transaction.flow)
    this.#peer.heard(request)
    switch (request.method) {
      // §15: the caller may end an early dialog with BYE; the INVITE is answered as if it had been cancelled (§15.1.2).
      case 'BYE':
        transaction.respond(200)
        return this.#takenBackBy(request)
      case 'OPTIONS':
        return transaction.respond(200, { headers: [ALLOW, SUPPORTED] })
      // §14.2: the first INVITE is not yet answered.
      case 'INVITE':
        return transaction.respond(500, { headers: [['Retry-After', '5']] })
      case 'PRACK':
        return this.#pracked(transaction)
      case 'UPDATE':
        return this.#negotiation.receive(transaction)
      default:
        return transaction.respond(405, { headers: [ALLOW] })
    }
  }

  acknowledged(): void {}

  answeredAgain(): void {}

  #pracked(transaction: ServerTransaction): void {
    const answers = this.#offers.open === 'us'
    // RFC 3262 §5: after offer and answer, a PRACK may make another offer.
    const answer = (): void => (answers ? transaction.respond(200) : this.#negotiation.receive(transaction))
    if (!this.#reliable.take(transaction.request, answer)) transaction.respond(481)
  }

  #takenBackBy({ headers }: SipRequest): void {
    this.#end({ kind: 'taken-back', status: 487, causes: parseCauses(headers) })
  }

  #end(end: InviteEnd): void {
    if (this.transaction.answered) return
    this.reject(end.status)
    this.#ended(end)
  }

  #say(status: number, body: Uint8Array | null, headers: readonly HeaderLine[]): void {
    const all = [this.#peer.contact, ALLOW, ...headers]
    if (body) all.push(SDP_TYPE)
    this.transaction.respond(status, { headers: all, body: body ?? undefined })
  }
}

function reliabilityOf(invite: SipRequest): 'required' | 'supported' | 'unknown' {
  if (requires(invite, '100rel')) return 'required'
  return supports(invite, '100rel') ? 'supported' : 'unknown'
}
