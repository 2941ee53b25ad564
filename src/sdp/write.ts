import { type Crypto, writeCrypto } from './crypto.ts'
import type { Direction, PayloadFormat } from './description.ts'
import { type OwnSecure, writeBundle, writeSecure } from './secure.ts'

/** An m-line as far as it outlives a refusal: what it is, over what, and one format, which the grammar demands. */
export interface MediaLine {
  readonly kind: string
  readonly protocol: string
  readonly format: string
  /** The name that a browser gave it (RFC 5888); null: none. */
  readonly mid: string | null
}

/** The stream that we take part in. */
export interface OwnStream {
  readonly protocol: string
  readonly port: number
  readonly rtcpPort: number
  /** Whether RTCP comes to `port` as well (RFC 5761). */
  readonly rtcpMux: boolean
  /** At least one. */
  readonly formats: readonly PayloadFormat[]
  readonly direction: Direction
  /** ms */
  readonly ptime: number | null
  /** ICE and DTLS; null: neither. */
  readonly secure: OwnSecure | null
  /** Keys of SRTP. */
  readonly crypto: readonly Crypto[]
}

/** One m-line of a description of ours. */
export type OwnMedia =
  | { readonly state: 'active'; readonly stream: OwnStream }
  | { readonly state: 'refused'; readonly line: MediaLine }

/** A description of ours. */
export interface OwnDescription {
  readonly id: number
  readonly version: number
  readonly address: string
  readonly media: readonly OwnMedia[]
}

/** The description as an SDP body (RFC 4566), as octets: one character (U+0000–U+00FF) each. */
export function writeDescription({ id, version, address, media }: OwnDescription): string {
  const network = `IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`
  let text = `v=0\r\no=- ${id} ${version} ${network}\r\ns=-\r\nc=${network}\r\nt=0 0\r\n${writeBundle(bundledOf(media))}`
  for (const each of media) text += each.state === 'active' ? writeStream(each.stream) : writeRefused(each.line)
  return text
}

function bundledOf(media: readonly OwnMedia[]): string[] {
  return media.flatMap((each) =>
    each.state === 'active' && each.stream.secure?.bundled ? (each.stream.secure.mid ?? []) : [],
  )
}

function writeStream(stream: OwnStream): string {
  const { protocol, port, rtcpPort, rtcpMux, formats, direction, ptime, secure, crypto } = stream
  let text = `m=audio ${port} ${protocol} ${formats.map((format) => format.payloadType).join(' ')}\r\n`
  for (const format of formats) text += writeFormat(format)
  // RFC 3605 §2.1: needed only where RTCP is not on the next higher port.
  if (!rtcpMux && rtcpPort !== port + 1) text += `a=rtcp:${rtcpPort}\r\n`
  if (rtcpMux) text += 'a=rtcp-mux\r\n'
  if (ptime !== null) text += `a=ptime:${ptime}\r\n`
  if (secure !== null) text += writeSecure(secure)
  text += writeCrypto(crypto)
  return `${text}a=${direction}\r\n`
}

function writeFormat({ payloadType, name, clockRate, channels, fmtp }: PayloadFormat): string {
  const rtpmap = `a=rtpmap:${payloadType} ${name}/${clockRate}${channels === 1 ? '' : `/${channels}`}\r\n`
  return fmtp === null ? rtpmap : `${rtpmap}a=fmtp:${payloadType} ${fmtp}\r\n`
}

// A browser finds its m-lines by their names, those that are refused, too (RFC 8829 §5.3.1).
function writeRefused({ kind, protocol, format, mid }: MediaLine): string {
  const named = mid === null ? '' : `a=mid:${mid}\r\na=inactive\r\n`
  return `m=${kind} 0 ${protocol} ${format}\r\n${named}`
}
