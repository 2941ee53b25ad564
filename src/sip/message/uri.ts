import {
  lowerCase,
  passwordChars,
  skip,
  spansEscaped,
  tokenChars,
  uriHeaderChars,
  uriParamChars,
  userChars,
} from './grammar.ts'
import { formatHostPort, parseHostPort } from './host.ts'
import { maxParams, maxUriOctets } from './limits.ts'
import { type Param, Params } from './params.ts'

/** A URI that stands in a SIP message. `text` is exactly what was written, and what it is written as again. */
export type Uri = SipUri | TelUri | OtherUri

/** RFC 3261 §19.1.1. */
export interface SipUri {
  readonly kind: 'sip'
  readonly scheme: 'sip' | 'sips'
  /** As written, escapes and all; null if there is none. `unescapeUser` reads it. */
  readonly user: string | null
  readonly password: string | null
  /** Lower case; an IPv6 address without brackets. */
  readonly host: string
  readonly port: number | null
  readonly params: Params
  readonly headers: readonly UriHeader[]
  readonly text: string
}

/** A header inside a URI: name and value as written, escapes and all. */
export type UriHeader = readonly [name: string, value: string]

/** RFC 3966. */
export interface TelUri {
  readonly kind: 'tel'
  readonly scheme: 'tel'
  /** As written, visual separators and a leading + included. */
  readonly number: string
  readonly params: Params
  readonly text: string
}

/** Any other absolute URI. */
export interface OtherUri {
  readonly kind: 'other'
  /** Lower case. */
  readonly scheme: string
  readonly text: string
}

/** Reads a whole string as a URI (RFC 3261 §25.1, RFC 3966, RFC 3986); null if it is none, or too long. */
export function parseUri(text: string): Uri | null {
  if (text.length > maxUriOctets) return null
  if (text.startsWith('sip:')) return parseSip('sip', text, 4)
  const colon = text.indexOf(':')
  if (colon < 1 || skip(text, tokenChars, 0, colon) !== colon) return null
  const scheme = text.slice(0, colon).toLowerCase()
  if (scheme === 'sip' || scheme === 'sips') return parseSip(scheme, text, colon + 1)
  if (scheme === 'tel') return parseTel(text, colon + 1)
  return /^[a-z][a-z0-9+.-]*:[^\x00-\x20<>"\x7f]+$/i.test(text) ? { kind: 'other', scheme, text } : null
}

function parseSip(scheme: 'sip' | 'sips', text: string, from: number): SipUri | null {
  const at = text.indexOf('@', from)
  const hostStart = at < 0 ? from : at + 1
  const hostEnd = skipHostPort(text, hostStart)
  const address = parseHostPort(text, hostStart, hostEnd)
  if (address === null) return null
  const mark = text.indexOf('?', hostEnd)
  const paramsEnd = mark < 0 ? text.length : mark
  const params = parseUriParams(text, hostEnd, paramsEnd, uriParamChars)
  const headers = mark < 0 ? noHeaders : parseUriHeaders(text, mark)
  if (params === null || headers === null) return null
  const { host, port } = address
  if (at < 0) return { kind: 'sip', scheme, user: null, password: null, host, port, params, headers, text }
  const colon = text.indexOf(':', from)
  const userEnd = colon < 0 ? at : Math.min(colon, at)
  if (userEnd === from || !spansEscaped(text, userChars, from, userEnd)) return null
  const password = userEnd === at ? null : text.slice(userEnd + 1, at)
  if (password !== null && !spansEscaped(text, passwordChars, userEnd + 1, at)) return null
  return { kind: 'sip', scheme, user: text.slice(from, userEnd), password, host, port, params, headers, text }
}

const noHeaders: readonly UriHeader[] = []

function skipHostPort(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x3b || code === 0x3f) return at
  }
  return text.length
}

// Inside a URI no white space and no quotes are allowed, unlike in a header's parameters.
function parseUriParams(text: string, from: number, to: number, chars: number): Params | null {
  if (from === to) return Params.none
  const parts = text.slice(from + 1, to).split(';', maxParams + 1)
  if (text.charCodeAt(from) !== 0x3b || parts.length > maxParams) return null
  const params: Param[] = []
  for (const part of parts) {
    const equals = part.indexOf('=')
    const nameEnd = equals < 0 ? part.length : equals
    if (nameEnd === 0 || !spansEscaped(part, chars, 0, nameEnd)) return null
    if (equals === part.length - 1 || !spansEscaped(part, chars, nameEnd + 1, part.length)) return null
    const name = part.slice(0, nameEnd)
    // §19.1.2: names are compared unescaped; spansEscaped has seen that this cannot fail.
    params.push({ key: lowerCase(unescapeUser(name) ?? name), name, raw: part.slice(nameEnd + 1) })
  }
  return Params.from(params)
}

function parseUriHeaders(text: string, mark: number): UriHeader[] | null {
  const parts = text.slice(mark + 1).split('&', maxParams + 1)
  if (parts.length > maxParams) return null
  const headers: UriHeader[] = []
  for (const part of parts) {
    const equals = part.indexOf('=')
    if (equals < 1 || !spansEscaped(part, uriHeaderChars, 0, equals)) return null
    if (!spansEscaped(part, uriHeaderChars, equals + 1, part.length)) return null
    headers.push([part.slice(0, equals), part.slice(equals + 1)])
  }
  return headers
}

function parseTel(text: string, from: number): TelUri | null {
  const semicolon = text.indexOf(';', from)
  const end = semicolon < 0 ? text.length : semicolon
  const number = text.slice(from, end)
  // RFC 3966 §3: a global number is digits, a local one may hold the other keys too; neither is separators alone.
  const chars = number.startsWith('+') ? /^\+[-.()0-9]+$/ : /^[-.()0-9a-f*#]+$/i
  if (!chars.test(number) || !/[0-9a-f*#]/i.test(number)) return null
  const params = parseUriParams(text, end, text.length, uriParamChars)
  return params === null ? null : { kind: 'tel', scheme: 'tel', number, params, text }
}

/**
 * A SIP URI of our own. `user` is escaped text (see `escapeUser`), as `Params` and headers are. Throws if the parts make
 * no valid URI.
 */
export function sipUri(parts: {
  readonly scheme?: 'sip' | 'sips'
  readonly user?: string | null
  readonly host: string
  readonly port?: number | null
  readonly params?: Params
  readonly headers?: readonly UriHeader[]
}): SipUri {
  const { scheme = 'sip', user = null, host, port = null, params = Params.none, headers = noHeaders } = parts
  const query = headers.map(([name, value]) => `${name}=${value}`).join('&')
  const text = `${scheme}:${user === null ? '' : `${user}@`}${formatHostPort(host, port)}${params}${query && `?${query}`}`
  const uri = parseUri(text)
  if (uri?.kind !== 'sip') throw new TypeError(`not a SIP URI: ${JSON.stringify(text)}`)
  return uri
}

/** The URI without the headers that it may ask for; all else exactly as written. */
export function withoutHeaders(uri: Uri): Uri {
  if (uri.kind !== 'sip' || uri.headers.length === 0) return uri
  // A user part may have a question mark, too.
  const mark = uri.text.indexOf('?', uri.text.indexOf('@') + 1)
  return { ...uri, headers: noHeaders, text: uri.text.slice(0, mark) }
}

/** The octets that an escaped user part stands for: %HH resolved (RFC 3261 §19.1.2); null if an escape is malformed. */
export function unescapeUser(user: string): string | null {
  if (!user.includes('%')) return user
  if (/%(?![0-9a-f]{2})/i.test(user)) return null
  return user.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** An octet string as a user part: what may not stand there by itself is escaped, and `#` and `;` too. */
export function escapeUser(octets: string): string {
  return octets.replace(
    /[^-A-Za-z0-9_.!~*'()&=+$,?/]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
