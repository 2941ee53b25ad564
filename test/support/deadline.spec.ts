import t from 'tap'
import { until, within } from './deadline.ts'

t.test('within gives what came in time', async (t) => {
  t.equal(await within(1000, 'an answer', Promise.resolve(42)), 42)
  await t.rejects(within(1000, 'an answer', Promise.reject(new Error('no'))), { message: 'no' }, 'a failure as it is')
})

t.test('within names what did not come', async (t) => {
  await t.rejects(within(1, 'the answer', new Promise(() => {})), { message: 'waited 1 ms in vain: the answer' })
})

t.test('until asks again until there is something', async (t) => {
  let asked = 0
  t.equal(await until(1000, 'the third time', () => (++asked === 3 ? 'now' : undefined)), 'now')
  t.equal(asked, 3)
  t.equal(await until(1000, 'zero, which is something', async () => 0), 0)
  await t.rejects(
    until(1, 'nothing', () => undefined),
    { message: 'waited 1 ms in vain: nothing' },
  )
})
