import {
  packetLength,
  REPORT_BLOCK_LENGTH,
  type ReportBlock,
  RTCP_HEADER_LENGTH,
  RTCP_TYPES,
  SENDER_INFO_LENGTH,
} from './rtcp.ts'

/** Where the reporter's own SSRC ends, in SR and RR. */
const AFTER_SSRC = 8

/** What concerns us of a compound packet. */
export interface RtcpNews {
  /** Of the last SR in it: whose it is, and the middle 32 bits of its NTP timestamp. */
  sender: { readonly ssrc: number; readonly middle: number } | null
  /** The last report block about our stream. */
  block: ReportBlock | null
  /** Whether somebody said goodbye. */
  bye: boolean
}

/**
 * Reads SR, RR and BYE of a datagram that `isWellFormed` accepted (RFC 3550 §6.4, §6.6); of the report blocks, those about
 * `ssrc`. Other packets are skipped, and so are blocks that a packet counts and has no room for.
 */
export function readRtcp(datagram: Uint8Array, ssrc: number): RtcpNews {
  const news: RtcpNews = { sender: null, block: null, bye: false }
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength)
  for (let at = 0; at + RTCP_HEADER_LENGTH <= datagram.length; at += packetLength(datagram, at)) {
    readPacket(view, at, Math.min(datagram.length, at + packetLength(datagram, at)), ssrc, news)
  }
  return news
}

function readPacket(view: DataView, at: number, end: number, ssrc: number, news: RtcpNews): void {
  const count = view.getUint8(at) & 0x1f
  switch (view.getUint8(at + 1)) {
    case RTCP_TYPES.sender:
      if (at + AFTER_SSRC + SENDER_INFO_LENGTH > end) return
      news.sender = { ssrc: view.getUint32(at + 4), middle: view.getUint32(at + AFTER_SSRC + 2) }
      return readBlocks(view, at + AFTER_SSRC + SENDER_INFO_LENGTH, end, count, ssrc, news)
    case RTCP_TYPES.receiver:
      return readBlocks(view, at + AFTER_SSRC, end, count, ssrc, news)
    case RTCP_TYPES.bye:
      // RFC 3550 §6.6: a count of zero is valid, and says nothing.
      if (count > 0 && at + AFTER_SSRC <= end) news.bye = true
  }
}

function readBlocks(view: DataView, from: number, end: number, count: number, ssrc: number, news: RtcpNews): void {
  let at = from
  for (let block = 0; block < count && at + REPORT_BLOCK_LENGTH <= end; block++) {
    if (view.getUint32(at) === ssrc) news.block = readBlock(view, at)
    at += REPORT_BLOCK_LENGTH
  }
}

function readBlock(view: DataView, at: number): ReportBlock {
  return {
    ssrc: view.getUint32(at),
    lost: view.getUint8(at + 4) / 256,
    lostTotal: (view.getUint32(at + 4) << 8) >> 8,
    highest: view.getUint32(at + 8),
    jitter: view.getUint32(at + 12),
    lastReport: view.getUint32(at + 16),
    delay: view.getUint32(at + 20),
  }
}
