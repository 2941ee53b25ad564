import { decimal, spans, tokenChars } from './grammar.ts'
import { maxUriOctets } from './limits.ts'
import { parseUri, type Uri } from './uri.ts'

/** The first line of a message, RFC 3261 §7.1 and §7.2. */
export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: Uri }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string }
  | BadStartLine

/** `status` is what to answer; `method` is null where it is no request. */
export interface BadStartLine {
  readonly kind: 'bad'
  readonly method: string | null
  readonly status: number
  readonly reason: string
}

/** Reads a line without its line end. Single spaces only, as the grammar says (RFC 4475 §3.1.2.8–3.1.2.10). */
export function parseStartLine(line: string): StartLine {
  const space = line.indexOf(' ')
  if (line.startsWith('SIP/')) return parseStatusLine(line, space)
  if (space < 1 || !spans(line, tokenChars, 0, space)) return bad(null, 400, 'No Request-Line')
  const method = line.slice(0, space)
  const last = line.lastIndexOf(' ')
  const version = line.slice(last + 1)
  if (last === space || !isVersion(version)) {
    const other = last > space && /^SIP\/[0-9]+\.[0-9]+$/i.test(version)
    return other ? bad(method, 505, 'Version Not Supported') : bad(method, 400, 'Bad SIP Version')
  }
  if (last - space - 1 > maxUriOctets) return bad(method, 414, 'Request-URI Too Long')
  const uri = parseUri(line.slice(space + 1, last))
  if (uri === null) return bad(method, 400, 'Malformed Request-URI')
  // RFC 3261 §19.1.1, table 1: a Request-URI has no headers.
  if (uri.kind === 'sip' && uri.headers.length > 0) return bad(method, 400, 'Headers in Request-URI')
  return { kind: 'request', method, uri }
}

function parseStatusLine(line: string, space: number): StartLine {
  const end = line.indexOf(' ', space + 1)
  const digitsEnd = end < 0 ? line.length : end
  const status = digitsEnd - space === 4 ? decimal(line, space + 1, digitsEnd) : Number.NaN
  if (space < 0 || !isVersion(line.slice(0, space))) return bad(null, 505, 'Version Not Supported')
  if (!(status >= 100 && status <= 699)) return bad(null, 400, 'Bad Status Code')
  if (line.includes('\r')) return bad(null, 400, 'CR Inside the Status-Line')
  return { kind: 'response', status, reason: end < 0 ? '' : line.slice(end + 1) }
}

// §7.1: the version is compared without regard to case.
function isVersion(text: string): boolean {
  return text === 'SIP/2.0' || (text.length === 7 && text.toUpperCase() === 'SIP/2.0')
}

function bad(method: string | null, status: number, reason: string): BadStartLine {
  return { kind: 'bad', method, status, reason }
}
