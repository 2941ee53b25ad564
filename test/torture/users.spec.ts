import type { Test } from 'tap'
import { type Corpus, corpusMessage } from '../support/corpus.ts'
import { type Peer, udpPeer } from './peers.ts'
import { ackOf, byeOf, ordinary, passwordOf, reply, sendSigned } from './people.ts'
import type { Scene } from './scene.ts'
import type { Seen } from './seen.ts'

/** `contact`: what the answer to the REGISTER has to show. */
type Registration = readonly [
  section: string,
  corpus: Corpus,
  name: string,
  user: string,
  says: string,
  contact?: RegExp,
]

const registrations: readonly Registration[] = [
  ['3.1.1.8', 'rfc4475', 'dblreq', 'j.user', 'the INVITE in the same datagram is noise'],
  ['3.3.7', 'rfc4475', 'regaut01', 'j.user', 'a scheme that nobody knows beside one that is right'],
  [
    ...(['3.3.12', 'rfc4475', 'cparam01', 'watson', 'unknownparam is a parameter of Contact'] as const),
    /^<?sip:\+19725552222@gw1\.example\.net>?;(.*;)?unknownparam/,
  ],
  [
    ...(['3.3.13', 'rfc4475', 'cparam02', 'watson', 'unknownparam is a parameter of the URI'] as const),
    /^<sip:\+19725552222@gw1\.example\.net;unknownparam>(?!.*unknownparam)/,
  ],
  [
    ...(['3.3.14', 'rfc4475', 'regescrt', 'user', 'the header is part of the URI'] as const),
    /^<sip:user@example\.com\?Route=%3Csip:sip\.example\.com%3E>/,
  ],
  ['4.1', 'rfc5118', 'ipv6-good', 'user', 'valid'],
  ['4.4', 'rfc5118', 'port-unambiguous', 'user', 'valid'],
]

type Invitation = readonly [section: string, corpus: Corpus, name: string, user: string, says: string, status: number]

const calls: readonly Invitation[] = [
  ['3.1.2.12', 'rfc4475', 'baddate', 'caller', 'the Date counts for nothing: the call is made', 200],
  ['3.3.6', 'rfc4475', 'invut', 'caller', 'a body of a type that nobody knows', 415],
  ['3.4.1', 'rfc4475', 'inv2543', '+13035551111', 'an INVITE of RFC 2543 should be accepted', 200],
  ['4.6', 'rfc5118', 'ipv6-in-sdp', 'user', 'audio and video over IPv6', 200],
  ['4.8', 'rfc5118', 'mult-ip-in-sdp', 'user', 'audio over IPv4, video over IPv6', 200],
  ['4.9', 'rfc5118', 'ipv4-mapped-ipv6', 'user', 'addresses that are IPv4 inside IPv6', 200],
]

const names = ['user', 'UserB', 'caller', 'watson', 'j.user', '+13035551111']

/** Those messages that get further than a stranger's, from the users that they name. */
export async function users(t: Test, scene: Scene): Promise<void> {
  for (const name of names) await scene.server.cli('user', 'add', name, '--password', passwordOf(name))
  const [v4, v6, phone] = [await udpPeer(scene.v4), await udpPeer(scene.v6), await udpPeer(scene.v4)]
  t.teardown(() => {
    for (const peer of [v4, v6, phone]) peer.close()
  })
  const from = (corpus: Corpus) => (corpus === 'rfc5118' ? v6 : v4)

  for (const row of registrations) await registers(t, row, from(row[1]))
  for (const user of ['user', 'UserB']) {
    const contact = `<sip:${user}@${phone.local.address}:${phone.local.port}>`
    const answer = await sendSigned(phone, user, ordinary('REGISTER', phone, user, [['Contact', contact]]))
    t.equal(answer.status, 200, `the phone of ${user}`)
  }
  for (const row of calls) await call(t, row, from(row[1]), phone)
  for (const user of ['user', 'UserB']) await unregisters(t, phone, user)
}

async function registers(
  t: Test,
  [section, corpus, name, user, says, contact]: Registration,
  peer: Peer,
): Promise<void> {
  const { status, headers } = await sendSigned(peer, user, corpusMessage(corpus, name))
  t.equal(status, 200, `§${section} ${name}: ${says}`)
  if (contact) t.match(headers.list('contact').join(), contact, `§${section} ${name}: and shown so`)
  await unregisters(t, peer, user)
}

async function unregisters(t: Test, peer: Peer, user: string): Promise<void> {
  const all = [
    ['Contact', '*'],
    ['Expires', '0'],
  ] as const
  const { status } = await sendSigned(peer, user, ordinary('REGISTER', peer, user, all))
  t.equal(status, 200, `${user} is gone again`)
}

async function call(
  t: Test,
  [section, corpus, name, user, says, status]: Invitation,
  caller: Peer,
  phone: Peer,
): Promise<void> {
  const invite = corpusMessage(corpus, name)
  const picked = status === 200 ? pickUp(phone) : Promise.resolve()
  const answer = await sendSigned(caller, user, invite)
  t.equal(answer.status, status, `§${section} ${name}: ${says}`)
  caller.send(ackOf(invite, answer))
  if (status !== 200) return
  await picked
  await phone.next('the ACK', ({ startLine }) => startLine.startsWith('ACK '))
  const bye = byeOf(invite, answer)
  caller.send(bye)
  const end = await phone.next('the BYE', ({ startLine }) => startLine.startsWith('BYE '))
  phone.send(reply(end, 200))
  const over = await caller.next('the answer to BYE', ({ headers }) => /BYE$/.test(headers.first('cseq') ?? ''))
  t.equal(over.status, 200, `§${section} ${name}: and ended`)
}

async function pickUp(phone: Peer): Promise<void> {
  const invite: Seen = await phone.next('the INVITE', ({ startLine }) => startLine.startsWith('INVITE '))
  const { address, port } = phone.local
  const offer = Buffer.from(invite.bytes).toString('latin1')
  const payloadType = /m=audio \d+ RTP\/AVP (\d+)/.exec(offer)?.[1] ?? ''
  const mapped = new RegExp(`^a=rtpmap:${payloadType} .*$`, 'm').exec(offer)?.[0]
  const session = ['v=0', `o=- 1 1 IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0']
  const lines = [...session, `m=audio 40000 RTP/AVP ${payloadType}`, ...(mapped ? [mapped.trimEnd()] : []), '']
  const headers = [
    ['Contact', `<sip:phone@${address}:${port}>`],
    ['Content-Type', 'application/sdp'],
  ] as const
  phone.send(reply(invite, 200, headers, lines.join('\r\n')))
}
