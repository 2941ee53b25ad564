import { createHash } from 'node:crypto'

/** SIP as plain text: as little work as a generator can do and still be a phone. */

export interface Credentials {
  readonly user: string
  readonly password: string
}

/** A request from its start line, headers and body; Content-Length is added. */
export function request(start: string, headers: readonly string[], body = ''): string {
  const type = body ? 'Content-Type: application/sdp\r\n' : ''
  return `${start} SIP/2.0\r\n${headers.join('\r\n')}\r\n${type}Content-Length: ${body.length}\r\n\r\n${body}`
}

/** The answer to `text`, a request: what RFC 3261 §8.2.6.2 copies, the To tag, and `headers`. */
export function answer(text: string, status: string, headers: readonly string[] = [], body = ''): string {
  const to = header(text, 'To')
  const copied = [...text.slice(0, text.indexOf('\r\n\r\n')).matchAll(/\r\n((?:Via|From|Call-ID|CSeq): .*)/gi)]
  const tagged = to.includes(';tag=') ? to : `${to};tag=bench`
  const lines = [...copied.map(([, line]) => line ?? ''), `To: ${tagged}`, ...headers]
  const type = body ? 'Content-Type: application/sdp\r\n' : ''
  return `SIP/2.0 ${status}\r\n${lines.join('\r\n')}\r\n${type}Content-Length: ${body.length}\r\n\r\n${body}`
}

/** The value of the first header `name`, or ''. */
export function header(text: string, name: string): string {
  const at = text.indexOf(`\r\n${name}: `)
  return at < 0 ? '' : text.slice(at + name.length + 4, text.indexOf('\r\n', at + 2))
}

/** The status of a response, or 0 if `text` is a request. */
export function statusOf(text: string): number {
  return text.startsWith('SIP/2.0 ') ? Number(text.slice(8, 11)) : 0
}

/** An Authorization header that answers the (first) challenge in `response`, MD5, qop=auth (RFC 7616 §3.4). */
export function authorization(response: string, { user, password }: Credentials, method: string, uri: string): string {
  const challenge = header(response, 'WWW-Authenticate')
  const realm = quoted(challenge, 'realm')
  const nonce = quoted(challenge, 'nonce')
  const ha1 = md5(`${user}:${realm}:${password}`)
  const proof = md5(`${ha1}:${nonce}:00000001:bench:auth:${md5(`${method}:${uri}`)}`)
  const fields = `username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${proof}"`
  return `Authorization: Digest ${fields}, algorithm=MD5, cnonce="bench", qop=auth, nc=00000001`
}

/** The URI in a Contact, From or To. */
export function uriIn(value: string): string {
  return value.slice(value.indexOf('<') + 1, value.indexOf('>'))
}

/** Codecs of the phones here, and how SDP writes them: the payload type, and all of its lines. */
const sdpCodecs = {
  pcmu: [0, 'a=rtpmap:0 PCMU/8000\r\n'],
  pcma: [8, 'a=rtpmap:8 PCMA/8000\r\n'],
  opus: [107, 'a=rtpmap:107 opus/48000/2\r\n'],
  /** Of a phone that makes use of what is sent twice (RFC 7587 §6.1). */
  opusFec: [107, 'a=rtpmap:107 opus/48000/2\r\na=fmtp:107 useinbandfec=1\r\n'],
} as const

export type SdpCodec = keyof typeof sdpCodecs

/** The payload type of its packets. */
export function payloadTypeOf(codec: SdpCodec): number {
  return sdpCodecs[codec][0]
}

/** An SDP body with `codec` alone, at `port` of 127.0.0.1. */
export function sdp(port: number, codec: SdpCodec = 'pcmu'): string {
  const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n'
  const [type, lines] = sdpCodecs[codec]
  return `${session}m=audio ${port} RTP/AVP ${type}\r\n${lines}a=ptime:20\r\n`
}

/** What a browser's offer says of its way. */
export interface SecureOffer {
  readonly port: number
  /** Of its one candidate. */
  readonly priority: number
  readonly ufrag: string
  readonly password: string
  readonly fingerprint: { readonly algorithm: string; readonly value: string }
}

/** A browser's offer of Opus alone, with its one candidate at a port of 127.0.0.1. */
export function secureSdp({ port, priority, ufrag, password, fingerprint }: SecureOffer): string {
  return [
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0',
    `m=audio ${port} UDP/TLS/RTP/SAVPF 107\r\nc=IN IP4 127.0.0.1\r\na=mid:0\r\na=rtcp-mux\r\na=sendrecv`,
    `a=candidate:1 1 udp ${priority} 127.0.0.1 ${port} typ host`,
    `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${password}`,
    `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}\r\na=setup:actpass`,
    'a=rtpmap:107 opus/48000/2\r\na=fmtp:107 minptime=10;useinbandfec=1',
    '',
  ].join('\r\n')
}

/** The port of the audio in an SDP body. */
export function audioPort(text: string): number {
  return Number(/^m=audio (\d+)/m.exec(text)?.[1] ?? 0)
}

function quoted(challenge: string, name: string): string {
  const from = challenge.indexOf(`${name}="`) + name.length + 2
  return challenge.slice(from, challenge.indexOf('"', from))
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
