import type { Test } from 'tap'
import { parseDescription } from '../../src/sdp/parse.ts'
import { requestOf, responseOf } from '../sip/message/wire.ts'
import { corpus, flipped, SEED } from './octets.ts'
import { type Peer, udpPeer } from './peers.ts'
import { ackOf, byeOf, ordinary, passwordOf, sendSigned } from './people.ts'
import type { Scene } from './scene.ts'

const OFFERS = 500

const phone = [
  ...['v=0', 'o=- 20518 0 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'],
  ...['m=audio 54400 RTP/AVP 9 0 8 101', 'a=rtpmap:9 G722/8000', 'a=rtpmap:101 telephone-event/8000'],
  ...['a=fmtp:101 0-15', 'a=ptime:20', 'a=rtcp:54401 IN IP4 192.0.2.1', 'a=rtcp-mux', 'a=sendrecv', ''],
].join('\r\n')

/** The phone's own offer, often, and those of the corpus. */
function bodies(): Buffer[] {
  const invites = corpus.filter((bytes) => /^INVITE .*application\/sdp/s.test(bytes.toString('latin1')))
  const theirs = invites.map((bytes) => bytes.subarray(bytes.indexOf('\r\n\r\n') + 4))
  return [...theirs, ...Array<Buffer>(theirs.length).fill(Buffer.from(phone))]
}

/** A user calls the echo with offers of which one octet is wrong: each is refused, or answered with what can be read. */
export async function offers(t: Test, { v4, server }: Scene): Promise<void> {
  await server.cli('user', 'add', 'fuzzer', '--password', passwordOf('fuzzer'))
  const peer = await udpPeer(v4)
  t.teardown(peer.close)
  const statuses = new Map<number | null, number>()
  for (const body of [Buffer.from(phone), ...flipped(bodies(), OFFERS)]) {
    const status = await call(t, peer, body)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  const allowed = [200, 400, 415, 488]
  t.strictSame(
    [...statuses.keys()].filter((status) => status === null || !allowed.includes(status)),
    [],
    `answered or refused, seed ${SEED}: ${[...statuses].map((pair) => pair.join(' × ')).join(', ')}`,
  )
  t.ok((statuses.get(200) ?? 0) > 0 && (statuses.get(400) ?? 0) > 0, 'some of either')
}

async function call(t: Test, peer: Peer, body: Buffer): Promise<number | null> {
  const contact = `<sip:fuzzer@${peer.local.address}:${peer.local.port}>`
  const headers = [
    ['Contact', contact],
    ['Content-Type', 'application/sdp'],
  ] as const
  const invite = ordinary('INVITE', peer, 'fuzzer', headers, { uri: 'sip:*43@example.com', body })
  const answer = await sendSigned(peer, 'fuzzer', invite)
  peer.send(ackOf(invite, answer))
  if (answer.status !== 200) return answer.status
  const described = parseDescription(responseOf(answer.bytes).body).kind
  if (described !== 'description') t.fail('an answer that cannot be read', { body: body.toString('latin1') })
  const bye = byeOf(invite, answer)
  peer.send(bye)
  const { callId } = requestOf(bye)
  await peer.next('the answer to BYE', ({ headers }) => {
    return headers.first('call-id') === callId && /BYE$/.test(headers.first('cseq') ?? '')
  })
  return 200
}
