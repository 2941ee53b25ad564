/** The structured values of header fields. A `parse…` takes what the network sent and gives null for what is malformed. */

import { decimal, skip, skipSpace, spans, tokenChars } from './grammar.ts'
import type { Headers } from './headers.ts'
import { type Params, parseParams } from './params.ts'

export { type AuthCredentials, type Challenge, formatChallenge, formatCredentials, parseAuth } from './auth.ts'
export {
  contacts,
  formatNameAddr,
  type NameAddr,
  parseContacts,
  parseNameAddr,
  parseNameAddrs,
  routes,
} from './nameAddr.ts'
export { Params, paramValue } from './params.ts'
export { formatVia, parseVia, topVia, type Via } from './via.ts'

/** RFC 3261 §20.16. */
export interface CSeq {
  /** 0 to 2^31-1, §8.1.1.5. */
  readonly number: number
  readonly method: string
}

export function parseCSeq(text: string): CSeq | null {
  const end = skip(text, tokenChars, 0)
  const start = skipSpace(text, end)
  const number = decimal(text, 0, end)
  if (!(number < 2 ** 31) || start === end || !spans(text, tokenChars, start)) return null
  return { number, method: text.slice(start) }
}

/** The tokens of a list like Supported, Require or Allow, all fields together, as written; empty places are skipped. */
export function tokens(headers: Headers, key: string): string[] {
  return headers.list(key).filter((token) => token !== '')
}

/** A token or other value with parameters, as in Event, Reason, Content-Type, Subscription-State or Session-Expires. */
export interface Parameterized {
  readonly value: string
  readonly params: Params
}

export function parseParameterized(text: string): Parameterized | null {
  const semicolon = text.indexOf(';')
  const value = (semicolon < 0 ? text : text.slice(0, semicolon)).trim()
  const params = parseParams(text, semicolon < 0 ? text.length : semicolon)
  return value === '' || params === null ? null : { value, params }
}

/** An unsigned number of at most 32 bits, as seconds are (§25.1 delta-seconds); null if it is malformed or larger. */
export function parseSeconds(text: string): number | null {
  const seconds = decimal(text)
  return seconds <= 0xffff_ffff ? seconds : null
}

/** An expiry, in seconds: what cannot be read, or is out of range, counts as one hour (RFC 3261 §20.10). */
export function parseExpires(text: string): number {
  return parseSeconds(text) ?? 3600
}

/** A q value in thousandths, 0–1000 (§25.1: at most three decimals); null if it is malformed. */
export function parseQ(text: string): number | null {
  if (!/^(0(\.[0-9]{0,3})?|1(\.0{0,3})?)$/.test(text)) return null
  return Math.round(Number(text) * 1000)
}
