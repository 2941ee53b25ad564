import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import type { AcceptedInvite } from '../transaction/clientMachine.ts'
import type { ClientUser } from '../transaction/clientTransaction.ts'
import type { Flow } from '../transport/flow.ts'
import { SDP_TYPE } from './contact.ts'
import { Dialog } from './dialog.ts'

/** Who sends what a stray answer takes. */
export interface StraySender {
  refuseOffer(message: SipMessage): Uint8Array | null
  sendAck(ack: SipRequest, flow: Flow): unknown
  request(request: SipRequest, flow: Flow, user: ClientUser): unknown
}

/**
 * Acknowledges a 2xx for which there is no session: that of a phone whose call is over, or of `another` behind a proxy that
 * forks, whose call is ended (RFC 3261 §13.2.2.4). All that this takes stands in the 2xx. An offer in it is refused.
 */
export function acknowledgeStray(
  sender: StraySender,
  response: SipResponse,
  { flow, offered }: AcceptedInvite,
  another: boolean,
): void {
  const { callId, from, cSeq, to } = response
  if (to.tag === null) return
  const dialog = Dialog.ofClient({ callId, from, cSeq, uri: to.uri }, response)
  const body = offered ? undefined : (sender.refuseOffer(response) ?? undefined)
  const headers = body ? [SDP_TYPE] : []
  sender.sendAck(dialog.request({ method: 'ACK', headers, body }, cSeq.number), flow)
  if (another) sender.request(dialog.request({ method: 'BYE' }), flow, { response() {}, failed() {} })
}
