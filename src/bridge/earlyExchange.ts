import type { IncomingInvite } from '../sip/dialog/incomingInvite.ts'
import type { Progress } from '../sip/dialog/outgoingInvite.ts'
import type { Reoffer } from '../sip/dialog/sessionUser.ts'
import type { SipResponse } from '../sip/message/message.ts'
import type { Branch } from './branch.ts'
import type { Bridge } from './bridge.ts'
import type { Call, RelayedLeg } from './call.ts'
import type { ForkEvents } from './fork.ts'
import { hasSdp } from './legMedia.ts'
import { passAnswer } from './passAnswer.ts'

/**
 * What passes between the caller and the phones that ring, before one answers: the sign that it rings, early media, and
 * changes of it (RFC 3262, RFC 3311). Either side may be reliable, or both, or none.
 */
export class EarlyExchange implements ForkEvents {
  readonly #bridge: Bridge
  readonly #call: Call
  readonly #invite: IncomingInvite
  readonly #caller: RelayedLeg
  readonly #offered: boolean
  #single: boolean
  /** The branches whose offer and answer are exchanged for good. */
  readonly #settled = new Set<Branch>()
  #heard = false
  /** Whose media the caller hears. */
  #playing: RelayedLeg | null = null
  #answer: Uint8Array | null = null
  #callerMoved = false

  /** `offered`: whether the caller made an offer; `single`: whether one phone rings alone. */
  constructor(
    bridge: Bridge,
    call: Call,
    caller: { readonly invite: IncomingInvite; readonly leg: RelayedLeg; readonly offered: boolean },
    single: boolean,
  ) {
    this.#bridge = bridge
    this.#call = call
    this.#invite = caller.invite
    this.#caller = caller.leg
    this.#offered = caller.offered
    this.#single = single
    this.#invite.onReoffered((reoffer) => this.#callerReoffered(reoffer))
  }

  /** The answer that the caller got in a 18x; null if it got none. */
  get answer(): Uint8Array | null {
    return this.#answer
  }

  /** Whether the caller changed its media after that. */
  get callerMoved(): boolean {
    return this.#callerMoved
  }

  /** Whether the caller has got a phone's media. */
  get heard(): boolean {
    return this.#heard
  }

  /** Others ring from now on, instead of those before them. */
  turn(single: boolean): void {
    this.#single = single
    this.#playing = null
  }

  /** More phones ring from now on. */
  several(): void {
    this.#single = false
  }

  // With several phones there is no telling whose early media to play: the caller gets the bare status (one voice at a time).
  progressed(branch: Branch, { response, reliable, acknowledge }: Progress): void {
    const { leg } = branch
    // The caller could not take back what it learnt so, if another phone or the server answered in the end.
    if (leg.way === 'direct') return this.#rings(response.status)
    if (acknowledge) return this.#passOffer(leg, response, acknowledge)
    const answers = this.#offered && hasSdp(response) && !this.#settled.has(branch)
    if (answers && (reliable || (this.#single && this.#playing === null)))
      this.#passAnswer(branch, leg, response, reliable)
    else if (answers && leg === this.#playing && !this.#invite.reliable) this.#passAgain(response.status)
    else this.#rings(response.status)
  }

  /** The phone changes its media before it answers. We relay, so the caller need not know until then. */
  reoffered({ leg }: Branch, reoffer: Reoffer): void {
    // RFC 3311 §5.2: the caller's offer waits for its answer.
    if (leg.way === 'direct') reoffer.reject(491)
    else answerHere(leg, this.#caller, reoffer)
  }

  #callerReoffered(reoffer: Reoffer): void {
    this.#callerMoved = true
    answerHere(this.#caller, this.#playing, reoffer)
  }

  #rings(status: number): void {
    this.#invite.progress(this.#single ? status : 180)
  }

  #passAnswer(branch: Branch, leg: RelayedLeg, response: SipResponse, reliable: boolean): void {
    const taken = leg.media.takeAnswer(response)
    if (taken.kind === 'rejected') return this.#rings(180)
    if (reliable) this.#settled.add(branch)
    if (!this.#single || this.#playing) return this.#rings(response.status)
    // What the caller was told once stands; what the next phone speaks is turned into it.
    if (this.#answer === null) {
      const made = this.#caller.media.answer(taken.answer)
      if (made.kind === 'rejected') return this.#rings(180)
      this.#answer = made.body
    }
    this.#play(leg)
    this.#invite.progress(response.status, this.#answer)
  }

  // Some phones stop what they play when a 183 comes without SDP (RFC 3261 §13.2.1 has the same answer in all of them).
  #passAgain(status: number): void {
    this.#invite.progress(status, this.#answer)
  }

  // The caller made no offer; the phone's, in a reliable response, is answered by the caller's PRACK (RFC 3262 §5).
  #passOffer(leg: RelayedLeg, response: SipResponse, acknowledge: (answer?: Uint8Array) => void): void {
    const taken = leg.media.takeOffer(response)
    const made = taken.kind === 'offer' ? this.#caller.media.offer(taken.offer) : taken
    if (made.kind === 'rejected') return this.#fail(acknowledge, made.reason)
    this.#play(leg)
    this.#invite.progress(response.status, made.body, (prack) => {
      const refused = passAnswer(prack, this.#caller, leg, acknowledge)
      if (refused) this.#fail(acknowledge, refused.reason)
    })
  }

  #play(leg: RelayedLeg): void {
    this.#heard = true
    this.#playing = leg
    this.#bridge.engine.link(this.#call.id, this.#caller.id, leg.id)
  }

  #fail(acknowledge: () => void, reason: string): void {
    acknowledge()
    this.#bridge.calls.end(this.#call, { by: 'server', outcome: 'failed', status: 488, reason })
  }
}

// Answers for the other side with what it said last.
function answerHere(leg: RelayedLeg, other: RelayedLeg | null, reoffer: Reoffer): void {
  const taken = leg.media.takeOffer(reoffer.request)
  if (taken.kind === 'rejected') return reoffer.reject(taken.status)
  const made = leg.media.answer(other?.media.wish ?? { ...taken.offer, direction: 'sendrecv' })
  if (made.kind === 'rejected') reoffer.reject(made.status)
  else reoffer.accept(made.body)
}
