import t from 'tap'
import { talking, twoPhones } from '../support/virtual/people.ts'
import { world } from '../support/virtual/world.ts'

const versionOf = (message: { body: Uint8Array }): number => Number(/^o=\S+ \S+ (\d+)/m.exec(text(message))?.[1])
const text = (message: { body: Uint8Array }): string => Buffer.from(message.body).toString()

t.test('both hear each other through the server', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.says('hello')
  const heard = await bob.hears('hello')
  t.equal(heard.from.address, '10.0.0.1', 'by way of the server')
  bob.says('hi')
  await alice.hears('hi')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('payload types are each leg’s own, and mapped between them', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t, {
    alice: { codecs: ['0 PCMU/8000', '96 telephone-event/8000'] },
    bob: { codecs: ['0 PCMU/8000', '110 telephone-event/8000'] },
  })
  alice.says('digit', 96)
  t.equal((await bob.hears('digit')).payloadType, 110)
  bob.says('digit', 110)
  t.equal((await alice.hears('digit')).payloadType, 96)
  // What the answer changed the number of may come under either (RFC 3264 §6.1 wants ours, some phones use theirs).
  bob.says('ours', 96)
  t.equal((await alice.hears('ours')).payloadType, 96)
  alice.says('not negotiated', 33)
  alice.says('after')
  await bob.hears('after')
  t.notOk(bob.audio.heard.some(({ words }) => words === 'not negotiated'))
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('no codec in common is 488', async (t) => {
  const { phone, records, nothingIsLeft } = await world(t)
  const alice = await phone('101', { codecs: ['0 PCMU/8000'] })
  const bob = await phone('102', { codecs: ['8 PCMA/8000'] })
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  await alice.sees('488 INVITE')
  await bob.sees('ACK')
  bob.answersTo(await bob.seesRequest('BYE'), 200)
  t.match((await records())[0], { outcome: 'failed', status: 488 })
  await nothingIsLeft(t)
})

for (const [form, lines, address] of [
  ['sendonly', ['a=sendonly'], undefined],
  ['inactive', ['a=inactive'], undefined],
  ['c=0.0.0.0', [], '0.0.0.0'],
] as const) {
  t.test(`hold by ${form}, and resume`, async (t) => {
    const { alice, bob, nothingIsLeft } = await talking(t)
    alice.asks('INVITE', { sdp: alice.sdp({ lines, address }) })
    const held = await bob.seesRequest('INVITE')
    t.match(text(held), form === 'inactive' ? /a=inactive/ : /a=sendonly/)
    bob.answersTo(held, 200, { headers: [['Contact', bob.contact]], sdp: bob.sdp({ lines: ['a=recvonly'] }) })
    const answer = await alice.seesResponse('200 INVITE')
    alice.acknowledges(answer)
    await bob.sees('ACK')
    t.match(text(answer), form === 'inactive' ? /a=inactive/ : /a=recvonly/)
    alice.asks('INVITE', { sdp: alice.sdp() })
    const resumed = await bob.seesRequest('INVITE')
    t.notMatch(text(resumed), /a=(sendonly|inactive|recvonly)/)
    bob.answersTo(resumed, 200, { headers: [['Contact', bob.contact]], sdp: bob.sdp() })
    alice.acknowledges(await alice.seesResponse('200 INVITE'))
    await bob.sees('ACK')
    alice.says('back again')
    await bob.hears('back again')
    bob.says('good')
    await alice.hears('good')
    await alice.hangsUp()
    await bob.isHungUpOn()
    await nothingIsLeft(t)
  })
}

t.test('a re-INVITE that the other side refuses changes nothing', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  bob.asks('INVITE', { sdp: bob.sdp({ codecs: ['8 PCMA/8000'] }) })
  const offered = await alice.seesRequest('INVITE')
  alice.answersTo(offered, 488)
  await bob.sees('488 INVITE')
  bob.asks('INVITE', { sdp: bob.sdp({ lines: ['a=sendonly'] }) })
  const again = await alice.seesRequest('INVITE')
  t.equal(versionOf(again), versionOf(offered) + 1, 'the refused version is used up (RFC 3264 §8)')
  alice.answersTo(again, 488)
  await bob.sees('488 INVITE')
  bob.says('still here')
  await alice.hears('still here')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a re-INVITE without SDP is carried as one, and the ACK brings the answer', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('INVITE')
  const asked = await bob.seesRequest('INVITE')
  t.equal(asked.body.length, 0)
  bob.answersTo(asked, 200, { headers: [['Contact', bob.contact]], sdp: bob.sdp() })
  const offer = await alice.seesResponse('200 INVITE')
  t.ok(offer.body.length > 0)
  t.notOk(bob.hasSeen('ACK'), 'the ACK to the one waits for the ACK of the other')
  alice.acknowledges(offer, { sdp: alice.sdp() })
  const ack = await bob.seesRequest('ACK')
  t.ok(ack.body.length > 0)
  alice.says('hello')
  await bob.hears('hello')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('delayed offer: the callee’s offer goes to the caller, its answer back in the ACK', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', { sdp: null })
  const invite = await bob.rings()
  t.equal(invite.body.length, 0)
  bob.answers()
  const answer = await alice.talks({ sdp: alice.sdp() })
  t.ok(answer.body.length > 0)
  t.ok((await bob.seesRequest('ACK')).body.length > 0)
  alice.says('hello')
  await bob.hears('hello')
  bob.says('hi')
  await alice.hears('hi')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('both re-INVITE at once: 491 for each', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('INVITE', { sdp: alice.sdp() })
  bob.asks('INVITE', { sdp: bob.sdp() })
  await bob.sees('491 INVITE')
  const carried = await bob.seesRequest('INVITE')
  bob.answersTo(carried, 491)
  await alice.sees('491 INVITE')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('an early answer that the final one contradicts is mended by re-INVITE', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.seesRequest('INVITE')
  bob.responds(183, { sdp: bob.sdp({ codecs: ['0 PCMU/8000'] }) })
  await alice.sees('183 INVITE')
  bob.responds(200, { sdp: bob.sdp({ codecs: ['8 PCMA/8000'] }) })
  await alice.talks()
  const mend = await alice.seesRequest('INVITE')
  t.match(text(mend), /m=audio \d+ RTP\/AVP 8\r\n/)
  alice.answersTo(mend, 200, { headers: [['Contact', alice.contact]], sdp: alice.sdp({ codecs: ['8 PCMA/8000'] }) })
  await alice.sees('ACK')
  alice.says('in a-law', 8)
  t.equal((await bob.hears('in a-law')).payloadType, 8)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('INFO is carried across with its body', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('INFO', { sdp: 'Signal=5\r\nDuration=160\r\n' })
  const info = await bob.seesRequest('INFO')
  t.match(text(info), /Signal=5/)
  bob.answersTo(info, 200)
  await alice.sees('200 INFO')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('an answer that is never acknowledged is repeated, and after 32 s the call is over', async (t) => {
  const { alice, bob, clock, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  await clock.advance(31_000)
  const repeats = alice.received.filter((message) => message.kind === 'response' && message.status === 200)
  t.equal(repeats.length, 10, 'at 0, 0.5, 1.5, 3.5, 7.5, 11.5 … s')
  alice.answersTo(await alice.seesRequest('BYE'), 200)
  await bob.isHungUpOn()
  t.match((await records())[0], { endedBy: 'server', reason: /never acknowledged/ })
  await nothingIsLeft(t)
})

t.test('two minutes on hold without a packet are no reason to hang up while the phones answer', async (t) => {
  const { clock, alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=inactive'] }) })
  bob.answersTo(await bob.seesRequest('INVITE'), 200, {
    headers: [['Contact', bob.contact]],
    sdp: bob.sdp({ lines: ['a=inactive'] }),
  })
  alice.acknowledges(await alice.seesResponse('200 INVITE'))
  for (let minute = 0; minute < 2; minute++) {
    for (const one of [alice, bob]) one.answersTo(await one.seesRequest('OPTIONS', 70_000), 200)
  }
  await clock.advance(10_000)
  t.notOk(alice.hasSeen('BYE'))
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a held phone that answers no more is noticed', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await talking(t)
  alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=inactive'] }) })
  bob.answersTo(await bob.seesRequest('INVITE'), 200, {
    headers: [['Contact', bob.contact]],
    sdp: bob.sdp({ lines: ['a=inactive'] }),
  })
  alice.acknowledges(await alice.seesResponse('200 INVITE'))
  alice.answersTo(await alice.seesRequest('OPTIONS', 70_000), 200)
  alice.answersTo(await alice.seesRequest('BYE', 70_000), 200)
  t.match((await records())[0], { endedBy: 'server', reason: /102/ })
  await nothingIsLeft(t)
})

t.test('a minute without a packet from anyone ends the call, with a reason', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await talking(t)
  alice.says('hello')
  await bob.hears('hello')
  const bye = await alice.seesRequest('BYE', 70_000)
  t.match(bye.headers.first('reason'), /no audio/)
  alice.answersTo(bye, 200)
  await bob.isHungUpOn()
  t.match((await records())[0], { endedBy: 'server', outcome: 'answered', reason: /no audio/ })
  await nothingIsLeft(t)
})

t.test('silence before the answer does not count', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.sees('INVITE')
  bob.responds(183, { sdp: bob.sdp() })
  await clock.advance(55_000)
  bob.answers()
  await alice.talks()
  await clock.advance(50_000)
  t.notOk(alice.hasSeen('BYE'), 'the call is up for 50 s only')
  alice.answersTo(await alice.seesRequest('BYE', 80_000), 200)
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})
