import { createHash } from 'node:crypto'
import type { Credentials } from '../../../src/sip/auth/credentials.ts'
import { type Params, parseAuth } from '../../../src/sip/message/fields.ts'
import type { HeaderLine } from '../../../src/sip/message/headers.ts'

export const REALM = 'offhook-test'

type Algorithm = 'MD5' | 'SHA-256'

/** Digest as a phone computes it, on its own: RFC 7616 §3.4. */
function hash(algorithm: Algorithm, text: string): string {
  return createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text, 'latin1')
    .digest('hex')
}

/** What the server keeps of a user and its password. */
export function account(user: string, password: string, algorithms: Credentials['algorithms'] = null): Credentials {
  const a1 = `${user}:${REALM}:${password}`
  return { user, ha1: { md5: hash('MD5', a1), sha256: hash('SHA-256', a1) }, algorithms }
}

/** A phone's answer to a challenge. */
export interface Attempt {
  readonly user: string
  readonly password: string
  readonly nonce: string
  readonly method?: string
  readonly uri?: string
  readonly nc?: string
  readonly cnonce?: string
  /** null: the form of RFC 2069. */
  readonly qop?: 'auth' | null
  readonly algorithm?: Algorithm
}

/** The parameters of an Authorization header, unquoted. */
export function attempt(how: Attempt): Record<string, string> {
  const { user, password, nonce, method = 'REGISTER', uri = 'sip:10.0.0.1' } = how
  const { nc = '00000001', cnonce = '0a4f113b', qop = 'auth', algorithm = 'MD5' } = how
  const a1 = hash(algorithm, `${user}:${REALM}:${password}`)
  const a2 = hash(algorithm, `${method}:${uri}`)
  const middle = qop === null ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`
  const response = hash(algorithm, `${a1}:${middle}:${a2}`)
  const counted: Record<string, string> = qop === null ? {} : { qop, nc, cnonce }
  return { username: user, realm: REALM, nonce, uri, response, algorithm, ...counted }
}

/** An Authorization header as RFC 7616 §3.4 writes it. */
export function authorization(how: Attempt): string {
  const written = Object.entries(attempt(how)).map(([name, value]) =>
    ['algorithm', 'qop', 'nc'].includes(name) ? `${name}=${value}` : `${name}="${value}"`,
  )
  return `Digest ${written.join(', ')}`
}

/** The challenges among these headers. */
export function challenges(headers: readonly HeaderLine[]): Params[] {
  return headers.flatMap(([name, value]) => {
    const challenge = name === 'WWW-Authenticate' ? parseAuth(value) : null
    return challenge?.scheme === 'Digest' ? [challenge.params] : []
  })
}
