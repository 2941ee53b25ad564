import type { SrtpKeys } from '../../rtp/srtp/srtpSession.ts'

/** A certificate's hash, as SDP writes it (RFC 8122 §5). */
export interface Fingerprint {
  /** As in `sha-256`, lower case. */
  readonly algorithm: string
  /** Octets in hex with colons between, upper case. */
  readonly value: string
}

/** Whom to shake hands with. */
export interface DtlsPeer {
  /** Our role. */
  readonly role: 'client' | 'server'
  /** Those that the peer's certificate may have. */
  readonly fingerprints: readonly Fingerprint[]
}

export interface HandshakeEvents {
  send(datagram: Uint8Array): void
  done(keys: SrtpKeys): void
  failed(reason: string): void
  /** The peer has said goodbye (close_notify). */
  closed(): void
}

/** A handshake under way, or done. */
export interface Handshake {
  take(datagram: Uint8Array): void
  /** Says goodbye; nothing more is sent or told. */
  close(): void
}

/** DTLS with a certificate of ours. */
export interface Handshakes {
  /** Of our certificate. */
  readonly fingerprint: Fingerprint
  begin(peer: DtlsPeer, events: HandshakeEvents): Handshake
  close(): void
}
