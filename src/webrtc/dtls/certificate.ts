import { createHash, type KeyObject, X509Certificate } from 'node:crypto'
import type { Fingerprint } from './handshakes.ts'
import { Reader } from './reader.ts'

/** Hash functions by which two certificates can't be made alike (RFC 8122 §5 leaves MD5 and SHA-1 behind). */
const HASHES = new Map([
  ['sha-256', 'sha256'],
  ['sha-384', 'sha384'],
  ['sha-512', 'sha512'],
])
/** RSA keys outside of this are too weak, or cost too much to check with; bits. */
const RSA_BITS = { least: 2048, most: 4096 }
const MAX_EXPONENT = 0xffffffffn

/** The fingerprint of a certificate in DER. */
export function fingerprintOf(certificate: Uint8Array, algorithm = 'sha-256'): Fingerprint {
  const hash = HASHES.get(algorithm)
  if (hash === undefined) throw new RangeError(`no fingerprints by ${algorithm}`)
  const digest = createHash(hash).update(certificate).digest('hex').toUpperCase()
  return { algorithm, value: digest.replace(/..(?=.)/g, '$&:') }
}

/** The first certificate of a Certificate message (RFC 5246 §7.4.2), in DER; null if there is none. */
export function readCertificate(body: Buffer): Buffer | null {
  const reader = new Reader(body)
  const list = new Reader(reader.vector(3))
  const first = list.vector(3)
  return reader.failed || list.failed || first.length === 0 ? null : first
}

/** Whether a certificate has one of these fingerprints, by a hash function that proves something. */
export function hasFingerprint(certificate: Uint8Array, fingerprints: readonly Fingerprint[]): boolean {
  return fingerprints.some(({ algorithm, value }) => {
    const name = algorithm.toLowerCase()
    return HASHES.has(name) && fingerprintOf(certificate, name).value === value.toUpperCase()
  })
}

/** The public key of a certificate; null if it can't be read or is of a kind that we don't take. */
export function publicKeyOf(certificate: Uint8Array): KeyObject | null {
  try {
    const key = new X509Certificate(certificate).publicKey
    return isTaken(key) ? key : null
  } catch {
    return null
  }
}

function isTaken({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (asymmetricKeyType === 'ec') return true
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {}
  const isSized = modulusLength >= RSA_BITS.least && modulusLength <= RSA_BITS.most
  return asymmetricKeyType === 'rsa' && isSized && publicExponent <= MAX_EXPONENT
}
