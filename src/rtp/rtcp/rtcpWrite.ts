import type { Millis } from '../../platform/clock.ts'
import { REPORT_BLOCK_LENGTH, type ReportBlock, RTCP_HEADER_LENGTH, RTCP_TYPES, SENDER_INFO_LENGTH } from './rtcp.ts'

const VERSION = 0x80
const CNAME = 1
/** From NTP's epoch of 1900 to 1970, s. */
const NTP_EPOCH = 2_208_988_800
const LOST_MOST = 2 ** 23 - 1

/** What an SR says of its sender's own stream (RFC 3550 §6.4.1). */
export interface SenderInfo {
  /** The time of day, ms since 1970, and the RTP timestamp of that moment. */
  readonly wall: Millis
  readonly timestamp: number
  /** Sent so far: packets, and octets of payload. */
  readonly packets: number
  readonly octets: number
}

export interface Report {
  /** Whose report it is. */
  readonly ssrc: number
  /** ASCII, at most 255 octets. */
  readonly cname: string
  /** For an SR; null makes it an RR. */
  readonly sender: SenderInfo | null
  /** Of the one stream that is heard; null: of nobody. */
  readonly block: ReportBlock | null
  /** Whether a BYE ends it. */
  readonly bye: boolean
}

/** A compound packet: SR or RR first, then SDES with the CNAME that must be in each (RFC 3550 §6.1), then BYE. */
export function writeReport({ ssrc, cname, sender, block, bye }: Report): Uint8Array {
  const item = Buffer.from(cname, 'latin1')
  const reportLength = 8 + (sender ? SENDER_INFO_LENGTH : 0) + (block ? REPORT_BLOCK_LENGTH : 0)
  // The chunk ends with at least one zero octet, at a boundary of 32 bits (§6.5).
  const chunkLength = 4 * Math.ceil((4 + 2 + item.length + 1) / 4)
  const octets = Buffer.alloc(reportLength + RTCP_HEADER_LENGTH + chunkLength + (bye ? 8 : 0))
  let at = header(octets, 0, sender ? RTCP_TYPES.sender : RTCP_TYPES.receiver, block ? 1 : 0, reportLength)
  at = octets.writeUInt32BE(ssrc, at)
  if (sender) at = senderInfo(octets, at, sender)
  if (block) at = reportBlock(octets, at, block)
  at = header(octets, at, RTCP_TYPES.description, 1, RTCP_HEADER_LENGTH + chunkLength)
  octets.writeUInt32BE(ssrc, at)
  octets[at + 4] = CNAME
  octets[at + 5] = item.length
  item.copy(octets, at + 6)
  if (bye) octets.writeUInt32BE(ssrc, header(octets, at + chunkLength, RTCP_TYPES.bye, 1, 8))
  return octets
}

/** The middle 32 bits of the NTP timestamp of `wall` (ms since 1970): what comes back as LSR. */
export function ntpMiddle(wall: Millis): number {
  return ((ntpSeconds(wall) << 16) | (ntpFraction(wall) >>> 16)) >>> 0
}

function header(octets: Buffer, at: number, type: number, count: number, length: number): number {
  octets[at] = VERSION | count
  octets[at + 1] = type
  return octets.writeUInt16BE(length / 4 - 1, at + 2)
}

function senderInfo(octets: Buffer, at: number, { wall, timestamp, packets, octets: sent }: SenderInfo): number {
  octets.writeUInt32BE(ntpSeconds(wall), at)
  octets.writeUInt32BE(ntpFraction(wall), at + 4)
  octets.writeUInt32BE(timestamp >>> 0, at + 8)
  octets.writeUInt32BE(packets >>> 0, at + 12)
  return octets.writeUInt32BE(sent >>> 0, at + 16)
}

function reportBlock(octets: Buffer, at: number, block: ReportBlock): number {
  const { ssrc, lost, lostTotal, highest, jitter, lastReport, delay } = block
  octets.writeUInt32BE(ssrc, at)
  // §A.3: what does not fit is clamped, not wrapped.
  octets[at + 4] = Math.min(255, Math.floor(lost * 256))
  octets.writeIntBE(Math.max(-LOST_MOST - 1, Math.min(LOST_MOST, lostTotal)), at + 5, 3)
  octets.writeUInt32BE(highest >>> 0, at + 8)
  octets.writeUInt32BE(jitter >>> 0, at + 12)
  octets.writeUInt32BE(lastReport, at + 16)
  return octets.writeUInt32BE(delay >>> 0, at + 20)
}

// §4: the seconds wrap in 2036, and only differences of timestamps are ever used.
function ntpSeconds(wall: Millis): number {
  return (Math.floor(wall / 1000) + NTP_EPOCH) >>> 0
}

function ntpFraction(wall: Millis): number {
  return Math.floor(((wall - 1000 * Math.floor(wall / 1000)) / 1000) * 2 ** 32)
}
