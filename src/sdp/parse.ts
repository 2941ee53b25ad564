import * as sdpTransform from 'sdp-transform'
import { readAddress } from './address.ts'
import { type Crypto, cryptoSides, isCryptoLine } from './crypto.ts'
import {
  type CodecFormat,
  type MalformedDescription,
  type MediaDescription,
  malformed,
  type PayloadFormat,
  type SessionDescription,
} from './description.ts'
import { readLines } from './lines.ts'
import { codecOf } from './match.ts'
import { isSecureLine, type SecureDescription, secureSides } from './secure.ts'
import { staticFormat } from './staticFormats.ts'

type Read = sdpTransform.SessionDescription
type ReadMedia = Read['media'][number]

/**
 * Reads an application/sdp body (RFC 4566). sdp-transform reads the lines, after `readLines` has proved them sound; on top
 * come the checks that span lines: addresses, ports, payload types and what they are bound to. Never throws; linear time.
 */
export function parseDescription(body: Uint8Array): SessionDescription | MalformedDescription {
  const lines = readLines(body)
  if (!Array.isArray(lines)) return lines
  // Ours to read: sdp-transform keeps the last fingerprint alone, and numbers of candidates.
  const secure = secureSides(lines)
  const crypto = cryptoSides(lines)
  const others = lines.filter((line) => !isSecureLine(line) && !isCryptoLine(line))
  const read = sdpTransform.parse(others.join('\r\n'))
  const address = addressIn({ version: read.origin.ipVer, ip: read.origin.address })
  if (address === null) return malformed('o= has no address of its type')
  const media: MediaDescription[] = []
  for (const [index, each] of read.media.entries()) {
    const described = mediaOf(each, read, { secure: secure[index] ?? null, crypto: crypto[index] ?? [] })
    if ('reason' in described) return described
    media.push(described)
  }
  const { username, sessionId, sessionVersion } = read.origin
  const origin = { username: String(username), sessionId: String(sessionId), version: String(sessionVersion), address }
  return { kind: 'description', origin, media }
}

function addressIn({ version, ip }: { readonly version: number; readonly ip: string | number }): string | null {
  return readAddress(version === 6 ? 6 : 4, String(ip))
}

function mediaOf(
  read: ReadMedia,
  session: Read,
  keys: { readonly secure: SecureDescription | null; readonly crypto: readonly Crypto[] },
): MediaDescription | MalformedDescription {
  const connection = read.connection ?? session.connection
  const address = connection === undefined ? null : addressIn(connection)
  if (connection !== undefined && address === null) return malformed('c= has no address of its type')
  if (address === null && read.port !== 0) return malformed('an m-line without c=')
  if (read.port > 65_535) return malformed('a port beyond 65535')
  const rtcp = rtcpOf(read, address)
  if (rtcp === null) return malformed('a=rtcp has no address of its type, or a port beyond 65535')
  // sdp-transform makes numbers of whatever looks like one.
  const [kind, protocol, rawFormats] = [String(read.type), String(read.protocol), String(read.payloads)]
  const formats = protocol.includes('RTP/') ? formatsOf(rawFormats, read) : []
  if ('reason' in formats) return formats
  return {
    kind,
    port: read.port,
    protocol,
    formats,
    rawFormats,
    address,
    direction: read.direction ?? session.direction ?? 'sendrecv',
    ptime: read.ptime ?? null,
    rtcp,
    rtcpMux: read.rtcpMux !== undefined,
    ...keys,
  }
}

function rtcpOf({ rtcp, port }: ReadMedia, address: string | null): MediaDescription['rtcp'] | null {
  if (rtcp === undefined) return { address, port: port === 0 || port === 65_535 ? 0 : port + 1 }
  if (rtcp.port > 65_535) return null
  if (rtcp.address === undefined || rtcp.ipVer === undefined) return { address, port: rtcp.port }
  const own = addressIn({ version: rtcp.ipVer, ip: rtcp.address })
  return own === null ? null : { address: own, port: rtcp.port }
}

/** The payload types of an m-line with what they mean: RFC 3551's table first, it is permanent, then a=rtpmap. */
function formatsOf(list: string, read: ReadMedia): PayloadFormat[] | MalformedDescription {
  const rtpmaps = rtpmapsOf(read.rtp)
  if ('reason' in rtpmaps) return rtpmaps
  const fmtps = new Map<number, string>()
  for (const { payload, config } of read.fmtp) if (!fmtps.has(payload)) fmtps.set(payload, String(config))
  const formats = new Map<number, PayloadFormat>()
  for (const text of list.split(/[ \t]+/)) {
    const payloadType = Number(text)
    if (!/^\d{1,3}$/.test(text) || payloadType > 127) return malformed('a payload type that is not 0 to 127')
    const meaning = staticFormat(payloadType) ?? rtpmaps.get(payloadType)
    if (meaning === undefined) continue
    const { name, clockRate, channels } = meaning
    formats.set(payloadType, { name, clockRate, channels, fmtp: fmtps.get(payloadType) ?? null, payloadType })
  }
  return [...formats.values()]
}

function rtpmapsOf(read: ReadMedia['rtp']): Map<number, CodecFormat> | MalformedDescription {
  const formats = new Map<number, CodecFormat>()
  for (const { payload, codec, rate, encoding } of read) {
    if (rate === undefined || payload > 127) return malformed('an a=rtpmap for a payload type beyond 127')
    const format = { name: String(codec), clockRate: rate, channels: encoding ?? 1, fmtp: null }
    const former = formats.get(payload)
    if (former !== undefined && codecOf(former) !== codecOf(format)) return malformed('a payload type mapped twice')
    formats.set(payload, format)
  }
  return formats
}
