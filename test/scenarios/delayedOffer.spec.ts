import t from 'tap'
import { twoPhones } from '../support/virtual/people.ts'

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
