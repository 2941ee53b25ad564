import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Flow } from '../transport/flow.ts'

/** What proves to a peer who we are, where it asks (RFC 3261 §22). */
export interface Proof {
  /**
   * The header with which `request` is to be sent again after its 401 or 407, which came over `flow`; null: there is none that
   * would help, or none that this peer may have.
   */
  answer(response: SipResponse, request: SipRequest, flow: Flow): HeaderLine | null
}

/** Challenges that one request answers: whoever asks more often, be it for another realm each time, asks for ever. */
export const MOST_PROOFS = 5

/** Whether a response asks who we are. */
export function challenges({ status }: SipResponse): boolean {
  return status === 401 || status === 407
}

/** The answers to a server's challenges of before, and a new one: only the last counts of each kind. */
export function withAnswer(known: readonly HeaderLine[], answer: HeaderLine): readonly HeaderLine[] {
  return [...known.filter(([name]) => name !== answer[0]), answer]
}
