// Handshake messages of DTLS (RFC 6347 §4.2.2) and their fragments.

/** Types of handshake messages (RFC 5246 §7.4, RFC 6347 §4.3.2). */
export const MESSAGE = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const

const HEADER_LENGTH = 12

export interface Fragment {
  readonly type: number
  /** Octets of the whole message. */
  readonly length: number
  /** message_seq: each side counts its messages. */
  readonly sequence: number
  /** Where in the message it begins, octets. */
  readonly offset: number
  /** A view. */
  readonly body: Buffer
}

/** A whole message. */
export interface Message {
  readonly type: number
  readonly sequence: number
  readonly body: Buffer
  /** With the header that it has unfragmented: what signatures and Finished are computed over (RFC 6347 §4.2.6). */
  readonly octets: Buffer
}

/** The fragments in a record's plain text; null if they do not fill it exactly, or one does not fit into its message. */
export function readFragments(plain: Buffer): readonly Fragment[] | null {
  const fragments: Fragment[] = []
  let at = 0
  while (at + HEADER_LENGTH <= plain.length) {
    const start = at + HEADER_LENGTH
    const end = start + plain.readUIntBE(at + 9, 3)
    const length = plain.readUIntBE(at + 1, 3)
    const offset = plain.readUIntBE(at + 6, 3)
    if (end > plain.length || offset + end - start > length) return null
    const body = plain.subarray(start, end)
    fragments.push({ type: plain.readUInt8(at), length, sequence: plain.readUInt16BE(at + 4), offset, body })
    at = end
  }
  return at === plain.length ? fragments : null
}

/** The message of a body, which is copied. */
export function wholeMessage(type: number, sequence: number, body: Uint8Array): Message {
  const octets = Buffer.alloc(HEADER_LENGTH + body.length)
  octets.writeUInt8(type, 0)
  octets.writeUIntBE(body.length, 1, 3)
  octets.writeUInt16BE(sequence, 4)
  octets.writeUIntBE(body.length, 9, 3)
  octets.set(body, HEADER_LENGTH)
  return { type, sequence, body: octets.subarray(HEADER_LENGTH), octets }
}
