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
