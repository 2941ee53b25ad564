// The record layer of DTLS 1.2 (RFC 6347 §4.1), as far as it can be read without keys.

export const CHANGE_CIPHER_SPEC = 20
export const ALERT = 21
export const HANDSHAKE = 22

/** Octets of a record's header. */
const HEADER_LENGTH = 13
/** DTLS 1.2; a first ClientHello may come as 1.0 (§4.2.1). */
const VERSIONS = [0xfefd, 0xfeff]
/** A flight has some five messages; what more a datagram holds is nothing of ours. */
const MAX_RECORDS = 24

export interface Record {
  readonly type: number
  readonly version: number
  readonly epoch: number
  /** 48 bits. */
  readonly sequence: number
  /** A view: encrypted if the epoch is not 0. */
  readonly fragment: Buffer
  /** A view of the whole record. */
  readonly octets: Buffer
}

/** The records of a datagram, up to the first that is none. */
export function readRecords(datagram: Uint8Array): readonly Record[] {
  const octets = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length)
  const records: Record[] = []
  let at = 0
  while (at + HEADER_LENGTH <= octets.length && records.length < MAX_RECORDS) {
    const end = at + HEADER_LENGTH + octets.readUInt16BE(at + 11)
    const version = octets.readUInt16BE(at + 1)
    if (end > octets.length || !VERSIONS.includes(version)) break
    records.push({
      type: octets.readUInt8(at),
      version,
      epoch: octets.readUInt16BE(at + 3),
      sequence: octets.readUIntBE(at + 5, 6),
      fragment: octets.subarray(at + HEADER_LENGTH, end),
      octets: octets.subarray(at, end),
    })
    at = end
  }
  return records
}

/** A record of DTLS 1.2; `fragment` is encrypted already if the epoch is not 0. */
export function writeRecord(type: number, epoch: number, sequence: number, fragment: Uint8Array): Buffer {
  const record = Buffer.alloc(HEADER_LENGTH + fragment.length)
  record.writeUInt8(type, 0)
  record.writeUInt16BE(0xfefd, 1)
  record.writeUInt16BE(epoch, 3)
  record.writeUIntBE(sequence, 5, 6)
  record.writeUInt16BE(fragment.length, 11)
  record.set(fragment, HEADER_LENGTH)
  return record
}
