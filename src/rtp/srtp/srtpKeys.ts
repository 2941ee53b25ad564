/** A master key and its salt, of one direction (RFC 3711 §8.2). */
export interface SrtpKey {
  /** 16 octets. */
  readonly key: Uint8Array
  /** 14 octets. */
  readonly salt: Uint8Array
}

/** How packets are protected: AES in counter mode and HMAC-SHA1, cut off to so many bits in RTP; RTCP always has 80 (RFC 4568 §6.2). */
export type SrtpProfile = 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32'

/** The keys of both directions, as DTLS-SRTP (RFC 5764) or SDES (RFC 4568) agreed on them; plain, so that they cross a port. */
export interface SrtpKeys {
  readonly profile: SrtpProfile
  /** What we send with. */
  readonly local: SrtpKey
  /** What the peer sends with. */
  readonly remote: SrtpKey
}
