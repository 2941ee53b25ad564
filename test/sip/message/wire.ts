import t from 'tap'
import type { Malformed, SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'

/** A message written line by line, with the empty line after its headers and then `body`. */
export function wire(lines: readonly string[], body = ''): Uint8Array {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1')
}

/** The lines of a valid OPTIONS request; `changes` replaces or, with null, removes headers by their name. */
export function options(changes: Readonly<Record<string, string | null>> = {}): string[] {
  const headers: Record<string, string | null> = {
    Via: 'SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK776;rport',
    'Max-Forwards': '70',
    From: '"Alice" <sip:alice@example.com>;tag=9fxced76sl',
    To: '<sip:bob@example.net>',
    'Call-ID': '3848276298220188511@192.0.2.1',
    CSeq: '1 OPTIONS',
    ...changes,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
  return ['OPTIONS sip:bob@example.net SIP/2.0', ...lines]
}

/** The request that these octets are; fails the test if they are none. */
export function requestOf(bytes: Uint8Array): SipRequest {
  const message = parseMessage(bytes, 'datagram')
  if (message.kind === 'request') return message
  t.fail('not a request', { found: message })
  throw new Error('not a request')
}

export function responseOf(bytes: Uint8Array): SipResponse {
  const message = parseMessage(bytes, 'datagram')
  if (message.kind === 'response') return message
  t.fail('not a response', { found: message })
  throw new Error('not a response')
}

export function malformedOf(bytes: Uint8Array, framing: 'datagram' | 'stream' = 'datagram'): Malformed {
  const message = parseMessage(bytes, framing)
  if (message.kind === 'malformed') return message
  t.fail('not malformed', { found: message })
  throw new Error('not malformed')
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}
