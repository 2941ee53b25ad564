import type { SipRequest } from '../sip/message/message.ts'
import type { RelayedLeg } from './call.ts'
import type { Refused } from './legMedia.ts'

/** Carries the answer in an ACK from one leg to the other, whose own ACK has waited for it (RFC 3264 §4, delayed offer). */
export function passAnswer(
  ack: SipRequest,
  from: RelayedLeg,
  to: RelayedLeg,
  acknowledge: (body: Uint8Array) => void,
): Refused | null {
  const taken = from.media.takeAnswer(ack)
  const made = taken.kind === 'answer' ? to.media.answer(taken.answer) : taken
  if (made.kind === 'rejected') return made
  acknowledge(made.body)
  return null
}
