import { ipv6Groups } from './host.ts'
import type { Params } from './params.ts'
import type { SipUri, TelUri, Uri } from './uri.ts'

/**
 * Whether two URIs are the same: RFC 3261 §19.1.4 for sip and sips, RFC 3966 §5 for tel; others by their text. Note that
 * this relation is not transitive: parameters unknown to one side are ignored.
 */
export function sameUri(a: Uri, b: Uri): boolean {
  if (a.text === b.text) return true
  if (a.kind === 'sip' && b.kind === 'sip') return sameSip(a, b)
  if (a.kind === 'tel' && b.kind === 'tel') return sameTel(a, b)
  return false
}

function sameSip(a: SipUri, b: SipUri): boolean {
  return (
    a.scheme === b.scheme &&
    a.port === b.port &&
    sameHost(a.host, b.host) &&
    sameOctets(a.user, b.user) &&
    sameOctets(a.password, b.password) &&
    sameParams(a.params, b.params) &&
    sameHeaders(a, b)
  )
}

// RFC 5954 §4.2: an IPv6 address has many notations.
function sameHost(a: string, b: string): boolean {
  if (a === b) return true
  if (!a.includes(':') || !b.includes(':')) return false
  return ipv6Groups(a)?.join() === ipv6Groups(b)?.join()
}

function sameOctets(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && canonical(a) === canonical(b))
}

// An escaped octet equals the plain one, save for the reserved characters, which mean something else unescaped.
function canonical(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%([0-9a-f]{2})/gi, (escaped, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16))
    return /[;/?:@&=+$,]/.test(char) ? escaped.toUpperCase() : char
  })
}

// These say where a request goes; present on one side only, they make the URIs differ.
const decisive = ['user', 'ttl', 'method', 'maddr', 'transport']

function sameParams(a: Params, b: Params): boolean {
  for (const key of decisive) if (a.has(key) !== b.has(key)) return false
  for (const [key] of a) {
    const [value, other] = [a.get(key), b.get(key)]
    if (value !== null && other !== null && !sameText(value, other)) return false
  }
  return true
}

function sameText(a: string, b: string): boolean {
  return canonical(a).toLowerCase() === canonical(b).toLowerCase()
}

function sameHeaders(a: SipUri, b: SipUri): boolean {
  if (a.headers.length !== b.headers.length) return false
  return headerList(a) === headerList(b)
}

function headerList(uri: SipUri): string {
  return uri.headers
    .map(([name, value]) => `${canonical(name).toLowerCase()}=${canonical(value)}`)
    .sort()
    .join('&')
}

function sameTel(a: TelUri, b: TelUri): boolean {
  if (digits(a.number) !== digits(b.number) || a.params.size !== b.params.size) return false
  for (const [key, value] of a.params) {
    const other = b.params.get(key)
    if (other === null || digits(value) !== digits(other)) return false
  }
  return true
}

function digits(number: string): string {
  return number.replace(/[-.()]/g, '').toLowerCase()
}
