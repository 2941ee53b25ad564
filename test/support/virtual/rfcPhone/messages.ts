import { createRequest, createResponse } from '../../../../src/sip/message/create.ts'
import { contacts } from '../../../../src/sip/message/fields.ts'
import { type HeaderLine, Headers } from '../../../../src/sip/message/headers.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../../../src/sip/message/message.ts'
import { parseUri, type Uri } from '../../../../src/sip/message/uri.ts'

/** What every request says of itself. `via` without the branch's cookie. */
export interface RequestFacts {
  readonly method: string
  readonly target: string
  readonly via: string
  readonly from: string
  readonly to: string
  readonly callId: string
  readonly cSeq: number
  readonly headers?: readonly HeaderLine[]
  readonly sdp?: string | null
}

export function requestOf(facts: RequestFacts): SipRequest {
  const { method, via, from, to, callId, cSeq, headers = [], sdp = null } = facts
  const lines: HeaderLine[] = [
    ['Via', via],
    ['Max-Forwards', '70'],
    ['From', from],
    ['To', to],
    ['Call-ID', callId],
    ['CSeq', `${cSeq} ${method}`],
    ...headers,
  ]
  if (sdp !== null) lines.push(['Content-Type', 'application/sdp'])
  const body = sdp === null ? undefined : Buffer.from(sdp)
  return createRequest({ method, uri: uriOf(facts.target), headers: Headers.of(lines), body })
}

export interface ResponseFacts {
  readonly toTag: string
  readonly headers?: readonly HeaderLine[]
  readonly sdp?: string | null
}

export function responseTo(request: SipRequest, status: number, facts: ResponseFacts): SipResponse {
  const { toTag, headers = [], sdp = null } = facts
  const lines: HeaderLine[] = sdp === null ? [...headers] : [...headers, ['Content-Type', 'application/sdp']]
  const body = sdp === null ? undefined : Buffer.from(sdp)
  return createResponse(request, status, { toTag: status > 100 ? toTag : undefined, headers: Headers.of(lines), body })
}

/** RFC 3261 §17.1.1.3. */
export function ackOf(invite: SipRequest, refusal: SipResponse): SipRequest {
  return sameBranch('ACK', invite, refusal.to.text)
}

/** RFC 3261 §9.1. */
export function cancelOf(invite: SipRequest): SipRequest {
  return sameBranch('CANCEL', invite, invite.to.text)
}

/** Where the other side wants its requests. */
export function contactOf(message: SipMessage): string {
  const found = contacts(message.headers)
  if (found === '*' || !found[0]) throw new Error('there is no Contact')
  return found[0].uri.text
}

function sameBranch(method: string, invite: SipRequest, to: string): SipRequest {
  const { from, callId, cSeq, uri } = invite
  const via = invite.headers.first('via') ?? ''
  return requestOf({ method, target: uri.text, via, from: from.text, to, callId, cSeq: cSeq.number })
}

function uriOf(text: string): Uri {
  const uri = parseUri(text)
  if (!uri) throw new Error(`not a URI: ${text}`)
  return uri
}
