import { isSpace, quote, skipQuoted, skipSpace, unquote } from './grammar.ts'
import type { Headers } from './headers.ts'
import { maxAddresses } from './limits.ts'
import { Params, parseParams } from './params.ts'
import { parseUri, type Uri } from './uri.ts'

/** An address as From, To, Contact, Route and their kin hold it: RFC 3261 §20.10, §25.1. */
export interface NameAddr {
  /** Unquoted, octets; null if there is none. */
  readonly displayName: string | null
  readonly uri: Uri
  /** Those of the header, outside the angle brackets. */
  readonly params: Params
  /** The tag parameter; null if there is none. */
  readonly tag: string | null
  readonly text: string
}

/** Reads one name-addr or addr-spec with its parameters; null if it is malformed. */
export function parseNameAddr(text: string): NameAddr | null {
  const start = skipSpace(text, 0)
  const nameEnd = text.charCodeAt(start) === 0x22 ? skipQuoted(text, start) : start
  if (nameEnd < 0) return null
  const open = openingBracket(text, nameEnd)
  if (nameEnd > start) {
    if (open !== skipSpace(text, nameEnd)) return null
    return bracketed(text, open, unquote(text, start, nameEnd))
  }
  return open < 0 ? bare(text, start) : bracketed(text, open, open === start ? null : text.slice(start, open).trim())
}

// A display name that should have been quoted is taken as it is (RFC 4475 §3.1.2.15); one with a quote or a semicolon in
// it is not told from an addr-spec with parameters.
function openingBracket(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x3c) return at
    if (code === 0x22 || code === 0x3b) return -1
  }
  return -1
}

function bracketed(text: string, open: number, displayName: string | null): NameAddr | null {
  const close = text.indexOf('>', open)
  if (close < 0) return null
  const uri = parseUri(text.slice(open + 1, close))
  const params = parseParams(text, close + 1)
  if (uri === null || params === null) return null
  return { displayName: displayName || null, uri, params, tag: params.get('tag'), text }
}

function bare(text: string, start: number): NameAddr | null {
  let end = start
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === 0x3b || isSpace(code)) break
    // §20.10: a URI with a comma or question mark must stand in angle brackets.
    if (code === 0x2c || code === 0x3f) return null
  }
  const uri = parseUri(text.slice(start, end))
  const params = parseParams(text, end)
  return uri === null || params === null ? null : { displayName: null, uri, params, tag: params.get('tag'), text }
}

/** `"Alice" <sip:alice@example.com>;tag=1`: the name always quoted, the URI always in angle brackets. */
export function formatNameAddr(address: { displayName?: string | null; uri: Uri; params?: Params }): string {
  const name = address.displayName ? `${quote(address.displayName)} ` : ''
  return `${name}<${address.uri.text}>${address.params ?? Params.none}`
}

/** The addresses in all fields of a header like Path or P-Asserted-Identity; null if one is malformed or there are too many. */
export function parseNameAddrs(headers: Headers, key: string): NameAddr[] | null {
  const addresses: NameAddr[] = []
  for (const value of headers.list(key)) {
    const address = addresses.length < maxAddresses ? parseNameAddr(value) : null
    if (address === null) return null
    addresses.push(address)
  }
  return addresses
}

/** All Contacts, `*` if that is what was written (§10.2.2); null if one is malformed or `*` is not alone. */
export function parseContacts(headers: Headers): NameAddr[] | '*' | null {
  if (headers.first('contact') === '*') return headers.all('contact').length === 1 ? '*' : null
  return parseNameAddrs(headers, 'contact')
}

/** All Contacts of a message that was parsed, and so was checked. */
export function contacts(headers: Headers): readonly NameAddr[] | '*' {
  return checked(parseContacts(headers), 'contact')
}

/** The addresses of Route or Record-Route, topmost first, of a message that was parsed, and so was checked. */
export function routes(headers: Headers, key: 'route' | 'record-route'): readonly NameAddr[] {
  return checked(parseNameAddrs(headers, key), key)
}

function checked<T>(value: T | null, key: string): T {
  if (value === null) throw new TypeError(`malformed ${key} in a message that was not parsed`)
  return value
}
