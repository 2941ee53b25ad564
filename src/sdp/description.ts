import type { Crypto } from './crypto.ts'
import type { SecureDescription } from './secure.ts'

/** Who sends: RFC 3264 §5.1, seen from the side whose description this is. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** A codec as SDP names it. What makes two formats the same codec: `codecOf` in match.ts. */
export interface CodecFormat {
  /** Encoding name, as in PCMU or telephone-event. */
  readonly name: string
  /** RTP clock rate, Hz. */
  readonly clockRate: number
  readonly channels: number
  /** The a=fmtp parameters, as they stood; null if there are none. */
  readonly fmtp: string | null
}

/** A codec with the RTP payload type (0–127) one side wants to receive it under. */
export interface PayloadFormat extends CodecFormat {
  readonly payloadType: number
}

/** One m-line. */
export interface MediaDescription {
  readonly kind: string
  /** 0: refused. */
  readonly port: number
  /** The transport protocol of the m-line, as in RTP/AVP. */
  readonly protocol: string
  /** In the order of the m-line; payload types that nothing gives a meaning are left out. Empty where it is not RTP. */
  readonly formats: readonly PayloadFormat[]
  /** The fmt list as written, for protocols whose formats are no payload types. */
  readonly rawFormats: string
  /**
   * From this m-line's c=, else the session's: an IP address (IPv6 as RFC 5952 writes it, IPv4-mapped as IPv4) or a host
   * name. null: there is none, legal only where the port is 0.
   */
  readonly address: string | null
  readonly direction: Direction
  /** a=ptime, ms. */
  readonly ptime: number | null
  /** a=rtcp (RFC 3605), else port + 1 at the same address. Port 0: none. */
  readonly rtcp: { readonly address: string | null; readonly port: number }
  readonly rtcpMux: boolean
  /** What it says of ICE and DTLS; null: nothing, or not all. */
  readonly secure: SecureDescription | null
  /** The keys of SRTP that we can take, in its order of preference. */
  readonly crypto: readonly Crypto[]
}

/** The o= line. */
export interface Origin {
  readonly username: string
  /** Decimal digits, more than a number holds. */
  readonly sessionId: string
  readonly version: string
  readonly address: string
}

/** A session description that passed every check. Text is octets, one character (U+0000–U+00FF) each. */
export interface SessionDescription {
  readonly kind: 'description'
  readonly origin: Origin
  readonly media: readonly MediaDescription[]
}

/** A body that is no session description. */
export interface MalformedDescription {
  readonly kind: 'malformed'
  readonly reason: string
}

export function malformed(reason: string): MalformedDescription {
  return { kind: 'malformed', reason }
}
