import { type CSeq, parseCSeq } from './fields.ts'
import { decimal } from './grammar.ts'
import type { Headers } from './headers.ts'
import { maxVias } from './limits.ts'
import { type NameAddr, parseContacts, parseNameAddr, parseNameAddrs } from './nameAddr.ts'
import { parseVia, type Via } from './via.ts'

/** What is read of every message at once. */
export interface Essentials {
  readonly via: Via
  readonly from: NameAddr
  readonly to: NameAddr
  readonly callId: string
  readonly cSeq: CSeq
  readonly maxForwards: number | null
  readonly contentLength: number | null
}

/**
 * Reads the headers without which nothing can be done with a message (RFC 3261 §8.1.1) and checks those that say where
 * it and its dialog go. Gives the first thing that is wrong as a phrase.
 */
export function readEssentials(headers: Headers): Essentials | string {
  const via = readVias(headers.list('via'))
  if (typeof via === 'string') return via
  const from = parseNameAddr(headers.first('from') ?? '')
  if (from === null) return bad('From', headers)
  const to = parseNameAddr(headers.first('to') ?? '')
  if (to === null) return bad('To', headers)
  const callId = headers.first('call-id')
  if (callId === null || callId === '' || /[ \t]/.test(callId)) return bad('Call-ID', headers)
  const cSeq = parseCSeq(headers.first('cseq') ?? '')
  if (cSeq === null) return bad('CSeq', headers)
  const maxForwards = scalar(headers.first('max-forwards'), 255)
  if (Number.isNaN(maxForwards)) return bad('Max-Forwards', headers)
  const contentLength = scalar(headers.first('content-length'), Number.MAX_SAFE_INTEGER)
  if (Number.isNaN(contentLength)) return bad('Content-Length', headers)
  if (parseContacts(headers) === null) return bad('Contact', headers)
  if (parseNameAddrs(headers, 'route') === null) return bad('Route', headers)
  if (parseNameAddrs(headers, 'record-route') === null) return bad('Record-Route', headers)
  return { via, from, to, callId, cSeq, maxForwards, contentLength }
}

function bad(name: string, headers: Headers): string {
  return headers.has(name.toLowerCase()) ? `Malformed ${name}` : `Missing ${name}`
}

function readVias(values: readonly string[]): Via | string {
  if (values.length > maxVias) return 'Too Many Vias'
  let top: Via | null = null
  for (const value of values) {
    const via = parseVia(value)
    if (via === null) return 'Malformed Via'
    top ??= via
  }
  return top ?? 'Missing Via'
}

// null if it is missing, NaN if it is no number up to `max`.
function scalar(value: string | null, max: number): number | null {
  if (value === null) return null
  const number = decimal(value)
  return number <= max ? number : Number.NaN
}
