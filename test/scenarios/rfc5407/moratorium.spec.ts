import t from 'tap'
import { bodyOf } from '../../support/virtual/body.ts'
import { talking, twoPhones } from '../../support/virtual/people.ts'
import type { VirtualPhone } from '../../support/virtual/phone.ts'

// RFC 5407 §3.1: the callee has answered and waits for the ACK. Toward the caller we are the callee, toward the phone
// that is called the caller.

/** 101's call is answered, and its ACK is still to come. */
async function answered(t: Parameters<typeof twoPhones>[0]) {
  const all = await twoPhones(t)
  await all.alice.calls('102')
  await all.bob.rings()
  all.bob.answers()
  const answer = await all.alice.seesResponse('200 INVITE')
  await all.bob.sees('ACK')
  return { ...all, answer }
}

const count = (phone: VirtualPhone, what: string): number =>
  phone.received.filter((message) => message.kind === 'request' && message.method === what).length

t.test('§3.1.1: the INVITE comes again after the answer: it is absorbed, and nobody rings twice', async (t) => {
  const { alice, bob, clock, answer, nothingIsLeft } = await answered(t)
  const invite = alice.outgoing
  if (!invite) throw new Error('101 has called')
  alice.sends(invite)
  await clock.advance(10)
  t.equal(count(bob, 'INVITE'), 1)
  t.notOk(alice.hasSeen('100 INVITE'), 'no answer but the 2xx, which is repeated on its own')
  alice.dialog = { callId: answer.callId, from: answer.from.text, to: answer.to.text, target: 'sip:102@10.0.0.1' }
  alice.acknowledges(answer)
  alice.sends(invite)
  await clock.advance(10)
  t.equal(count(bob, 'INVITE'), 1)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('§3.1.2: CANCEL meets our answer: it is answered, changes nothing, and the caller hangs up', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  await bob.sees('ACK')
  alice.cancels()
  await alice.sees('200 CANCEL')
  await clock.advance(600)
  t.notOk(alice.hasSeen('487 INVITE'))
  await alice.talks()
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('§3.1.2: our CANCEL meets the phone’s answer: it is acknowledged and hung up', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  alice.cancels()
  await alice.sees('487 INVITE')
  bob.answers()
  await bob.sees('CANCEL')
  await bob.sees('ACK')
  await bob.isHungUpOn()
  t.match((await records())[0], { outcome: 'cancelled', answeredAt: null })
  await nothingIsLeft(t)
})

t.test('§3.1.3: BYE of the early dialog meets our answer: the call ends at once', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  const ringing = await alice.seesResponse('180 INVITE')
  bob.answers()
  await bob.sees('ACK')
  alice.dialog = { callId: ringing.callId, from: ringing.from.text, to: ringing.to.text, target: 'sip:102@10.0.0.1' }
  await alice.hangsUp()
  await bob.isHungUpOn()
  const answer = alice.received.find((message) => message.kind === 'response' && message.status === 200)
  const repeats = alice.received.length
  if (answer?.kind === 'response') alice.acknowledges(answer)
  await clock.advance(10_000)
  t.equal(alice.received.length, repeats, 'the 2xx is not repeated any more')
  await nothingIsLeft(t)
})

t.test('§3.1.4: a re-INVITE overtakes the ACK: it is carried across, and the late ACK does no harm', async (t) => {
  const { alice, bob, clock, answer, nothingIsLeft } = await answered(t)
  const target = answer.headers.first('contact')?.slice(1, -1) ?? ''
  alice.dialog = { callId: answer.callId, from: answer.from.text, to: answer.to.text, target }
  alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  t.match(bodyOf(await bob.seesRequest('INVITE')), /a=sendonly/)
  bob.answers({ sdp: bob.sdp({ lines: ['a=recvonly'] }) })
  await clock.advance(10)
  const held = alice.received.findLast((message) => message.kind === 'response' && message.status === 200)
  if (held?.kind !== 'response') throw new Error('no answer')
  t.match(bodyOf(held), /a=recvonly/)
  alice.acknowledges(held)
  alice.acknowledges(answer)
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('§3.1.5: a re-INVITE overtakes the ACK that brings the answer: 491, and it may come again', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', { sdp: null })
  await bob.rings()
  bob.answers()
  const offer = await alice.seesResponse('200 INVITE')
  const target = offer.headers.first('contact')?.slice(1, -1) ?? ''
  alice.dialog = { callId: offer.callId, from: offer.from.text, to: offer.to.text, target }
  const early = alice.asks('INVITE', { sdp: alice.sdp() })
  alice.acknowledgesRefusal(early, await alice.seesResponse('491 INVITE'))
  t.notOk(bob.hasSeen('INVITE'))
  alice.acknowledges(offer, { sdp: alice.sdp() })
  t.ok((await bob.seesRequest('ACK')).body.length > 0)
  alice.asks('INVITE', { sdp: alice.sdp() })
  await bob.seesRequest('INVITE')
  bob.answers()
  alice.acknowledges(await alice.seesResponse('200 INVITE'))
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('§3.1.6: BYE overtakes the ACK: the call is over, and the answer not repeated', async (t) => {
  const { alice, bob, clock, answer, nothingIsLeft } = await answered(t)
  const target = answer.headers.first('contact')?.slice(1, -1) ?? ''
  alice.dialog = { callId: answer.callId, from: answer.from.text, to: answer.to.text, target }
  await alice.hangsUp()
  await bob.isHungUpOn()
  const before = alice.received.length
  alice.acknowledges(answer)
  await clock.advance(10_000)
  t.equal(alice.received.length, before)
  await nothingIsLeft(t)
})

t.test('a retransmitted ACK, and the ACK of a call that is up for long, change nothing', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await talking(t)
  const answer = alice.received.find((message) => message.kind === 'response' && message.status === 200)
  if (answer?.kind !== 'response') throw new Error('no answer')
  alice.acknowledges(answer)
  await clock.advance(20_000)
  alice.acknowledges(answer)
  await clock.advance(10)
  t.equal(count(bob, 'ACK'), 1)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})
