import { bracketed, hostPort } from '../../src/platform/address.ts'
import { createRequest, createResponse } from '../../src/sip/message/create.ts'
import { digestResponse, ha1 } from '../../src/sip/message/digest.ts'
import { formatCredentials, parseAuth } from '../../src/sip/message/fields.ts'
import { type HeaderLine, Headers } from '../../src/sip/message/headers.ts'
import { parseUri } from '../../src/sip/message/uri.ts'
import { writeMessage } from '../../src/sip/message/write.ts'
import { requestOf, responseOf } from '../sip/message/wire.ts'
import type { Peer } from './peers.ts'
import { type Seen, see } from './seen.ts'

let requests = 0

export function passwordOf(user: string): string {
  return `secret-of-${user}`
}

/** Sends a request, and again with the user's credentials when asked who it is; gives the final answer to that. */
export async function sendSigned(peer: Peer, user: string, request: Uint8Array): Promise<Seen> {
  peer.send(request)
  const challenge = await finalAnswer(peer, request)
  if (challenge.status !== 401) return challenge
  peer.send(signed(request, user, challenge))
  return finalAnswer(peer, request)
}

function finalAnswer(peer: Peer, request: Uint8Array): Promise<Seen> {
  const { headers, startLine } = see(request)
  const callId = headers.first('call-id')
  const fits = (seen: Seen) => (seen.status ?? 0) >= 200 && seen.headers.first('call-id') === callId
  return peer.next(`an answer to ${startLine}`, fits)
}

// RFC 3261 §22.2: the same request in a transaction of its own. Nothing else of the message changes.
function signed(request: Uint8Array, user: string, challenge: Seen): Uint8Array {
  const params = parseAuth(challenge.headers.first('www-authenticate') ?? '')?.params
  const realm = params?.get('realm') ?? ''
  const nonce = params?.get('nonce') ?? ''
  const uri = 'sip:offhook'
  const [method = ''] = see(request).startLine.split(' ')
  const counted = { qop: 'auth', nc: '00000001', cnonce: '0a4f113b' } as const
  const secret = ha1('MD5', user, realm, passwordOf(user))
  const response = digestResponse({ ha1: secret, algorithm: 'MD5', method, uri, nonce, ...counted })
  const credentials = formatCredentials('Digest', { username: user, realm, nonce, uri, response, ...counted })
  const text = Buffer.from(request)
    .toString('latin1')
    .replace(/branch=z9hG4bK/, `$&${++requests}-`)
  return Buffer.from(text.replace('\r\n', `\r\nAuthorization: ${credentials}\r\n`), 'latin1')
}

/** A request of a phone that writes what everybody else writes. */
export function ordinary(
  method: string,
  peer: Peer,
  user: string,
  headers: readonly HeaderLine[],
  to: { uri?: string; body?: Uint8Array } = {},
): Uint8Array {
  const uri = parseUri(to.uri ?? 'sip:example.com')
  if (uri === null) throw new Error('no URI')
  const { address, port } = peer.local
  const number = ++requests
  const lines: HeaderLine[] = [
    ['Via', `SIP/2.0/UDP ${hostPort(address, port)};rport;branch=z9hG4bK-o${number}`],
    ['Max-Forwards', '70'],
    ['From', `<sip:${user}@example.com>;tag=${number}`],
    ['To', `<sip:${user}@example.com>`],
    ['Call-ID', `ordinary-${number}`],
    ['CSeq', `${number} ${method}`],
    ...headers,
  ]
  return writeMessage(createRequest({ method, uri, headers: Headers.of(lines), body: to.body }))
}

/** What a phone answers to a request of the server's. */
export function reply(request: Seen, status: number, headers: readonly HeaderLine[] = [], body = ''): Uint8Array {
  const parts = { toTag: 'phone', headers: Headers.of(headers), body: Buffer.from(body) }
  return writeMessage(createResponse(requestOf(request.bytes), status, parts))
}

/** The ACK for an answer to `invite`: of the INVITE's transaction for a refusal, else of its dialog (RFC 3261 §17.1.1.3). */
export function ackOf(invite: Uint8Array, answer: Seen): Uint8Array {
  return follow('ACK', invite, answer, (answer.status ?? 0) >= 300 ? '' : 'ack')
}

/** The BYE that ends the call that `invite` began. */
export function byeOf(invite: Uint8Array, answer: Seen): Uint8Array {
  return follow('BYE', invite, answer, 'bye')
}

function follow(method: string, invite: Uint8Array, answer: Seen, branch: string): Uint8Array {
  const { uri, headers, via, cSeq, callId } = requestOf(Buffer.from(invite))
  const { to } = responseOf(Buffer.from(answer.bytes))
  const lines: HeaderLine[] = [
    [
      'Via',
      branch === '' ? via.text : `SIP/2.0/UDP ${bracketed(via.host)};rport;branch=z9hG4bK-${branch}-${++requests}`,
    ],
    ['Max-Forwards', '70'],
    ['From', headers.first('from') ?? ''],
    ['To', to.text],
    ['Call-ID', callId],
    ['CSeq', `${cSeq.number + (method === 'BYE' ? 1 : 0)} ${method}`],
  ]
  return writeMessage(createRequest({ method, uri, headers: Headers.of(lines) }))
}
