import { isCryptoLine } from './crypto.ts'
import { type Direction, type MalformedDescription, malformed } from './description.ts'
import { isSecureLine } from './secure.ts'

/** A browser's largest are some 10 KiB. */
const maxOctets = 32_768
/** More than any phone or conference has; each costs a line in every answer. */
const maxMedia = 32
/** Octets of one fmtp: it travels on in our own offers. */
const maxFmtp = 512

const control = /[\x00-\x08\x0b\x0c\x0e-\x1f]/
const field = /^[a-z]=/
const origin = /^\S+ \d{1,20} \d{1,20} IN IP[46] \S+$/
const connection = /^IN IP[46] \S+$/
// Numbers without leading zeros: sdp-transform leaves the others as text.
const media = /^(\w+ (?:0|[1-9]\d{0,4}))(?:\/\d{1,5})? ([\w/]+) (\S.*)$/
const rtpmap = /^rtpmap:(?:0|[1-9]\d{0,2}) ([\w.!#$%&'*+^`{|}~-]+)\/[1-9]\d{0,5}(?:\/[1-9]\d{0,2})?$/
/** Without its clock rate it maps to nothing; the valid messages of RFC 4475 have one such (§3.1.1.1). */
const ratelessRtpmap = /^rtpmap:(?:0|[1-9]\d{0,2}) [\w.!#$%&'*+^`{|}~-]+$/
/** What sdp-transform reads of an encoding name; others (AMR-WB+) it would cut off. */
const encodingName = /^[\w.-]+$/
const fmtp = /^fmtp:(?:0|[1-9]\d{0,2}) [\S ]+$/
const rtcp = /^rtcp:(?:0|[1-9]\d{0,4})(?: IN IP[46] \S+)?$/
const ptime = /^ptime:[1-9]\d{0,3}$/
const directions: ReadonlySet<string> = new Set<Direction>(['sendrecv', 'sendonly', 'recvonly', 'inactive'])

/** What has been read so far. */
interface Scan {
  readonly kept: string[]
  origins: number
  mediaLines: number
  /** Of the level that the lines now belong to, the session's or one m-line's: */
  hasConnection: boolean
  direction: string | null
  /** Whether its formats are payload types. */
  rtp: boolean
}

/**
 * The lines of a session description that we read, each proved to be one that sdp-transform takes as it stands: by itself
 * it drops or truncates what it does not like. Everything else is left out, which also keeps its work small. RFC 4566 §9
 * with the liberties phones take: LF or CR alone, blank lines, space or NUL at the end, s= and t= missing, any order.
 */
export function readLines(body: Uint8Array): string[] | MalformedDescription {
  if (body.length > maxOctets) return malformed(`more than ${maxOctets} octets`)
  const lines = split(body)
  if (lines[0] !== 'v=0') return malformed('does not begin with v=0')
  const scan: Scan = { kept: [], origins: 0, mediaLines: 0, hasConnection: false, direction: null, rtp: false }
  for (const line of lines) {
    const fault = take(line, scan)
    if (fault !== null) return malformed(fault)
  }
  return scan.origins === 0 ? malformed('there is no o=') : scan.kept
}

function split(body: Uint8Array): string[] {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
  const lines: string[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    let end = line.length
    while (end > 0 && isPadding(line.charCodeAt(end - 1))) end--
    if (end > 0) lines.push(line.slice(0, end))
  }
  return lines
}

function isPadding(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0
}

/** Takes a line into `scan` or leaves it out; gives the fault if it is wrong. */
function take(line: string, scan: Scan): string | null {
  if (control.test(line) || !field.test(line)) return 'a line that is no type=value'
  const value = line.slice(2)
  switch (line[0]) {
    case 'o':
      if (!origin.test(value) || ++scan.origins > 1 || scan.mediaLines > 0) return 'o= is malformed or out of place'
      scan.kept.push(line)
      return null
    case 'c':
      if (!connection.test(value) || scan.hasConnection) return 'c= is malformed or there twice'
      scan.hasConnection = true
      scan.kept.push(line)
      return null
    case 'm':
      return takeMedia(value, scan)
    case 'a':
      return takeAttribute(value, scan)
    default:
      return null
  }
}

function takeMedia(value: string, scan: Scan): string | null {
  const [, kindAndPort, protocol, formats] = media.exec(value) ?? []
  if (protocol === undefined) return 'm= is malformed'
  if (++scan.mediaLines > maxMedia) return `more than ${maxMedia} m-lines`
  scan.hasConnection = false
  scan.direction = null
  scan.rtp = protocol.includes('RTP/')
  // The number of ports of a layered stream means nothing to us, and sdp-transform would drop the line.
  scan.kept.push(`m=${kindAndPort} ${protocol} ${formats}`)
  return null
}

function takeAttribute(value: string, scan: Scan): string | null {
  if (directions.has(value)) {
    if (scan.direction !== null && scan.direction !== value) return 'two directions that contradict each other'
    scan.direction = value
  } else if (value.startsWith('rtpmap:')) {
    if (!scan.rtp || ratelessRtpmap.test(value)) return null
    const name = rtpmap.exec(value)?.[1]
    if (name === undefined) return 'a=rtpmap is malformed'
    if (!encodingName.test(name)) return null
  } else if (value.startsWith('fmtp:')) {
    if (!scan.rtp) return null
    if (!fmtp.test(value) || value.length > maxFmtp) return 'a=fmtp is malformed or too long'
  } else if (value.startsWith('rtcp:')) {
    if (!rtcp.test(value)) return 'a=rtcp is malformed'
  } else if (value !== 'rtcp-mux' && !ptime.test(value) && !isSecureLine(`a=${value}`) && !isCryptoLine(`a=${value}`)) {
    return null
  }
  scan.kept.push(`a=${value}`)
  return null
}
