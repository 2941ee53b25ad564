import t from 'tap'
import type { HeaderLine } from '../../../src/sip/message/headers.ts'
import { bodyOf, mediaOf } from '../../support/virtual/body.ts'
import { talking, twoPhones } from '../../support/virtual/people.ts'
import type { VirtualPhone } from '../../support/virtual/phone.ts'
import { world } from '../../support/virtual/world.ts'

// RFC 3665 §3: the flows of a session. We are user agent to both phones, where the RFC has proxies between them.

const heard = ({ received }: VirtualPhone): string[] =>
  received.map((message) => (message.kind === 'request' ? message.method : `${message.status} ${message.cSeq.method}`))

t.test('§3.1: INVITE, 180, 200, ACK, both talk, BYE, 200: nothing more, nothing less', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  await alice.sees('180 INVITE')
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  alice.says('hello')
  await bob.hears('hello')
  bob.says('hi')
  await alice.hears('hi')
  await bob.hangsUp()
  await alice.isHungUpOn()
  t.same(heard(alice), ['401 INVITE', '100 INVITE', '180 INVITE', '200 INVITE', 'BYE'])
  t.same(heard(bob), ['401 REGISTER', '200 REGISTER', 'INVITE', 'ACK', '200 BYE'])
  await nothingIsLeft(t)
})

t.test('§3.2: proxies on the way that record their route are in every later request', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  const routes: HeaderLine = ['Record-Route', '<sip:p2.example;lr>, <sip:p1.example;lr>']
  await alice.calls('102', { headers: [routes] })
  await bob.rings()
  const ringing = await alice.seesResponse('180 INVITE')
  t.same(ringing.headers.list('record-route'), ['<sip:p2.example;lr>', '<sip:p1.example;lr>'])
  bob.answers({ headers: [['Record-Route', '<sip:p3.example;lr>, <sip:p4.example;lr>']] })
  const answer = await alice.talks()
  t.same(answer.headers.list('record-route'), ['<sip:p2.example;lr>', '<sip:p1.example;lr>'])
  const ack = await bob.seesRequest('ACK')
  t.same(ack.headers.list('route'), ['<sip:p4.example;lr>', '<sip:p3.example;lr>'], 'the callee’s, backwards')
  bob.asks('INFO')
  const info = await alice.seesRequest('INFO')
  t.same(info.headers.list('route'), ['<sip:p2.example;lr>', '<sip:p1.example;lr>'], 'the caller’s, as they stood')
  alice.answersTo(info, 200)
  await bob.sees('200 INFO')
  await alice.hangsUp()
  const bye = await bob.isHungUpOn()
  t.same(bye.headers.list('route'), ['<sip:p4.example;lr>', '<sip:p3.example;lr>'])
  await nothingIsLeft(t)
})

t.test('§3.6: an INVITE without SDP: the offer comes in the 200, the answer in the ACK', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', { sdp: null })
  await bob.rings()
  bob.answers()
  await alice.talks({ sdp: alice.sdp() })
  t.match(bodyOf(await bob.seesRequest('ACK')), /m=audio/)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('§3.7: a re-INVITE from another address and port of audio: both hear each other there', async (t) => {
  const { alice, bob, phone, nothingIsLeft } = await talking(t)
  const elsewhere = await phone('103', { address: '10.0.0.80', claims: '10.0.0.80' })
  bob.asks('INVITE', { sdp: elsewhere.sdp() })
  await alice.seesRequest('INVITE')
  alice.answers()
  const answer = await bob.seesResponse('200 INVITE')
  bob.acknowledges(answer)
  await alice.sees('ACK')
  alice.says('can you hear me?')
  await elsewhere.hears('can you hear me?')
  const to = mediaOf(answer)
  if (to) elsewhere.audio.says('yes', to)
  await alice.hears('yes')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('§3.8: no answer: the caller cancels, the phone says 487, and so do we', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  await alice.sees('180 INVITE')
  alice.cancels()
  await alice.sees('200 CANCEL')
  await alice.sees('487 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await bob.sees('ACK')
  await nothingIsLeft(t)
})

for (const [section, status] of [
  ['§3.9: busy', 486],
  ['§3.11: temporarily unavailable', 480],
] as const) {
  t.test(`${section}: ${status} goes to the caller, an ACK to the phone`, async (t) => {
    const { alice, bob, nothingIsLeft } = await twoPhones(t)
    await alice.calls('102')
    await bob.seesRequest('INVITE')
    bob.responds(status)
    await bob.sees('ACK')
    await alice.sees(`${status} INVITE`)
    await nothingIsLeft(t)
  })
}

t.test('§3.10: a phone that answers nothing is asked again and again; the caller hears 480', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await alice.sees('480 INVITE', 40_000)
  t.ok(heard(bob).filter((what) => what === 'INVITE').length >= 4)
  await nothingIsLeft(t)
})

t.test('a user with no phone at all is 480, too', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  await alice.calls('102', { sees: '480 INVITE' })
  await nothingIsLeft(t)
})
