import type { Endpoint } from '../../platform/network.ts'
import { BuiltRequest, BuiltResponse, type Read } from './built.ts'
import { type Field, Headers } from './headers.ts'
import type { Malformed, SipRequest, SipResponse, WritableMessage } from './message.ts'
import { parseNameAddr } from './nameAddr.ts'
import { reasonPhrase } from './reasonPhrase.ts'
import { type Uri, withoutHeaders } from './uri.ts'
import { stampVia, type Via } from './via.ts'

const noBody = new Uint8Array(0)

/**
 * A request of our own. It owns `headers`; Content-Length is written by `writeMessage`. `uri` may be anyone's Contact:
 * the headers one may have there do not go into a Request-URI (RFC 3261 §16.6 step 2, §19.1.1).
 */
export function createRequest(parts: {
  readonly method: string
  readonly uri: Uri
  readonly headers: Headers
  readonly body?: Uint8Array
}): SipRequest {
  return new BuiltRequest(parts.method, withoutHeaders(parts.uri), parts.headers, parts.body ?? noBody, {})
}

/** What a response holds beyond what its request says. */
export interface ResponseParts {
  /** Octets; the registered phrase if it is left out. */
  readonly reason?: string
  /** Added to To if the request has no tag there (RFC 3261 §8.2.6.2). A 100 needs none. */
  readonly toTag?: string
  /** Put after the copied headers, as they are. */
  readonly headers?: Headers
  /** With its Content-Type in `headers`. */
  readonly body?: Uint8Array
}

/**
 * The response to a request: all Vias, From, To, Call-ID and CSeq copied (RFC 3261 §8.2.6.2), Timestamp (§8.2.6.1), and
 * Record-Route where it may make a dialog (§12.1.1).
 */
export function createResponse(request: SipRequest, status: number, parts: ResponseParts = {}): SipResponse {
  const recordRoute = status > 100 && status < 300 && makesDialog(request.method)
  const tag = request.to.tag === null ? parts.toTag : undefined
  const fields = copied(request.headers, recordRoute, tag)
  if (parts.headers !== undefined) for (const field of parts.headers) fields.push(field)
  const { via, from, callId, cSeq } = request
  const read: Read = { via, from, callId, cSeq }
  if (tag === undefined) read.to = request.to
  const reason = parts.reason ?? reasonPhrase(status)
  return new BuiltResponse(status, reason, new Headers(fields), parts.body ?? noBody, read)
}

/**
 * The answer to a malformed request from `source`, with as much of its headers as there is; null if it must be dropped.
 * It is sent without a transaction.
 */
export function answerMalformed(malformed: Malformed, source: Endpoint, toTag: string): WritableMessage | null {
  const { status, reason, headers, via } = malformed
  if (status === null || headers === null) return null
  const to = parseNameAddr(headers.first('to') ?? '')
  const stamped = via === null ? headers : withTopVia(headers, via, stampVia(via, source))
  const fields = copied(stamped, false, to !== null && to.tag === null ? toTag : undefined)
  return { kind: 'response', status, reason, headers: new Headers(fields), body: noBody }
}

/** The request as its server goes on with it: the topmost Via says where it came from (RFC 3261 §18.2.1, RFC 3581 §4). */
export function receivedFrom(request: SipRequest, source: Endpoint): SipRequest {
  const { method, uri, body, from, to, callId, cSeq } = request
  const via = stampVia(request.via, source)
  const headers = withTopVia(request.headers, request.via, via)
  return new BuiltRequest(method, uri, headers, body, { via, from, to, callId, cSeq })
}

function withTopVia(headers: Headers, old: Via, via: Via): Headers {
  const rest = headers.first('via')?.slice(old.text.length) ?? ''
  return headers.clone().replaceFirst('via', via.text + rest)
}

function makesDialog(method: string): boolean {
  return method === 'INVITE' || method === 'SUBSCRIBE' || method === 'REFER'
}

// `headers` are the request's: their values are safe to write as they are.
function copied(headers: Headers, recordRoute: boolean, toTag: string | undefined): Field[] {
  const fields: Field[] = []
  for (const field of headers) {
    switch (field.key) {
      case 'via':
      case 'from':
      case 'call-id':
      case 'cseq':
      case 'timestamp':
        fields.push(field)
        break
      case 'record-route':
        if (recordRoute) fields.push(field)
        break
      case 'to':
        fields.push(
          toTag === undefined ? field : { name: field.name, key: field.key, value: `${field.value};tag=${toTag}` },
        )
        break
    }
  }
  return fields
}
