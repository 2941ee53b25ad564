import t from 'tap'
import { history } from '../../web/src/store/history.ts'
import { memoryBox } from '../../web/src/store/stored.ts'
import { callWith, endOf } from './calls.ts'

t.test('the newest call stands first, with how long both talked', async (t) => {
  const past = history(memoryBox(), '101')
  past.add(endOf(callWith({ id: 'a', answeredAt: 3000 }), 'talked', 65_400))
  past.add(endOf(callWith({ id: 'b', direction: 'in', peer: { user: '103', name: 'Carol' } }), 'missed', 9000))
  t.same(past.list(), [
    { id: 'b', direction: 'in', user: '103', name: 'Carol', at: 1000, seconds: 0, outcome: 'missed' },
    { id: 'a', direction: 'out', user: '102', name: null, at: 1000, seconds: 62, outcome: 'talked' },
  ])
})

t.test('each user has calls of their own, and they survive a reload', async (t) => {
  const box = memoryBox()
  history(box, '101').add(endOf(callWith(), 'cancelled', 2000))
  t.equal(history(box, '101').list().length, 1)
  t.equal(history(box, '102').list().length, 0)
  history(box, '101').clear()
  t.equal(history(box, '101').list().length, 0)
})

t.test('the last hundred are kept, and a call that comes again is one', async (t) => {
  const past = history(memoryBox(), '101')
  for (let i = 0; i < 130; i += 1) past.add(endOf(callWith({ id: `${i}` }), 'failed', 2000))
  past.add(endOf(callWith({ id: '129' }), 'talked', 2000))
  t.equal(past.list().length, 100)
  t.equal(past.list()[0]?.outcome, 'talked')
  t.equal(past.list()[99]?.id, '30')
})

t.test('what cannot be read is left out', async (t) => {
  const box = memoryBox()
  const good = { id: 'a', direction: 'in', user: '1', name: null, at: 1, seconds: 2, outcome: 'talked' }
  box.setItem(
    'offhook.history.101',
    JSON.stringify([null, 7, { ...good, outcome: 'eaten' }, { ...good, at: 'now' }, good]),
  )
  t.same(history(box, '101').list(), [good])
  box.setItem('offhook.history.101', '{"a":')
  t.same(history(box, '101').list(), [])
})
