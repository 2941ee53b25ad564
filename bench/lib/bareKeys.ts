import type { SrtpKey, SrtpKeys } from '../../src/rtp/srtp/srtpKeys.ts'

/** The keys of a floor, which agrees on none: any will do, for all cost the same. */
export function bareKeys(of: 'floor' | 'browser'): SrtpKeys {
  const [local, remote] = of === 'floor' ? [key(1), key(2)] : [key(2), key(1)]
  return { profile: 'AES_CM_128_HMAC_SHA1_80', local, remote }
}

function key(octet: number): SrtpKey {
  return { key: new Uint8Array(16).fill(octet), salt: new Uint8Array(14).fill(octet) }
}
