import type { Reoffer, ReofferOutcome } from '../sip/dialog/sessionUser.ts'
import type { SipRequest } from '../sip/message/message.ts'
import type { Bridge } from './bridge.ts'
import type { Call, Leg } from './call.ts'
import { passAnswer } from './passAnswer.ts'
import { realign } from './realign.ts'

type Accepted = Extract<ReofferOutcome, { kind: 'accepted' }>

/**
 * Carries a re-INVITE from one party to the other and the answer back: hold, resume, another codec, another address.
 * The other side's refusal is passed on, and both stay as they were (RFC 3261 §14.1). `whenAcknowledged` is told what to
 * do with the ACK that brings the answer, where the re-INVITE made no offer.
 */
export async function carryReoffer(
  bridge: Bridge,
  call: Call,
  from: Leg,
  to: Leg,
  reoffer: Reoffer,
  whenAcknowledged: (run: (ack: SipRequest) => void) => void,
): Promise<void> {
  if (reoffer.request.body.length === 0) return carryEmpty(bridge, call, from, to, reoffer, whenAcknowledged)
  const taken = from.media.takeOffer(reoffer.request)
  const made = taken.kind === 'offer' ? to.media.offer(taken.offer) : taken
  if (made.kind === 'rejected') return reoffer.reject(made.status)
  reoffer.onWithdrawn(() => to.session?.withdraw())
  const outcome = await ask(to, made.body)
  if (outcome.kind === 'rejected') {
    to.media.offerRefused()
    return reoffer.reject(outcome.status)
  }
  outcome.acknowledge()
  const answered = to.media.takeAnswer(outcome.response)
  // Its CANCEL and the other's answer crossed: the one stays as it was, so the other has to come back.
  if (reoffer.withdrawn) return realign(bridge, call, { stays: from, moves: to })
  const answer = answered.kind === 'answer' ? from.media.answer(answered.answer) : answered
  if (answer.kind === 'answer') return reoffer.accept(answer.body)
  reoffer.reject(488)
  outOfStep(bridge, call, answer.reason)
}

// The caller of a re-INVITE without SDP wants an offer: the other party's. Its ACK waits for the answer.
async function carryEmpty(
  bridge: Bridge,
  call: Call,
  from: Leg,
  to: Leg,
  reoffer: Reoffer,
  whenAcknowledged: (run: (ack: SipRequest) => void) => void,
): Promise<void> {
  reoffer.onWithdrawn(() => to.session?.withdraw())
  const outcome = await ask(to, null)
  if (outcome.kind === 'rejected') return reoffer.reject(outcome.status)
  const taken = to.media.takeOffer(outcome.response)
  if (taken.kind === 'offer' && reoffer.withdrawn && from.media.wish) {
    // The other side has made its offer all the same: what was in force is the answer.
    const kept = to.media.answer(from.media.wish)
    outcome.acknowledge(kept.kind === 'answer' ? kept.body : undefined)
    return
  }
  const made = taken.kind === 'offer' ? from.media.offer(taken.offer) : taken
  if (made.kind === 'rejected') {
    reoffer.reject(488)
    outcome.acknowledge()
    return outOfStep(bridge, call, made.reason)
  }
  whenAcknowledged((ack) => acknowledged(bridge, call, from, to, outcome, ack))
  reoffer.accept(made.body)
}

function acknowledged(bridge: Bridge, call: Call, from: Leg, to: Leg, outcome: Accepted, ack: SipRequest): void {
  const refused = passAnswer(ack, from, to, (body) => outcome.acknowledge(body))
  if (!refused) return
  outcome.acknowledge()
  outOfStep(bridge, call, refused.reason)
}

async function ask(leg: Leg, body: Uint8Array | null): Promise<ReofferOutcome> {
  return leg.session?.reoffer(body) ?? { kind: 'rejected', status: 481 }
}

// One side has moved and the other could not follow: nobody would hear the other any more.
function outOfStep(bridge: Bridge, call: Call, reason: string): void {
  bridge.calls.end(call, {
    by: 'server',
    outcome: 'answered',
    status: 200,
    reason: `a change of media failed: ${reason}`,
  })
}
