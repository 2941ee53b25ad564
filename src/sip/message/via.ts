import type { Endpoint } from '../../platform/network.ts'
import { decimal, isSpace, skip, skipSpace, tokenChars } from './grammar.ts'
import { type Headers, splitList } from './headers.ts'
import { formatHostPort, parseHostPort } from './host.ts'
import { Params, parseParams } from './params.ts'

/** One Via value, RFC 3261 §20.42. */
export interface Via {
  /** Protocol name and version: SIP/2.0. */
  readonly protocol: string
  /** Upper case: UDP, TCP, TLS, WS, WSS, … */
  readonly transport: string
  /** Lower case; an IPv6 address without brackets. */
  readonly host: string
  readonly port: number | null
  readonly branch: string | null
  /** An IPv6 address without brackets, with whichever it came (RFC 5118 §4.5). */
  readonly received: string | null
  /** null: not there; '': asked for (RFC 3581 §3); a number: filled in. */
  readonly rport: number | '' | null
  readonly params: Params
  readonly text: string
}

/** Reads one Via value; null if it is malformed. */
export function parseVia(text: string): Via | null {
  const nameEnd = skip(text, tokenChars, 0)
  const slash = skipSpace(text, nameEnd)
  const version = skipSpace(text, slash + 1)
  const versionEnd = skip(text, tokenChars, version)
  const slash2 = skipSpace(text, versionEnd)
  const transportStart = skipSpace(text, slash2 + 1)
  const transportEnd = skip(text, tokenChars, transportStart)
  const sentBy = skipSpace(text, transportEnd)
  if (nameEnd === 0 || versionEnd === version || transportEnd === transportStart || sentBy === transportEnd) return null
  if (text.charCodeAt(slash) !== 0x2f || text.charCodeAt(slash2) !== 0x2f) return null
  const semicolon = text.indexOf(';', sentBy)
  const address = parseSentBy(text, sentBy, semicolon < 0 ? text.length : semicolon)
  const params = semicolon < 0 ? Params.none : parseParams(text, semicolon)
  if (address === null || params === null) return null
  const rport = parseRport(params.get('rport'))
  if (rport !== null && Number.isNaN(rport)) return null
  return {
    protocol:
      slash2 === 7 && text.startsWith('SIP/2.0')
        ? 'SIP/2.0'
        : `${text.slice(0, nameEnd)}/${text.slice(version, versionEnd)}`,
    transport: text.slice(transportStart, transportEnd).toUpperCase(),
    host: address.host,
    port: address.port,
    branch: params.get('branch'),
    received: unbracketed(params.get('received')),
    rport,
    params,
    text,
  }
}

function parseSentBy(text: string, from: number, to: number) {
  let end = to
  while (end > from && isSpace(text.charCodeAt(end - 1))) end--
  const address = parseHostPort(text, from, end)
  if (address !== null) return address
  // §25.1 allows white space round the colon; nobody writes it, so it is looked for last.
  const dense = text
    .slice(from, end)
    .split(':')
    .map((part) => part.trim())
    .join(':')
  return parseHostPort(dense, 0, dense.length)
}

function parseRport(value: string | null): number | '' | null {
  if (value === null || value === '') return value
  const port = value.length > 5 ? Number.NaN : decimal(value)
  return port <= 65_535 ? port : Number.NaN
}

function unbracketed(address: string | null): string | null {
  return address?.startsWith('[') ? address.slice(1, -1) : address
}

/** The topmost Via value; null if there is none or it is malformed. */
export function topVia(headers: Headers): Via | null {
  const value = headers.first('via')
  if (value === null) return null
  if (!value.includes(',')) return parseVia(value)
  const [top] = splitList(value)
  return top === undefined ? null : parseVia(top)
}

/**
 * The topmost Via of a request that came from `source`: `received` says from where, and `rport` from which port if the
 * client asked (RFC 3261 §18.2.1, RFC 3581 §4). What the client claimed about itself is overwritten.
 */
export function stampVia(via: Via, source: Endpoint): Via {
  const rport = via.rport === null ? null : source.port
  let params = rport === null ? via.params : via.params.with('rport', String(rport))
  params = params.with('received', source.address)
  const text = `${via.protocol}/${via.transport} ${formatHostPort(via.host, via.port)}${params}`
  const { protocol, transport, host, port, branch } = via
  return { protocol, transport, host, port, branch, received: source.address, rport, params, text }
}

/** A Via value of our own; `params` follows the branch, as in `;rport`. */
export function formatVia(via: {
  transport: string
  host: string
  port: number | null
  branch: string
  params?: Params
}): string {
  return `SIP/2.0/${via.transport} ${formatHostPort(via.host, via.port)};branch=${via.branch}${via.params ?? ''}`
}
