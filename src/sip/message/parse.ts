import { readEssentials } from './essentials.ts'
import { readHead } from './head.ts'
import { Headers } from './headers.ts'
import { maxHeadOctets, maxMessageOctets } from './limits.ts'
import type { Keepalive, Malformed, SipMessage } from './message.ts'
import { parseStartLine } from './startLine.ts'
import { octetsOf } from './text.ts'
import { topVia } from './via.ts'

/**
 * Reads one message, RFC 3261 §7. A datagram's body is what Content-Length says, or all the rest if there is none; what
 * is beyond it is dropped (§18.3). On a stream `bytes` is exactly one message, as `StreamFramer` gives it. The message
 * keeps `bytes`, and must own them.
 *
 * Checked here: the start line; Via, From, To, Call-ID and CSeq, without which nothing can be done; Max-Forwards,
 * Contact, Route, Record-Route and Content-Length; headers that may stand once and differ. All others are checked by
 * who reads them. Takes time linear in the length of `bytes`.
 */
export function parseMessage(bytes: Uint8Array, framing: 'datagram' | 'stream'): SipMessage | Malformed | Keepalive {
  const start = skipEmpty(bytes)
  if (start === bytes.length) return { kind: 'keepalive' }
  const head = readHead(octetsOf(bytes.length > maxMessageOctets ? bytes.subarray(0, maxMessageOctets) : bytes), start)
  const headers = new Headers(head.fields)
  const startLine = parseStartLine(head.startLine)
  if (startLine.kind === 'bad') return malformed(headers, startLine.method, startLine.status, startLine.reason)
  const method = startLine.kind === 'request' ? startLine.method : null
  if (bytes.length > maxMessageOctets) return malformed(headers, method, 513, 'Message Too Large')
  if (head.end > maxHeadOctets) return malformed(headers, method, 513, 'Headers Too Large')
  if (head.problem !== null) return malformed(headers, method, 400, head.problem)
  const essentials = readEssentials(headers)
  if (typeof essentials === 'string') return malformed(headers, method, 400, essentials)
  const { via, from, to, callId, cSeq, maxForwards, contentLength } = essentials
  const body = readBody(bytes, head.end, contentLength, framing)
  if (typeof body === 'string') return malformed(headers, method, 400, body)
  if (startLine.kind === 'response') {
    const { status, reason } = startLine
    return { kind: 'response', status, reason, headers, body, via, from, to, callId, cSeq }
  }
  if (cSeq.method !== startLine.method) return malformed(headers, method, 400, 'CSeq Is of Another Method')
  const { uri } = startLine
  return { kind: 'request', method: startLine.method, uri, maxForwards, headers, body, via, from, to, callId, cSeq }
}

// Past the line ends before a message (RFC 3261 §7.5) and the octets that keepalives consist of.
function skipEmpty(bytes: Uint8Array): number {
  let at = 0
  while (at < bytes.length && (bytes[at] === 0x0d || bytes[at] === 0x0a || bytes[at] === 0)) at++
  return at
}

const noBody = new Uint8Array(0)

function readBody(
  bytes: Uint8Array,
  start: number,
  contentLength: number | null,
  framing: 'datagram' | 'stream',
): Uint8Array | string {
  const present = bytes.length - start
  if (contentLength === 0 && (present === 0 || framing === 'datagram')) return noBody
  if (contentLength === null) return framing === 'datagram' ? bytes.subarray(start) : 'Missing Content-Length'
  if (contentLength > present) return 'Content-Length Beyond the Message'
  if (contentLength < present && framing === 'stream') return 'Content-Length Short of the Message'
  return bytes.subarray(start, start + contentLength)
}

/** What becomes of a message of which only the head, or part of it, could be taken from a stream. */
export function malformedHead(text: string, status: number, reason: string): Malformed {
  const head = readHead(text, 0)
  const startLine = parseStartLine(head.startLine)
  return malformed(new Headers(head.fields), startLine.kind === 'response' ? null : startLine.method, status, reason)
}

// RFC 3261 §17.1.1.3, §18.1.2: neither an ACK nor a response is ever answered, nor what does not say who sent it.
function malformed(headers: Headers, method: string | null, status: number, reason: string): Malformed {
  const answerable = method !== null && method !== 'ACK' && headers.has('via')
  return { kind: 'malformed', reason, status: answerable ? status : null, headers, via: topVia(headers), method }
}
