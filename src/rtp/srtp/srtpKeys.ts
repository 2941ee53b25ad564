/** A master key and its salt, of one direction (RFC 3711 §8.2). */
export interface SrtpKey {
  /** 16 octets. */
  readonly key: Uint8Array
  /** 14 octets. */
  readonly salt: Uint8Array
}

/** The keys of both directions, as DTLS-SRTP (RFC 5764) or SDES (RFC 4568) agreed on them; plain, so that they cross a port. */
export interface SrtpKeys {
  readonly profile: 'AES_CM_128_HMAC_SHA1_80'
  /** What we send with. */
  readonly local: SrtpKey
  /** What the peer sends with. */
  readonly remote: SrtpKey
}
