import type { Reoffer, ReofferOutcome } from '../sip/dialog/sessionUser.ts'
import type { SipRequest } from '../sip/message/message.ts'
import type { Bridge } from './bridge.ts'
import type { Call, Leg, RelayedLeg } from './call.ts'
import { passAnswer } from './passAnswer.ts'
import { realign } from './realign.ts'

type Accepted = Extract<ReofferOutcome, { kind: 'accepted' }>

/** The other side may ask its user about a re-INVITE, but an UPDATE has 32 s for all its journey (RFC 3311 §5.2), ms. */
const UPDATE_PATIENCE = 20_000

/**
 * Carries a re-INVITE or UPDATE from one party to the other and the answer back: hold, resume, another codec, another address.
 * The other side's refusal is passed on, and both stay as they were (RFC 3261 §14.1). `whenAcknowledged` is told what to
 * do with the ACK that brings the answer, where the re-INVITE made no offer.
 */
export async function carryReoffer(
  bridge: Bridge,
  call: Call,
  from: RelayedLeg,
  to: RelayedLeg,
  reoffer: Reoffer,
  whenAcknowledged: (run: (ack: SipRequest) => void) => void,
): Promise<void> {
  if (reoffer.request.body.length === 0) return carryEmpty(bridge, call, from, to, reoffer, whenAcknowledged)
  if (from.media.repeats(reoffer.request)) return answerRepeated(from, to, reoffer)
  const taken = from.media.takeOffer(reoffer.request)
  const made = taken.kind === 'offer' ? to.media.offer(taken.offer) : taken
  if (made.kind === 'rejected') return reoffer.reject(made.status)
  reoffer.onWithdrawn(() => to.session?.withdraw())
  const outcome = await offerTo(bridge, to, made.body, reoffer.request.method === 'UPDATE')
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
  from: RelayedLeg,
  to: RelayedLeg,
  reoffer: Reoffer,
  whenAcknowledged: (run: (ack: SipRequest) => void) => void,
): Promise<void> {
  reoffer.onWithdrawn(() => to.session?.withdraw())
  const outcome = await (to.session?.reoffer(null) ?? GONE)
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

function acknowledged(
  bridge: Bridge,
  call: Call,
  from: RelayedLeg,
  to: RelayedLeg,
  outcome: Accepted,
  ack: SipRequest,
): void {
  const refused = passAnswer(ack, from, to, (body) => outcome.acknowledge(body))
  if (!refused) return
  outcome.acknowledge()
  outOfStep(bridge, call, refused.reason)
}

const GONE: ReofferOutcome = { kind: 'rejected', status: 481 }

/** Makes a party of a call an offer, with the patience that the other one's request leaves; `update`: whether that was an UPDATE. */
export async function offerTo(
  bridge: Bridge,
  { session }: Leg,
  body: Uint8Array,
  update: boolean,
): Promise<ReofferOutcome> {
  if (!session) return GONE
  if (!update) return session.reoffer(body)
  let late = false
  const patience = bridge.clock.after(UPDATE_PATIENCE, () => {
    late = true
    session.withdraw()
  })
  const outcome = await session.reoffer(body, 'UPDATE')
  patience.cancel()
  // RFC 3311 §5.2: 504 where the user has to be asked first.
  return late && outcome.kind === 'rejected' ? { kind: 'rejected', status: 504 } : outcome
}

// A refresh concerns the two who made the session; what the other party said last is still the answer.
function answerRepeated(from: RelayedLeg, to: RelayedLeg, reoffer: Reoffer): void {
  const taken = from.media.takeOffer(reoffer.request)
  const made = taken.kind === 'offer' && to.media.wish ? from.media.answer(to.media.wish) : taken
  if (made.kind === 'answer') reoffer.accept(made.body)
  else reoffer.reject(made.kind === 'rejected' ? made.status : 488)
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
