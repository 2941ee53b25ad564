import { createResponse } from '../../src/sip/message/create.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message/message.ts'
import { writeMessage } from '../../src/sip/message/write.ts'
import { requestOf, responseOf, wire } from './message/wire.ts'

/** Header values by name: each replaces the usual one or is added; several make several fields, null removes. */
export type HeaderChanges = Readonly<Record<string, string | readonly string[] | null>>

export interface RequestChanges {
  readonly uri?: string
  readonly branch?: string
  readonly headers?: HeaderChanges
  readonly body?: string
}

let branches = 0

/** A request of user 101, who sits at 10.0.0.20, to us at 10.0.0.1; each with a branch of its own. */
export function request(method: string, changes: RequestChanges = {}): SipRequest {
  return requestOf(requestBytes(method, changes))
}

export function requestBytes(method: string, changes: RequestChanges = {}): Uint8Array {
  const { uri = 'sip:102@10.0.0.1', branch = `z9hG4bK-${++branches}`, headers = {}, body = '' } = changes
  const fields: HeaderChanges = {
    Via: `SIP/2.0/UDP 10.0.0.20:5060;rport;branch=${branch}`,
    'Max-Forwards': '70',
    From: '"Alice" <sip:101@10.0.0.1>;tag=alice',
    To: '<sip:102@10.0.0.1>',
    'Call-ID': 'call-1@10.0.0.20',
    CSeq: `1 ${method}`,
    Contact: method === 'BYE' || method === 'ACK' || method === 'CANCEL' ? null : '<sip:101@10.0.0.20:5060>',
    ...headers,
    'Content-Length': String(body.length),
  }
  const lines = Object.entries(fields).flatMap(([name, value]) => {
    if (value === null) return []
    return typeof value === 'string' ? [`${name}: ${value}`] : value.map((one) => `${name}: ${one}`)
  })
  return wire([`${method} ${uri} SIP/2.0`, ...lines], body)
}

/** What a peer answers to a request of ours, To tag `bob` unless the request has one. */
export function reply(
  to: SipRequest,
  status: number,
  how: { tag?: string; headers?: Readonly<Record<string, string>>; body?: string } = {},
): SipResponse {
  const headers = Headers.of(Object.entries(how.headers ?? {}))
  const body = how.body === undefined ? undefined : Buffer.from(how.body)
  const toTag = status === 100 ? undefined : (how.tag ?? 'bob')
  return responseOf(writeMessage(createResponse(to, status, { toTag, headers, body })))
}
