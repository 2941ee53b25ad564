import t from 'tap'
import { bothRinging } from '../support/virtual/people.ts'

t.test('one phone rejects, the other rings on; both busy is busy', async (t) => {
  const { alice, desk, kitchen, nothingIsLeft } = await bothRinging(t)
  desk.responds(486)
  await desk.sees('ACK')
  t.notOk(alice.hasSeen('486 INVITE'))
  kitchen.responds(480)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})
