import type { SipResponse } from '../message/message.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import { ALLOW, SUPPORTED } from './capabilities.ts'
import { SDP_TYPE } from './contact.ts'
import { EarlyNegotiation } from './earlyNegotiation.ts'
import type { Offers } from './offers.ts'
import type { Peer } from './peer.ts'
import type { Reoffer } from './sessionUser.ts'
import type { DialogUser, UserAgent } from './userAgent.ts'

/** What a phone that rings and takes reliability seriously has agreed to before its 2xx: the client side of RFC 3262 §4 and RFC 3311 §5.2. */
export class EarlyDialog implements DialogUser {
  readonly peer: Peer
  readonly offers: Offers
  readonly #agent: UserAgent
  readonly #negotiation: EarlyNegotiation
  #settled = false
  #rSeq: number | null = null

  /** `reoffered` gets every offer that the phone makes before its 2xx, once the first was answered. */
  constructor(agent: UserAgent, peer: Peer, offers: Offers, reoffered: (reoffer: Reoffer) => void) {
    this.#agent = agent
    this.peer = peer
    this.offers = offers
    this.#negotiation = new EarlyNegotiation(peer, offers, agent.random, reoffered)
    agent.enter(peer.dialog.id, this)
  }

  /** Whether this reliable response is the next in order: repeats, and what came too early, are not to be looked at (§4). */
  takes(response: SipResponse): boolean {
    const rSeq = rSeqOf(response)
    if (rSeq === null || (this.#rSeq !== null && rSeq !== this.#rSeq + 1)) return false
    this.#rSeq = rSeq
    this.peer.heard(response)
    return true
  }

  /** Whether an offer and its answer have been exchanged for good. */
  get settled(): boolean {
    return this.#settled
  }

  /** A reliable response answered our offer. */
  answered(): void {
    this.#settled = true
    this.offers.settled()
  }

  /** Acknowledges it. `answer`: where it brought an offer. */
  acknowledge(response: SipResponse, answer?: Uint8Array): void {
    const { number, method } = response.cSeq
    const rAck = `${rSeqOf(response)} ${number} ${method}`
    const headers = [['RAck', rAck] as const, ...(answer ? [SDP_TYPE] : [])]
    if (answer) this.answered()
    // A PRACK that fails changes nothing: the INVITE has its own end.
    const request = this.peer.dialog.request({ method: 'PRACK', headers, body: answer })
    this.peer.send(request, { response() {}, failed() {} })
  }

  receive(transaction: ServerTransaction): void {
    const { request } = transaction
    if (!this.peer.dialog.inOrder(request)) return transaction.respond(500)
    this.peer.moveTo(transaction.flow)
    this.peer.heard(request)
    switch (request.method) {
      case 'UPDATE':
        return this.#negotiation.receive(transaction)
      case 'OPTIONS':
        return transaction.respond(200, { headers: [ALLOW, SUPPORTED] })
      // RFC 3261 §15: who is called ends an early dialog by refusing the INVITE.
      case 'BYE':
        return transaction.respond(403)
      default:
        return transaction.respond(405, { headers: [ALLOW] })
    }
  }

  acknowledged(): void {}

  answeredAgain(): void {}

  /** The INVITE got its final response. */
  leave(): void {
    this.#agent.leave(this.peer.dialog.id, this)
    this.peer.leave()
  }
}

/** RFC 3262 §7.1; null if the response is not to be acknowledged. */
export function rSeqOf({ headers, status }: SipResponse): number | null {
  const text = headers.first('rseq')
  if (text === null || status === 100 || !/^[0-9]{1,10}$/.test(text.trim())) return null
  const rSeq = Number(text)
  return rSeq >= 1 && rSeq < 2 ** 32 ? rSeq : null
}
