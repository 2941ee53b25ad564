import { createRequest } from '../message/create.ts'
import { type HeaderLine, Headers } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'

/** The ACK for a final response that is no 2xx: same branch, To from the response (RFC 3261 §17.1.1.3). */
export function ackFor(invite: SipRequest, response: SipResponse): SipRequest {
  return sameBranch('ACK', invite, response.headers, [])
}

/** The CANCEL of an INVITE: same branch, everything that identifies it copied (RFC 3261 §9.1). */
export function cancelFor(invite: SipRequest, extra: readonly HeaderLine[]): SipRequest {
  return sameBranch('CANCEL', invite, invite.headers, extra)
}

function sameBranch(method: string, invite: SipRequest, to: Headers, extra: readonly HeaderLine[]): SipRequest {
  const headers = new Headers()
  headers.append('Via', invite.headers.first('via') ?? '')
  for (const route of invite.headers.all('route')) headers.append('Route', route)
  headers.append('Max-Forwards', '70')
  headers.append('From', invite.headers.first('from') ?? '')
  headers.append('To', to.first('to') ?? '')
  headers.append('Call-ID', invite.callId)
  headers.append('CSeq', `${invite.cSeq.number} ${method}`)
  for (const [name, value] of extra) headers.append(name, value)
  return createRequest({ method, uri: invite.uri, headers })
}
