import type { Fingerprint } from '../../../src/webrtc/dtls/handshakes.ts'
import { type Candidate, hostPriority, type IceParameters } from '../../../src/webrtc/ice/candidate.ts'

/** What a browser's description says, beside what they all say. */
export interface BrowserSdp {
  readonly version: number
  readonly ice: IceParameters
  readonly fingerprint: Fingerprint
  readonly setup: 'actpass' | 'active' | 'passive'
  /** As in `111 opus/48000/2`. */
  readonly codecs: readonly string[]
  /** null: names that mDNS resolves stand for all of them. */
  readonly candidates: readonly Candidate[] | null
  readonly direction: string
  /** Lines that come with the audio m-line, behind all others. */
  readonly lines: readonly string[]
  /** Whether it has a camera to show, or refuses one. */
  readonly video: boolean
}

const FMTP: Readonly<Record<string, string>> = {
  'opus/48000/2': 'minptime=10;useinbandfec=1',
  'telephone-event/8000': '0-16',
  'telephone-event/48000': '0-16',
}

/** A description as Chrome writes it (a `.local` candidate makes it hide its address in c= and the m-line, too). */
export function writeBrowserSdp(sdp: BrowserSdp): string {
  const { version, ice, fingerprint, setup, codecs, candidates, direction, lines, video } = sdp
  const numbers = codecs.map((codec) => codec.split(' ')[0]).join(' ')
  const [first] = candidates ?? []
  const shared = [
    `a=ice-ufrag:${ice.ufrag}`,
    `a=ice-pwd:${ice.password}`,
    'a=ice-options:trickle',
    `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
    `a=setup:${setup}`,
  ]
  return [
    'v=0',
    `o=- 4611731400430051336 ${version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE 0${video ? ' 1' : ''}`,
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS 5e1f',
    `m=audio ${first?.port ?? 9} UDP/TLS/RTP/SAVPF ${numbers}`,
    `c=IN ${first?.address.includes(':') ? 'IP6' : 'IP4'} ${first?.address ?? '0.0.0.0'}`,
    'a=rtcp:9 IN IP4 0.0.0.0',
    ...candidateLines(candidates),
    ...shared,
    'a=mid:0',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    'a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
    'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    `a=${direction}`,
    'a=msid:5e1f 77aa',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...codecs.flatMap(codecLines),
    'a=ssrc:2566107569 cname:t9YU8M1UxTF8Y1A1',
    ...lines,
    ...(video ? videoLines(shared) : []),
    '',
  ].join('\r\n')
}

function candidateLines(candidates: readonly Candidate[] | null): string[] {
  if (candidates === null) {
    const name = '6a1ef3c4-2d5b-4c37-9a0e-3b6b2f1c9d11.local'
    return [`a=candidate:3436714671 1 udp ${hostPriority(0)} ${name} 58771 typ host generation 0 network-cost 999`]
  }
  return candidates.map(({ address, port, priority }, at) => {
    return `a=candidate:${at + 1} 1 udp ${priority} ${address} ${port} typ host generation 0 network-id 1`
  })
}

function codecLines(codec: string): string[] {
  const [number = '', name = ''] = codec.split(' ')
  const fmtp = FMTP[name]
  const feedback = name.startsWith('opus') ? [`a=rtcp-fb:${number} transport-cc`] : []
  return [`a=rtpmap:${number} ${name}`, ...feedback, ...(fmtp ? [`a=fmtp:${number} ${fmtp}`] : [])]
}

function videoLines(shared: readonly string[]): string[] {
  return [
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    ...shared,
    'a=mid:1',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:96 VP8/90000',
    'a=rtcp-fb:96 nack pli',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
  ]
}
