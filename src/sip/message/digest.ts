import crypto from 'node:crypto'

/** Digest algorithms by their registered names: RFC 7616 §6.1, RFC 8760. */
export type DigestAlgorithm = 'MD5' | 'SHA-256'

/** What a response is computed from. Text is octets, as on the wire, unquoted. */
export interface DigestInput {
  /** `ha1` of the user. */
  readonly ha1: string
  readonly algorithm: DigestAlgorithm
  readonly method: string
  /** The digest-uri exactly as the client wrote it. */
  readonly uri: string
  readonly nonce: string
  /** null: the client sent none, the form of RFC 2069; then `nc` and `cnonce` do not count. */
  readonly qop: 'auth' | 'auth-int' | null
  readonly nc: string
  readonly cnonce: string
  /** The message body, for auth-int. */
  readonly body?: Uint8Array
}

/** H(user:realm:password), RFC 7616 §3.4.2, lower-case hex. Arguments are octets: a password in UTF-8 goes through `toUtf8`. */
export function ha1(algorithm: DigestAlgorithm, user: string, realm: string, password: string): string {
  return hash(algorithm, `${user}:${realm}:${password}`)
}

/** The response parameter that these credentials must carry: RFC 7616 §3.4.1, RFC 2617 §3.2.2.1. Lower-case hex. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, qop, nonce } = input
  const ha2 = hash(algorithm, a2(input))
  const middle = qop === null ? nonce : `${nonce}:${input.nc}:${input.cnonce}:${qop}`
  return hash(algorithm, `${input.ha1}:${middle}:${ha2}`)
}

function a2({ algorithm, method, uri, qop, body }: DigestInput): string {
  const request = `${method}:${uri}`
  return qop === 'auth-int' ? `${request}:${hash(algorithm, body ?? '')}` : request
}

/** Whether two responses are the same, in a time that does not tell where they differ. Upper-case hex is taken too. */
export function sameDigest(expected: string, given: string): boolean {
  const a = Buffer.from(expected, 'latin1')
  const b = Buffer.from(given.toLowerCase(), 'latin1')
  return a.length === b.length && crypto.timingSafeEqual(a, b)
}

// The one-shot `crypto.hash` of Node 20.12 takes half the time of `createHash` and leaves no garbage.
const oneShot = typeof crypto.hash === 'function' ? crypto.hash : null

/** The hash in lower-case hex; a string is octets. */
export function hash(algorithm: DigestAlgorithm, data: string | Uint8Array): string {
  const octets = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
  const name = algorithm === 'MD5' ? 'md5' : 'sha256'
  return oneShot?.(name, octets, 'hex') ?? crypto.createHash(name).update(octets).digest('hex')
}
