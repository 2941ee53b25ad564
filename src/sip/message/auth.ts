import { quote, skip, skipSpace, tokenChars } from './grammar.ts'
import { maxParams } from './limits.ts'
import { type Param, Params, readParam } from './params.ts'

/** WWW-Authenticate or Proxy-Authenticate, RFC 3261 §20.44. The scheme is as written; compare it in lower case. */
export interface Challenge {
  readonly scheme: string
  /** Names in lower case; `get` unquotes. */
  readonly params: Params
}

/** Authorization or Proxy-Authorization, §20.7: the same form. */
export type AuthCredentials = Challenge

/** Reads a scheme and its comma-separated parameters; null if it is malformed. */
export function parseAuth(text: string): Challenge | null {
  const schemeEnd = skip(text, tokenChars, 0)
  let at = skipSpace(text, schemeEnd)
  if (schemeEnd === 0 || at === schemeEnd) return null
  const params: Param[] = []
  while (at >= 0) {
    if (params.length === maxParams) return null
    at = readParam(text, at, params)
    if (at === text.length) return { scheme: text.slice(0, schemeEnd), params: Params.from(params) }
    at = text.charCodeAt(at) === 0x2c ? skipSpace(text, at + 1) : -1
  }
  return null
}

/** Writes a challenge. Values are octets, unquoted; RFC 7616 §3.3 says which ones are written in quotes. */
export function formatChallenge(scheme: string, values: Readonly<Record<string, string>>): string {
  return formatAuth(scheme, values, ['algorithm', 'stale'])
}

/** Writes credentials, or Authentication-Info's content where `scheme` is empty. RFC 7616 §3.4, §3.5. */
export function formatCredentials(scheme: string, values: Readonly<Record<string, string>>): string {
  return formatAuth(scheme, values, ['algorithm', 'qop', 'nc'])
}

function formatAuth(scheme: string, values: Readonly<Record<string, string>>, bare: readonly string[]): string {
  const written = Object.entries(values).map(([name, value]) => `${name}=${bare.includes(name) ? value : quote(value)}`)
  return `${scheme} ${written.join(', ')}`.trimStart()
}
