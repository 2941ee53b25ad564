import type { CSeq, NameAddr, Via } from './fields.ts'
import type { Headers } from './headers.ts'
import type { Uri } from './uri.ts'

/**
 * A SIP message as it came or as it will leave. Text is octets: each character of a header value stands for one octet
 * of the wire (Latin-1), so that whatever came, valid UTF-8 or not, is written back unharmed. `fromUtf8` and `toUtf8`
 * (text.ts) translate at the edge, where a person reads or types.
 */
export type SipMessage = SipRequest | SipResponse

/** The accessors of a message that was parsed never throw; those of one we built do if its header is missing or wrong. */
interface MessageCommon {
  readonly headers: Headers
  readonly body: Uint8Array
  /** The topmost Via, RFC 3261 §20.42. */
  readonly via: Via
  readonly from: NameAddr
  readonly to: NameAddr
  readonly callId: string
  readonly cSeq: CSeq
}

export interface SipRequest extends MessageCommon {
  readonly kind: 'request'
  readonly method: string
  readonly uri: Uri
  /** Max-Forwards, RFC 3261 §20.22; null if it is missing. */
  readonly maxForwards: number | null
}

export interface SipResponse extends MessageCommon {
  readonly kind: 'response'
  /** 100–699. */
  readonly status: number
  readonly reason: string
}

/** The parts of a message that go onto the wire: what `writeMessage` needs. */
export type WritableMessage =
  | Pick<SipRequest, 'kind' | 'method' | 'uri' | 'headers' | 'body'>
  | Pick<SipResponse, 'kind' | 'status' | 'reason' | 'headers' | 'body'>

/**
 * What could not be read. `status` is the answer to give if it was a request one can answer, null if it must be
 * dropped (a response, an ACK, or too broken to know where an answer would go).
 */
export interface Malformed {
  readonly kind: 'malformed'
  /** One phrase of ours, never the peer's octets: fit for an answer's reason phrase (RFC 3261 §21.4.1). */
  readonly reason: string
  readonly status: number | null
  /** What an answer needs, where it could be read: headers with Via, From, To, Call-ID and CSeq. */
  readonly headers: Headers | null
  /** The topmost Via if it could be read; without it an answer can only go to where the request came from. */
  readonly via: Via | null
  readonly method: string | null
}

/** A datagram of CR, LF or NUL alone: a keepalive, nothing to answer on UDP. */
export interface Keepalive {
  readonly kind: 'keepalive'
}
