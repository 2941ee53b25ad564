import { Md5 } from 'sip.js/lib/core/messages/md5.js'

/** A server's challenge (RFC 7616 §3.3), as far as we answer it. */
export interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | null
  /** `auth` if the server offers it, else null as in RFC 2069. */
  readonly qop: 'auth' | null
}

/** MD5 of the UTF-8 octets of `text`, in hexadecimal. */
export function md5(text: string): string {
  return Md5.hashStr(text)
}

/** What stands for the password (RFC 7616 §3.4.2): whoever has it can sign in to `realm`, and nowhere else. */
export function ha1Of(user: string, realm: string, password: string): string {
  return md5(`${user}:${realm}:${password}`)
}

/** The first Digest challenge with MD5 in the value of a WWW-Authenticate header; null if there is none. */
export function challengeIn(header: string): Challenge | null {
  for (const part of header.split(/,\s*(?=Digest\s)|^(?=Digest\s)/i)) {
    const values = new Map(parametersOf(part.replace(/^\s*Digest\s+/i, '')))
    const realm = values.get('realm')
    const nonce = values.get('nonce')
    if (realm === undefined || nonce === undefined) continue
    if ((values.get('algorithm') ?? 'MD5').toUpperCase() !== 'MD5') continue
    const qop = values
      .get('qop')
      ?.split(/\s*,\s*/)
      .includes('auth')
      ? 'auth'
      : null
    return { realm, nonce, opaque: values.get('opaque') ?? null, qop }
  }
  return null
}

function* parametersOf(text: string): Generator<readonly [string, string]> {
  for (const [, name = '', quoted, token] of text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)) {
    yield [name.toLowerCase(), quoted === undefined ? (token ?? '') : quoted.replace(/\\(.)/g, '$1')]
  }
}

export interface DigestRequest {
  readonly user: string
  readonly ha1: string
  readonly method: string
  /** The request's path. */
  readonly uri: string
  readonly cnonce: string
}

/** The value of the Authorization header that answers `challenge` for the first time (nc = 1). */
export function authorization(challenge: Challenge, { user, ha1, method, uri, cnonce }: DigestRequest): string {
  const { realm, nonce, opaque, qop } = challenge
  const ha2 = md5(`${method}:${uri}`)
  const response = md5(qop ? `${ha1}:${nonce}:00000001:${cnonce}:auth:${ha2}` : `${ha1}:${nonce}:${ha2}`)
  const values = [
    `username=${quoted(user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
    'algorithm=MD5',
    ...(opaque === null ? [] : [`opaque=${quoted(opaque)}`]),
    ...(qop ? [`cnonce="${cnonce}"`, 'nc=00000001', 'qop=auth'] : []),
  ]
  return `Digest ${values.join(', ')}`
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
