import type { SipResponse } from '../../../src/sip/message/message.ts'
import { dialogOf, type Extra, type VirtualPhone } from './phone.ts'

/** RFC 3262, as phones speak it. */

/** A reliable provisional response of a phone that rings. */
export function ringsReliably(phone: VirtualPhone, status: number, rSeq: number, sdp: string | null = null): void {
  phone.responds(status, {
    headers: [
      ['Require', '100rel'],
      ['RSeq', String(rSeq)],
    ],
    sdp,
  })
}

/** Acknowledges a reliable provisional response, in the early dialog that it makes. */
export function pracks(phone: VirtualPhone, response: SipResponse, { headers = [], sdp = null }: Extra = {}): void {
  phone.dialog = dialogOf(response)
  const rAck = `${response.headers.first('rseq')} ${response.cSeq.number} INVITE`
  phone.asks('PRACK', { headers: [['RAck', rAck], ...headers], sdp })
}
