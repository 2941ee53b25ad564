import type { IncomingInvite } from '../sip/dialog/incomingInvite.ts'
import type { SipResponse } from '../sip/message/message.ts'
import { attend } from './attend.ts'
import type { Bridge } from './bridge.ts'
import type { Call, DirectLeg, RelayedLeg } from './call.ts'
import { directCrossing } from './directCrossing.ts'
import { watchDirect } from './liveness.ts'
import { type Said, saidIn } from './said.ts'

/** Two browsers about to talk without us in between. */
export interface AnsweredDirectly {
  readonly caller: RelayedLeg
  /** What the caller said, and the callee got. */
  readonly offer: Said
  /** Its session is up and waits for its ACK. */
  readonly callee: DirectLeg
  readonly invite: IncomingInvite
  /** The callee's 2xx. */
  readonly response: SipResponse
}

/** Passes the callee's answer to the caller as it stands, gives up the media prepared for the caller, and joins the two. */
export function talkDirectly(bridge: Bridge, call: Call, answered: AnsweredDirectly): void {
  if (call.state === 'ended') return
  const { caller, offer, callee, invite, response } = answered
  callee.session?.acknowledge(response.cSeq.number)
  const answer = saidIn(response)
  if (answer.kind === 'rejected') {
    const reason = `the answer of ${callee.user} could not be used: ${answer.reason}`
    return bridge.calls.end(call, { by: 'server', outcome: 'failed', status: 488, reason })
  }
  callee.said = answer
  caller.session = invite.accept(answer.sdp)
  const from = bridge.calls.goDirect(call, caller, offer)
  call.answered(callee.user, bridge.clock.wall().getTime())
  attend(bridge, call, from, callee, directCrossing(bridge, call, from, callee))
  attend(bridge, call, callee, from, directCrossing(bridge, call, callee, from))
  watchDirect(bridge, call)
}
