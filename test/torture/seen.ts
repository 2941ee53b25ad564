import { readHead } from '../../src/sip/message/head.ts'
import { Headers } from '../../src/sip/message/headers.ts'
import { octetsOf } from '../../src/sip/message/text.ts'

/** A message as it was seen on the wire, whatever is missing in it: the answer to a broken request is broken, too. */
export interface Seen {
  readonly startLine: string
  /** null: it is a request. */
  readonly status: number | null
  readonly headers: Headers
  readonly bytes: Uint8Array
}

export function see(bytes: Uint8Array): Seen {
  const { startLine, fields } = readHead(octetsOf(bytes), 0)
  const status = /^SIP\/2\.0 ([1-6][0-9]{2}) /.exec(startLine)?.[1]
  return { startLine, status: status === undefined ? null : Number(status), headers: new Headers(fields), bytes }
}

let probes = 0

/** An OPTIONS that any server answers 200 at once, and how to know its answer. */
export function probe(transport: 'UDP' | 'TCP' | 'WSS', host: string): { bytes: Buffer; callId: string } {
  const callId = `probe-${++probes}`
  const uri = `sip:${host.includes(':') ? `[${host}]` : host}`
  const lines = [
    `OPTIONS ${uri} SIP/2.0`,
    `Via: SIP/2.0/${transport} probe.invalid;rport;branch=z9hG4bK-${callId}`,
    'Max-Forwards: 70',
    `From: <sip:probe@probe.invalid>;tag=1`,
    `To: <${uri}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ]
  return { bytes: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), callId }
}

/** Whether this is the answer to that probe. */
export function answersProbe(seen: Seen, callId: string): boolean {
  return seen.status === 200 && seen.headers.first('call-id') === callId
}
