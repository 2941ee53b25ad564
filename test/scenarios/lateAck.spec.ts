import t from 'tap'
import { twoPhones } from '../support/virtual/people.ts'

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

t.test('a late ACK is as good as any: the 2xx is repeated until it comes, and then no more', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  await clock.advance(30_000)
  const answer = await alice.talks()
  await clock.advance(100)
  const before = alice.received.length
  alice.says('at last')
  await bob.hears('at last')
  await clock.advance(20_000)
  t.equal(alice.received.length, before)
  alice.acknowledges(answer)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('our own ACK is lost: each repeat of the phone’s 2xx is acknowledged with the same octets', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  const first = await bob.seesRequest('ACK')
  await alice.talks()
  for (let repeat = 0; repeat < 3; repeat++) {
    bob.answers()
    const again = await bob.seesRequest('ACK')
    t.same([...again.headers], [...first.headers])
    t.equal(again.via.branch, first.via.branch)
  }
  t.equal(alice.received.filter((message) => message.kind === 'response' && message.status === 200).length, 1)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a re-INVITE whose 2xx is never acknowledged ends the call, too', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await twoPhones(t)
  await alice.reaches(bob)
  alice.asks('INVITE', { sdp: alice.sdp() })
  await bob.seesRequest('INVITE')
  bob.answers()
  await bob.sees('ACK')
  alice.answersTo(await alice.seesRequest('BYE', 40_000), 200)
  await bob.isHungUpOn()
  t.match((await records())[0], { endedBy: 'server', reason: /never acknowledged/ })
  await nothingIsLeft(t)
})
