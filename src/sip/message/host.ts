import { decimal, hexChars, hostChars, lowerCase, skip, spans } from './grammar.ts'

/** A host and port as SIP writes them: in a URI, and as Via's sent-by. */
export interface HostPort {
  /** Lower case; an IPv6 address without brackets. */
  readonly host: string
  /** 0–65535; null: the default of the transport. */
  readonly port: number | null
}

/** Reads [from, to) as `host [":" port]`, RFC 3261 §25.1; null if it is anything else. */
export function parseHostPort(text: string, from: number, to: number): HostPort | null {
  const bracketed = text.charCodeAt(from) === 0x5b
  const end = bracketed ? text.indexOf(']', from) + 1 : skip(text, hostChars, from, to)
  if (end <= from || end > to) return null
  const host = bracketed ? ipv6Reference(text.slice(from + 1, end - 1)) : lowerCase(text.slice(from, end))
  if (host === null) return null
  if (end === to) return { host, port: null }
  const port = to - end > 6 ? Number.NaN : decimal(text, end + 1, to)
  return text.charCodeAt(end) === 0x3a && port <= 65_535 ? { host, port } : null
}

// RFC 5118 §4.10: a mistake in the grammar of RFC 3261 makes some write a third colon before an embedded IPv4 address.
function ipv6Reference(text: string): string | null {
  const address = text.toLowerCase().replace(/:::(?=[0-9.]+$)/, '::')
  return ipv6Groups(address) === null ? null : address
}

/** `host[:port]`, brackets round an IPv6 address. */
export function formatHostPort(host: string, port: number | null): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === null ? name : `${name}:${port}`
}

/** The eight 16-bit groups of an IPv6 address in any of its notations (RFC 4291 §2.2), no brackets; null if it is none. */
export function ipv6Groups(text: string): number[] | null {
  if (text.length < 2 || text.length > 45) return null
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = readGroups(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? readGroups(halves[1] ?? '', true) : []
  if (head === null || tail === null) return null
  const gap = 8 - head.length - tail.length
  if (halves.length === 2 ? gap < 1 : gap !== 0) return null
  return [...head, ...new Array<number>(gap).fill(0), ...tail]
}

function readGroups(text: string, last: boolean): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const quad = last && index === parts.length - 1 && part.includes('.') ? ipv4Octets(part) : null
    if (quad !== null) {
      groups.push(quad[0] * 256 + quad[1], quad[2] * 256 + quad[3])
    } else {
      if (part.length > 4 || !spans(part, hexChars)) return null
      groups.push(Number.parseInt(part, 16))
    }
  }
  return groups
}

/** The four octets of a dotted IPv4 address; null if it is none. */
export function ipv4Octets(text: string): [number, number, number, number] | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (match === null) return null
  const octets = match.slice(1).map(Number)
  const [a = 256, b = 256, c = 256, d = 256] = octets
  return a < 256 && b < 256 && c < 256 && d < 256 ? [a, b, c, d] : null
}
