import type { SrtpKeys } from '../../rtp/srtp/srtpKeys.ts'

/** What SDP says of a certificate (RFC 8122 §5). */
export interface Fingerprint {
  /** The hash function in lower case: `sha-256`. */
  readonly algorithm: string
  /** Pairs of hex digits in upper case with colons between: `AA:BB:…`. */
  readonly value: string
}

export interface DtlsPeer {
  /** Ours: the client sends the first message. */
  readonly role: 'client' | 'server'
  /** The peer's; its certificate must have one of them. Those by MD5 and SHA-1 don't count. */
  readonly fingerprints: readonly Fingerprint[]
}

/** What a handshake has to say, never before `begin` has returned. `done` or `failed` comes at most once, nothing after `failed` or `closed`. */
export interface HandshakeEvents {
  send(datagram: Uint8Array): void
  /** The peer has proved that it holds the key of a certificate with one of its fingerprints. */
  done(keys: SrtpKeys): void
  /** One plain sentence why there will be no keys. */
  failed(reason: string): void
  /** The peer has said that it is done (close_notify). */
  closed(): void
}

export interface Handshake {
  /** Takes a datagram that came from the peer (RFC 7983: its first octet is 20–63). What is no DTLS is dropped. Never throws. */
  take(datagram: Uint8Array): void
  /** Tells the peer if there is a connection (close_notify); nothing more is sent or told. */
  close(): void
}

/** DTLS-SRTP handshakes (RFC 5764) of one process, with one certificate. */
export interface Handshakes {
  /** Of our certificate. */
  readonly fingerprint: Fingerprint
  begin(peer: DtlsPeer, events: HandshakeEvents): Handshake
  /** Closes all that are left. */
  close(): void
}
