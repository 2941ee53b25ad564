import type { IncomingInvite } from '../sip/dialog/incomingInvite.ts'
import type { SipRequest, SipResponse } from '../sip/message/message.ts'
import { attend } from './attend.ts'
import type { Bridge } from './bridge.ts'
import type { Call, RelayedLeg } from './call.ts'
import type { Refused } from './legMedia.ts'
import { passAnswer } from './passAnswer.ts'
import { realign } from './realign.ts'
import { relayedCrossing } from './relayedCrossing.ts'

/** Two legs about to talk. */
export interface Answered {
  readonly caller: RelayedLeg
  /** Its session is up and waits for its ACK. */
  readonly callee: RelayedLeg
  readonly invite: IncomingInvite
  /** The callee's 2xx. */
  readonly response: SipResponse
  /** Whether callee and we exchanged offer and answer for good before its 2xx (RFC 3262). */
  readonly settled: boolean
  /** The answer that the caller got in a 18x; null if it got none. */
  readonly early: Uint8Array | null
  /** Whether the caller changed its media since, by UPDATE or PRACK. */
  readonly callerMoved: boolean
  /** Whether the caller made no offer, so that the callee's 2xx holds one. */
  readonly delayed: boolean
}

/** Passes the callee's answer to the caller and joins the two. */
export function converse(bridge: Bridge, call: Call, answered: Answered): void {
  if (call.state === 'ended') return
  const refused = answered.delayed ? offerToCaller(bridge, call, answered) : answerCaller(bridge, call, answered)
  if (!refused) return
  answered.callee.session?.acknowledge(answered.response.cSeq.number)
  const reason = `the answer of ${answered.callee.user} could not be used: ${refused.reason}`
  bridge.calls.end(call, { by: 'server', outcome: 'failed', status: 488, reason })
}

function answerCaller(bridge: Bridge, call: Call, answered: Answered): Refused | null {
  const { caller, callee, invite, response, early, callerMoved } = answered
  const answer = answerOf(answered)
  if (answer.kind === 'rejected') return answer
  const made = early === null && !invite.settled ? caller.media.answer(answer.answer) : null
  if (made?.kind === 'rejected') return made
  callee.session?.acknowledge(response.cSeq.number)
  // What a PRACK has acknowledged is not said again (RFC 6337 §2.1).
  caller.session = invite.accept(invite.settled ? new Uint8Array() : (early ?? made?.body ?? new Uint8Array()))
  join(bridge, call, caller, callee)
  // What was said early is another than what now counts.
  if (!caller.media.inStepWith(callee.media)) {
    realign(bridge, call, callerMoved ? { stays: caller, moves: callee } : { stays: callee, moves: caller })
  }
  return null
}

// A 2xx without SDP repeats the answer of the 18x (RFC 3261 §13.2.1): that one stands.
function answerOf({ callee, response, early, settled }: Answered): ReturnType<RelayedLeg['media']['takeAnswer']> {
  const { wish } = callee.media
  const stands = settled || (early !== null && response.body.length === 0)
  return stands && wish ? { kind: 'answer', answer: wish } : callee.media.takeAnswer(response)
}

// The offer of the callee's 200 goes to the caller in ours; the callee's ACK waits for the caller's, which has the answer.
function offerToCaller(bridge: Bridge, call: Call, answered: Answered): Refused | null {
  const { caller, callee, invite, response, settled } = answered
  // The offer of a 18x was answered by PRACK.
  if (settled) return answerCaller(bridge, call, answered)
  const taken = callee.media.takeOffer(response)
  const made = taken.kind === 'offer' ? caller.media.offer(taken.offer) : taken
  if (made.kind === 'rejected') return made
  caller.session = invite.accept(made.body)
  join(bridge, call, caller, callee, (ack) => {
    const refused = passAnswer(ack, caller, callee, (body) => callee.session?.acknowledge(response.cSeq.number, body))
    if (!refused) return
    callee.session?.acknowledge(response.cSeq.number)
    bridge.calls.end(call, { by: 'server', outcome: 'failed', status: 488, reason: refused.reason })
  })
  return null
}

function join(
  bridge: Bridge,
  call: Call,
  caller: RelayedLeg,
  callee: RelayedLeg,
  acknowledged?: (ack: SipRequest) => void,
): void {
  bridge.engine.link(call.id, caller.id, callee.id)
  call.answered(callee.user, bridge.clock.wall().getTime())
  attend(bridge, call, caller, callee, relayedCrossing(bridge, call, caller, callee), acknowledged)
  attend(bridge, call, callee, caller, relayedCrossing(bridge, call, callee, caller))
}
