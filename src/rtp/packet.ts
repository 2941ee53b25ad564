// RTP packets (RFC 3550 §5.1) are read and rewritten where they lie: nothing here allocates, so that a relayed packet
// costs no garbage. Every accessor but `payloadLength` and `isRtcp` expects a packet that `payloadLength` accepted.

export const HEADER_LENGTH = 12
/** No phone's packet is longer: no link on the way carries more in one piece, and speech needs a tenth of it. */
export const MAX_PACKET_LENGTH = 1500
export const MALFORMED = -1

/**
 * Octets of payload in an RTP packet, or `MALFORMED`: not version 2, or shorter than its CSRC list, header extension
 * and padding say (RFC 3550 §A.1).
 */
export function payloadLength(packet: Uint8Array): number {
  const { length } = packet
  const first = octet(packet, 0)
  if (length < HEADER_LENGTH || length > MAX_PACKET_LENGTH || first >> 6 !== 2) return MALFORMED
  let header = HEADER_LENGTH + 4 * (first & 0x0f)
  if ((first & 0x10) !== 0) {
    if (header + 4 > length) return MALFORMED
    header += 4 + 4 * uint16(packet, header + 2)
  }
  if ((first & 0x20) === 0) return header > length ? MALFORMED : length - header
  const padding = octet(packet, length - 1)
  return padding === 0 || header + padding > length ? MALFORMED : length - header - padding
}

/** Where the payload of a packet begins that `payloadLength` accepted, octets: behind its CSRC list and header extension. */
export function payloadOffset(packet: Uint8Array): number {
  const first = octet(packet, 0)
  const extension = HEADER_LENGTH + 4 * (first & 0x0f)
  return (first & 0x10) === 0 ? extension : extension + 4 + 4 * uint16(packet, extension + 2)
}

/** The packet without its header extension (§5.3.1), moved together where it lies: a view of `packet`. */
export function withoutExtension(packet: Uint8Array): Uint8Array {
  const first = octet(packet, 0)
  const header = HEADER_LENGTH + 4 * (first & 0x0f)
  if ((first & 0x10) === 0 || header + 4 > packet.length) return packet
  const extension = 4 + 4 * uint16(packet, header + 2)
  if (header + extension > packet.length) return packet
  packet.copyWithin(extension, 0, header)
  packet[extension] = first & ~0x10
  return packet.subarray(extension)
}

/** Whether a datagram is RTCP when both share a port: second octet 192–223, RTP payload types 64–95 (RFC 5761 §4). */
export function isRtcp(datagram: Uint8Array): boolean {
  return (octet(datagram, 1) & 0x60) === 0x40 && octet(datagram, 0) >> 6 === 2
}

/**
 * Whether a datagram is STUN (RFC 7983 §7): some phones, linphone among them, open their NAT with binding requests on the
 * media ports. We offered no ICE, so nobody waits for an answer.
 */
export function isStun(datagram: Uint8Array): boolean {
  return octet(datagram, 0) < 4 && datagram.length >= 20 && octet(datagram, 4) === 0x21 && octet(datagram, 5) === 0x12
}

export function payloadType(packet: Uint8Array): number {
  return octet(packet, 1) & 0x7f
}

export function marker(packet: Uint8Array): boolean {
  return (octet(packet, 1) & 0x80) !== 0
}

export function sequenceNumber(packet: Uint8Array): number {
  return uint16(packet, 2)
}

export function timestamp(packet: Uint8Array): number {
  return uint32(packet, 4)
}

export function ssrc(packet: Uint8Array): number {
  return uint32(packet, 8)
}

/** Sets the payload type; the marker stays. */
export function setPayloadType(packet: Uint8Array, type: number): void {
  packet[1] = (octet(packet, 1) & 0x80) | type
}

export function setMarker(packet: Uint8Array): void {
  packet[1] = octet(packet, 1) | 0x80
}

/** Sets the sequence number, modulo 2^16. */
export function setSequenceNumber(packet: Uint8Array, sequence: number): void {
  packet[2] = sequence >>> 8
  packet[3] = sequence
}

/** Sets the timestamp, modulo 2^32. */
export function setTimestamp(packet: Uint8Array, time: number): void {
  setUint32(packet, 4, time)
}

export function setSsrc(packet: Uint8Array, source: number): void {
  setUint32(packet, 8, source)
}

/** An RTP packet without payload, all of it zero but the version. */
export function emptyPacket(): Uint8Array {
  const packet = new Uint8Array(HEADER_LENGTH)
  packet[0] = 0x80
  return packet
}

function octet(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

function uint16(bytes: Uint8Array, at: number): number {
  return (octet(bytes, at) << 8) | octet(bytes, at + 1)
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0
}

function setUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
