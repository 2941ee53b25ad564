import { SrtpSession } from '../../../src/rtp/srtp/srtpSession.ts'

export const octets = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The master key and salt of RFC 3711 B.3. */
export const MASTER = { key: octets('e1f97a0d3e018be0d64fa32c06de4139'), salt: octets('0ec675ad498afeebb6960b3aabe6') }
export const OTHER = { key: octets('00112233445566778899aabbccddeeff'), salt: octets('a0a1a2a3a4a5a6a7a8a9aaabacad') }

/** Two ends that share their keys. */
export function pair(): { a: SrtpSession; b: SrtpSession } {
  const profile = 'AES_CM_128_HMAC_SHA1_80'
  return {
    a: new SrtpSession({ profile, local: MASTER, remote: OTHER }),
    b: new SrtpSession({ profile, local: OTHER, remote: MASTER }),
  }
}
