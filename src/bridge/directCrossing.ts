import type { Reoffer, ReofferOutcome } from '../sip/dialog/sessionUser.ts'
import type { SipRequest } from '../sip/message/message.ts'
import type { Bridge } from './bridge.ts'
import type { Call, DirectLeg } from './call.ts'
import type { Crossing } from './crossing.ts'
import { offerTo } from './reoffer.ts'
import { saidIn } from './said.ts'

type Accepted = Extract<ReofferOutcome, { kind: 'accepted' }>

/**
 * From one browser to the other as it stands: hold, ICE restarts, other codecs, with all that the two know of each other and we
 * do not. Keys are theirs, too: those in media never pass here, and INFO is passed on like any other request.
 */
export function directCrossing(bridge: Bridge, call: Call, from: DirectLeg, to: DirectLeg): Crossing {
  const ends = { bridge, call, from, to }
  return {
    reoffer: (reoffer, whenAcknowledged) =>
      reoffer.request.body.length === 0 ? carryEmpty(ends, reoffer, whenAcknowledged) : carryOffer(ends, reoffer),
    refresh: () => refresh(from, to),
    takesKey: () => false,
  }
}

interface Ends {
  readonly bridge: Bridge
  readonly call: Call
  readonly from: DirectLeg
  readonly to: DirectLeg
}

async function carryOffer(ends: Ends, reoffer: Reoffer): Promise<void> {
  const { bridge, from, to } = ends
  const offer = saidIn(reoffer.request)
  if (offer.kind === 'rejected') return reoffer.reject(offer.status)
  reoffer.onWithdrawn(() => to.session?.withdraw())
  const outcome = await offerTo(bridge, to, offer.sdp, reoffer.request.method === 'UPDATE')
  if (outcome.kind === 'rejected') return reoffer.reject(outcome.status)
  outcome.acknowledge()
  // Its CANCEL and the other's answer crossed.
  if (reoffer.withdrawn) return takeBack(ends)
  const answer = saidIn(outcome.response)
  if (answer.kind === 'rejected') {
    reoffer.reject(488)
    return outOfStep(ends, answer.reason)
  }
  from.said = offer
  to.said = answer
  reoffer.accept(answer.sdp)
}

// The one stayed as it was, so the other has to come back.
async function takeBack(ends: Ends): Promise<void> {
  if ((await refresh(ends.to, ends.from)) >= 300) outOfStep(ends, `${ends.to.user} would not take it back`)
}

// The caller of a re-INVITE without SDP wants an offer: the other party's. Its ACK waits for the answer.
async function carryEmpty(
  ends: Ends,
  reoffer: Reoffer,
  whenAcknowledged: (run: (ack: SipRequest) => void) => void,
): Promise<void> {
  const { to } = ends
  reoffer.onWithdrawn(() => to.session?.withdraw())
  const outcome = await to.session?.reoffer(null)
  if (outcome?.kind !== 'accepted') return reoffer.reject(outcome?.status ?? 481)
  const offer = saidIn(outcome.response)
  if (reoffer.withdrawn || offer.kind === 'rejected') {
    reoffer.reject(488)
    outcome.acknowledge()
    return outOfStep(ends, offer.kind === 'rejected' ? offer.reason : 'an offer has no answer')
  }
  to.said = offer
  whenAcknowledged((ack) => acknowledged(ends, outcome, ack))
  reoffer.accept(offer.sdp)
}

function acknowledged(ends: Ends, outcome: Accepted, ack: SipRequest): void {
  const answer = saidIn(ack)
  if (answer.kind === 'said') {
    ends.from.said = answer
    return outcome.acknowledge(answer.sdp)
  }
  outcome.acknowledge()
  outOfStep(ends, answer.reason)
}

// What the other one said last, once more. Nothing in it is new (RFC 3264 §8), so the answer says nothing new either.
async function refresh({ session }: DirectLeg, { said }: DirectLeg): Promise<number> {
  const outcome = said && (await session?.reoffer(said.sdp))
  if (!outcome) return 481
  if (outcome.kind === 'rejected') return outcome.status
  outcome.acknowledge()
  return outcome.response.status
}

function outOfStep({ bridge, call }: Ends, why: string): void {
  const reason = `a change of media failed: ${why}`
  bridge.calls.end(call, { by: 'server', outcome: 'answered', status: 200, reason })
}
