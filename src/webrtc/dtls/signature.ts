import { type KeyObject, verify } from 'node:crypto'
import { Reader } from './reader.ts'

/** SignatureAndHashAlgorithm (RFC 5246 §7.4.1.4.1), without MD5 and SHA-1. */
const HASHES = new Map([
  [4, 'sha256'],
  [5, 'sha384'],
  [6, 'sha512'],
])
const KEY_TYPES = new Map([
  [1, 'rsa'],
  [3, 'ec'],
])
const NAMED_CURVE = 3

/** A signature as it stands in a message (RFC 5246 §4.7). */
interface Signed {
  readonly hash: number
  readonly algorithm: number
  readonly signature: Buffer
}

/** Whether the signature of a CertificateVerify (RFC 5246 §7.4.8) is that of all messages before it by this key. */
export function isVerified(body: Buffer, key: KeyObject, transcript: Buffer): boolean {
  const reader = new Reader(body)
  const signed = readSigned(reader)
  return signed !== null && reader.left === 0 && isSigned(signed, key, transcript)
}

/**
 * Whether the parameters in a ServerKeyExchange (RFC 8422 §5.4) are signed by this key, for these two randoms
 * (RFC 5246 §7.4.3).
 */
export function isKeyExchangeSigned(body: Buffer, key: KeyObject, clientRandom: Buffer, serverRandom: Buffer): boolean {
  const reader = new Reader(body)
  const curveType = reader.uint8()
  reader.skip(2)
  reader.vector(1)
  const params = body.subarray(0, reader.at)
  const signed = readSigned(reader)
  if (signed === null || curveType !== NAMED_CURVE || reader.left > 0) return false
  return isSigned(signed, key, Buffer.concat([clientRandom, serverRandom, params]))
}

function readSigned(reader: Reader): Signed | null {
  const signed = { hash: reader.uint8(), algorithm: reader.uint8(), signature: reader.vector(2) }
  return reader.failed ? null : signed
}

function isSigned({ hash, algorithm, signature }: Signed, key: KeyObject, data: Buffer): boolean {
  const name = HASHES.get(hash)
  if (name === undefined || KEY_TYPES.get(algorithm) !== key.asymmetricKeyType) return false
  try {
    return verify(name, data, key, signature)
  } catch {
    return false
  }
}
