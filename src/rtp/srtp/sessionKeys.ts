import { createCipheriv } from 'node:crypto'
import type { SrtpKey } from './srtpKeys.ts'

/** What one direction of RTP or RTCP is protected with. */
export interface SessionKeys {
  /** Of AES-128, 16 octets. */
  readonly cipher: Uint8Array
  /** Of HMAC-SHA1, 20 octets. */
  readonly auth: Uint8Array
  /** 14 octets. */
  readonly salt: Uint8Array
}

/** Labels of RFC 3711 §4.3.1 (§4.3.2): encryption, authentication, salt. */
const LABELS = { rtp: [0, 1, 2], rtcp: [3, 4, 5] } as const

/** The session keys of a master key (RFC 3711 §4.3): derived once, the key derivation rate is zero. */
export function deriveSessionKeys(master: SrtpKey, of: 'rtp' | 'rtcp'): SessionKeys {
  const [cipher, auth, salt] = LABELS[of]
  return { cipher: derive(master, cipher, 16), auth: derive(master, auth, 20), salt: derive(master, salt, 14) }
}

function derive(master: SrtpKey, label: number, length: number): Uint8Array {
  const start = new Uint8Array(16)
  start.set(master.salt)
  start[7] = (start[7] ?? 0) ^ label
  // RFC 3711 §4.3.3: the pseudorandom function is AES in counter mode, its keystream from this block on.
  return createCipheriv('aes-128-ctr', master.key, start).update(new Uint8Array(length))
}
