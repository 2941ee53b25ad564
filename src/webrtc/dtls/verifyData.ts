import { createHash, createHmac } from 'node:crypto'

/** Octets of verify_data. */
export const VERIFY_DATA_LENGTH = 12

/**
 * What a Finished message says (RFC 5246 §7.4.9), of all messages before it. The pseudorandom function is that of SHA-256,
 * which both suites that we take have; one block of it (§5) is more than is needed.
 */
export function verifyData(by: 'client' | 'server', masterSecret: Uint8Array, transcript: Uint8Array): Buffer {
  const hash = createHash('sha256').update(transcript).digest()
  const seed = Buffer.concat([Buffer.from(`${by} finished`), hash])
  const a1 = hmac(masterSecret, seed)
  return hmac(masterSecret, Buffer.concat([a1, seed])).subarray(0, VERIFY_DATA_LENGTH)
}

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest()
}
