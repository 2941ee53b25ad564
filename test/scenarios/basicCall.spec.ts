import t from 'tap'
import { twoPhones } from '../support/virtual/people.ts'

t.test('a call from one phone to another', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  await alice.sees('180 INVITE')
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  const [record] = await records()
  t.match(record, { from: '101', to: '102', answeredBy: '102', outcome: 'answered', endedBy: 'caller', status: 200 })
  await nothingIsLeft(t)
})
