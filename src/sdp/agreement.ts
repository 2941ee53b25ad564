import type { Endpoint } from '../platform/network.ts'
import type { AgreedCrypto, CryptoKey } from './crypto.ts'
import type { CodecFormat, Direction, PayloadFormat } from './description.ts'
import { codecOf } from './match.ts'
import { numbersOf } from './payloadTypes.ts'
import type { Candidate, Fingerprint, IceCredentials } from './secure.ts'

/**
 * What one leg's offer or answer asks of the call's other leg: all of a description that crosses. Addresses, m-lines and
 * numbering stay each leg's own.
 */
export interface Wish {
  /** In the order of preference, each codec once. The payload types are a suggestion to the other leg. */
  readonly formats: readonly PayloadFormat[]
  /** As the peer said it, from its side; every old and new way to say hold is already understood. */
  readonly direction: Direction
  /** ms */
  readonly ptime: number | null
}

/** Where our description tells this peer to send. */
export interface Local {
  readonly address: string
  readonly port: number
  readonly rtcpPort: number
  /** Of a leg that is secured as WebRTC is; null: any other. */
  readonly secure: LocalSecure | null
  /** What we send with on a leg of SRTP, one for each suite, the preferred first; left out: any other. */
  readonly crypto?: readonly CryptoKey[]
}

/** Our end of a way that ICE finds and DTLS secures. */
export interface LocalSecure {
  readonly ice: IceCredentials
  readonly candidates: readonly Candidate[]
  readonly fingerprint: Fingerprint
}

/** What the peer's end and ours have told each other. */
export interface AgreedSecure {
  readonly ice: IceCredentials & { readonly candidates: readonly Candidate[]; readonly lite: boolean }
  readonly dtls: {
    /** Ours. */
    readonly role: 'client' | 'server'
    /** Those that the peer's certificate may have. */
    readonly fingerprints: readonly Fingerprint[]
  }
}

/** One codec of an agreement. The numbers differ where the two sides numbered it differently (RFC 3264 §5.1). */
export interface AgreedFormat {
  /** As `codecOf` in match.ts names it. */
  readonly codec: string
  /** The payload type of packets from the peer: what our description said. */
  readonly receive: number
  /** The payload type of packets to the peer: what its description said. */
  readonly send: number
  /** The a=fmtp parameters by which the peer wants to receive it; null if it gave none. */
  readonly fmtp: string | null
}

/** What an offer and its answer agreed to, for one leg: what the media engine has to know of the peer. */
export interface Agreed {
  /** Where the peer wants RTP; null where it named nothing that packets can be sent to as it stands. */
  readonly rtp: Endpoint | null
  readonly rtcp: Endpoint | null
  /** Whether RTCP shares the port of RTP, on both sides (RFC 5761). */
  readonly rtcpMux: boolean
  /** In the answer's order: the first one is to be sent. */
  readonly formats: readonly AgreedFormat[]
  /** How long a packet the peer would have, ms; null: it did not say. */
  readonly ptime: number | null
  /** Whether we may send to the peer. */
  readonly sends: boolean
  /** Whether the peer may send to us. */
  readonly receives: boolean
  /** Of a leg that is secured as WebRTC is; null: any other. */
  readonly secure: AgreedSecure | null
  /** The keys of a leg of SRTP; null: any other. */
  readonly crypto: AgreedCrypto | null
}

/** The codecs of `answered`, in its order, with the numbers they have in our description and in theirs. */
export function agreedFormats(
  answered: readonly CodecFormat[],
  ours: readonly PayloadFormat[],
  theirs: readonly PayloadFormat[],
): readonly AgreedFormat[] {
  const receiving = numbersOf(ours)
  const sending = new Map(theirs.map((format) => [codecOf(format), format]))
  return answered.flatMap((format) => {
    const codec = codecOf(format)
    const [receive, send] = [receiving.get(codec), sending.get(codec)]
    if (receive === undefined || send === undefined) return []
    return [{ codec, receive, send: send.payloadType, fmtp: send.fmtp }]
  })
}

/** An offer or answer that can't be taken, with the SIP status that says so. */
export interface Rejected {
  readonly kind: 'rejected'
  readonly status: 488
  readonly reason: string
}

export function rejected(reason: string): Rejected {
  return { kind: 'rejected', status: 488, reason }
}
