/** RFC 3550 §12.1, RFC 4585 §9, RFC 3611 §6. */
const FIRST_TYPE = 200
const LAST_TYPE = 207
const RECEIVER_REPORT = 201
const SOURCE_DESCRIPTION = 202
const CNAME = 1
const HEADER_LENGTH = 4

/**
 * Whether a datagram is RTCP by the checks of RFC 3550 §A.2: version 2 throughout, padding in the last packet only, and
 * lengths that add up to the datagram's. It need not begin with a report (RFC 5506): baresip opens its NAT with an APP alone.
 */
export function isWellFormed(datagram: Uint8Array): boolean {
  const { length } = datagram
  const first = datagram[1] ?? 0
  if (first < FIRST_TYPE || first > LAST_TYPE) return false
  let at = 0
  while (at + HEADER_LENGTH <= length) {
    const flags = datagram[at] ?? 0
    if (flags >> 6 !== 2) return false
    const next = at + 4 * (1 + (((datagram[at + 2] ?? 0) << 8) | (datagram[at + 3] ?? 0)))
    if ((flags & 0x20) !== 0 && next !== length) return false
    at = next
  }
  return at === length
}

/**
 * The smallest compound packet there is: a receiver report about nobody, and the CNAME that must be with it
 * (RFC 3550 §6.1). `cname`: ASCII, at most 255 octets.
 */
export function emptyReport(source: number, cname: string): Uint8Array {
  const item = Buffer.from(cname, 'latin1')
  // The chunk ends with at least one zero octet, at a boundary of 32 bits (§6.5).
  const chunk = 4 * Math.ceil((4 + 2 + item.length + 1) / 4)
  const report = Buffer.alloc(8 + HEADER_LENGTH + chunk)
  report.writeUInt32BE(((0x80 << 24) | (RECEIVER_REPORT << 16) | 1) >>> 0, 0)
  report.writeUInt32BE(source, 4)
  report.writeUInt32BE(((0x81 << 24) | (SOURCE_DESCRIPTION << 16) | (chunk / 4)) >>> 0, 8)
  report.writeUInt32BE(source, 12)
  report[16] = CNAME
  report[17] = item.length
  item.copy(report, 18)
  return report
}
