/** The packet types that RTCP has (RFC 3550 §12.1, RFC 4585 §9, RFC 3611 §6). */
export const RTCP_TYPES = { sender: 200, receiver: 201, description: 202, bye: 203, last: 207 } as const
/** Of each packet: version, count, type, length. */
export const RTCP_HEADER_LENGTH = 4
export const REPORT_BLOCK_LENGTH = 24
export const SENDER_INFO_LENGTH = 20
/** Packets in one datagram. It is to fit into one of the path (RFC 3550 §6.1), and has a handful of them. */
const MOST_PACKETS = 64

/** What a report says of one stream that its sender hears (RFC 3550 §6.4.1). */
export interface ReportBlock {
  /** Whose stream it is. */
  readonly ssrc: number
  /** Of the packets since the report before, the fraction that never came, 0–1, in 256ths. */
  readonly lost: number
  /** Packets that never came since the beginning, less duplicates: 24 bits with a sign. */
  readonly lostTotal: number
  /** The highest sequence number received; its cycles are in the upper 16 bits. */
  readonly highest: number
  /** Interarrival jitter, in units of the stream's timestamps. */
  readonly jitter: number
  /** The middle 32 bits of the NTP timestamp of the last SR heard from that source (LSR); 0: none came yet. */
  readonly lastReport: number
  /** Between that SR and this report (DLSR), in 65536ths of a second. */
  readonly delay: number
}

/**
 * Whether a datagram is RTCP by the checks of RFC 3550 §A.2: version 2 throughout, padding in the last packet only, and
 * lengths that add up to the datagram's; of no more packets than anybody sends. It need not begin with a report (RFC 5506):
 * baresip opens its NAT with an APP alone.
 */
export function isWellFormed(datagram: Uint8Array): boolean {
  const { length } = datagram
  const first = datagram[1] ?? 0
  if (first < RTCP_TYPES.sender || first > RTCP_TYPES.last) return false
  let at = 0
  for (let packets = 0; packets < MOST_PACKETS && at + RTCP_HEADER_LENGTH <= length; packets++) {
    const flags = datagram[at] ?? 0
    if (flags >> 6 !== 2) return false
    const next = at + packetLength(datagram, at)
    if ((flags & 0x20) !== 0 && next !== length) return false
    at = next
  }
  return at === length
}

/** Octets of the packet that begins at `at`, its header included. */
export function packetLength(datagram: Uint8Array, at: number): number {
  return 4 * (1 + (((datagram[at + 2] ?? 0) << 8) | (datagram[at + 3] ?? 0)))
}
