/** The fields of an RTP packet that tests care about; what is not given is plain. */
export interface RtpFields {
  readonly type?: number
  readonly marker?: boolean
  readonly sequence?: number
  readonly timestamp?: number
  readonly ssrc?: number
  readonly payload?: Uint8Array
}

/** An RTP packet, written octet by octet after RFC 3550 §5.1. */
export function rtp({ type = 0, marker, sequence = 1, timestamp = 0, ssrc = 0x11111111, payload }: RtpFields): Buffer {
  const body = payload ?? Buffer.alloc(160, 0xff)
  const packet = Buffer.alloc(12 + body.length)
  packet[0] = 0x80
  packet[1] = (marker ? 0x80 : 0) | type
  packet.writeUInt16BE(sequence & 0xffff, 2)
  packet.writeUInt32BE(timestamp >>> 0, 4)
  packet.writeUInt32BE(ssrc >>> 0, 8)
  packet.set(body, 12)
  return packet
}

/** The fields of a packet without CSRC list, extension and padding. */
export function fields(packet: Uint8Array): Required<RtpFields> {
  const bytes = Buffer.from(packet)
  return {
    type: (bytes[1] ?? 0) & 0x7f,
    marker: ((bytes[1] ?? 0) & 0x80) !== 0,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(12),
  }
}

/** A receiver report without report blocks and an empty CNAME: the least that is a compound packet. */
export const RECEIVER_REPORT = Buffer.from('80c900011111111181ca00021111111101000000', 'hex')
