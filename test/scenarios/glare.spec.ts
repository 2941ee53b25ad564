import t from 'tap'
import { talking } from '../support/virtual/people.ts'

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
