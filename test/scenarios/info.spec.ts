import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { talking } from '../support/virtual/people.ts'

t.test('INFO is carried across with its body', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('INFO', { sdp: 'Signal=5\r\nDuration=160\r\n' })
  const info = await bob.seesRequest('INFO')
  t.match(bodyOf(info), /Signal=5/)
  bob.answersTo(info, 200)
  await alice.sees('200 INFO')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})
