import { isUnicast, isUnspecified } from './address.ts'
import type { Agreed, Wish } from './agreement.ts'
import { SUITES } from './crypto.ts'
import type { Direction, MediaDescription } from './description.ts'
import { directionOf, receives, sends } from './direction.ts'
import { carriesVoice, crossing } from './match.ts'
import type { MediaLine } from './write.ts'

/**
 * How a stream is carried: plain RTP, SRTP by keys in the description (RFC 4568), or as WebRTC does (RFC 8834), with ICE, DTLS-SRTP and one
 * port for all.
 */
export type Profile = 'plain' | 'srtp' | 'secure'

/** AVPF (RFC 4585) is the same packets with more RTCP allowed. */
const protocols: Readonly<Record<Profile, readonly string[]>> = {
  plain: ['RTP/AVP', 'RTP/AVPF'],
  srtp: ['RTP/SAVP'],
  // RFC 8834 §4.2: an old browser's name for it, too.
  secure: ['UDP/TLS/RTP/SAVPF', 'UDP/TLS/RTP/SAVP', 'RTP/SAVPF'],
}

/** What we call it in an offer. */
export const offered: Readonly<Record<Profile, string>> = {
  plain: 'RTP/AVP',
  srtp: 'RTP/SAVP',
  secure: 'UDP/TLS/RTP/SAVPF',
}

/** Whether this is speech that is carried as `profile` says. */
export function isSpeech(media: MediaDescription, profile: Profile): boolean {
  const carried = protocols[profile].includes(media.protocol)
  return media.kind === 'audio' && carried && isWhole(media, profile) && carriesVoice(crossing(media.formats))
}

function isWhole({ secure, rtcpMux, crypto }: MediaDescription, profile: Profile): boolean {
  switch (profile) {
    case 'plain':
      return true
    case 'srtp':
      return crypto.length > 0
    case 'secure':
      return secure !== null && rtcpMux
    default:
      return profile satisfies never
  }
}

/** Why there is no speech among the `media` of an offer or answer that is carried as `profile` says, for the call's record. */
export function whyNoSpeech(where: 'offer' | 'answer', media: readonly MediaDescription[], profile: Profile): string {
  const whose = `The ${where}`
  if (profile === 'plain') return `${whose} has no audio over plain RTP.`
  const audio = media.find(({ kind, port, protocol }) => {
    return kind === 'audio' && port !== 0 && protocols[profile].includes(protocol)
  })
  if (profile === 'srtp') return whyNoSrtp(whose, audio)
  if (audio === undefined) return `${whose} has no audio over DTLS-SRTP.`
  if (audio.secure === null) return `${whose} lacks ICE credentials, or a fingerprint of its certificate by SHA-256.`
  if (!audio.rtcpMux) return `${whose} wants two ports, for RTP and for RTCP, where WebRTC has one (rtcp-mux).`
  return `${whose} has no codec for speech.`
}

function whyNoSrtp(whose: string, audio: MediaDescription | undefined): string {
  if (audio === undefined) return `${whose} has no encrypted audio (RTP/SAVP), and none in the clear is taken.`
  if (audio.crypto.length === 0)
    return `${whose} has no a=crypto line that can be taken: ${SUITES.join(' or ')}, without MKI.`
  return `${whose} has no codec for speech.`
}

/**
 * What the peer wants by an m-line that is not refused. An unspecified address is the hold of RFC 2543: nothing is to be
 * sent to the peer, whatever its direction attribute says (RFC 3264 §8.4). A browser only hides its own behind it (RFC 8839
 * §4.2.1.1).
 */
export function wishOf(media: MediaDescription): Wish {
  const hears = receives(media.direction) && (isSecured(media) || !isUnspecified(media.address))
  return {
    formats: crossing(media.formats),
    direction: directionOf(sends(media.direction), hears),
    ptime: media.ptime,
  }
}

/** Which way the voice goes by a whole description, seen from whose it is: by the first audio m-line that is not refused. */
export function voiceDirection(media: readonly MediaDescription[]): Direction {
  const voice = media.find(({ kind, port }) => kind === 'audio' && port !== 0)
  return voice === undefined ? 'inactive' : wishOf(voice).direction
}

/** Where the peer wants its packets. */
export function endpointsOf(media: MediaDescription): Pick<Agreed, 'rtp' | 'rtcp'> {
  const { address, port, rtcp } = media
  // ICE finds them.
  if (isSecured(media)) return { rtp: null, rtcp: null }
  if (port === 0 || !isUnicast(address)) return { rtp: null, rtcp: null }
  const reports = rtcp.port !== 0 && isUnicast(rtcp.address) ? { address: rtcp.address, port: rtcp.port } : null
  return { rtp: { address, port }, rtcp: reports }
}

function isSecured({ protocol, secure }: MediaDescription): boolean {
  return secure !== null && protocols.secure.includes(protocol)
}

/** What outlives a refusal of an m-line. */
export function lineOf({ kind, protocol, rawFormats, secure }: MediaDescription): MediaLine {
  return { kind, protocol, format: rawFormats.split(/\s/, 1)[0] ?? '0', mid: secure?.mid ?? null }
}
