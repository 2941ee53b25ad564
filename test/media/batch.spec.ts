import t from 'tap'
import { Batch } from '../../src/media/thread/batch.ts'
import { VirtualClock } from '../support/virtual/clock.ts'

function bench() {
  const clock = new VirtualClock()
  const sent: { at: number; items: readonly string[] }[] = []
  const start = clock.now()
  const batch = new Batch<string>(clock, (items) => sent.push({ at: clock.now() - start, items }))
  return { clock, batch, sent }
}

t.test('what is said in one turn goes as one message, in order', async (t) => {
  const { clock, batch, sent } = bench()
  batch.add('open')
  batch.add('link')
  t.same(sent, [])
  await clock.advance(0)
  batch.add('close')
  await clock.advance(0)
  t.same(sent, [
    { at: 0, items: ['open', 'link'] },
    { at: 0, items: ['close'] },
  ])
})

t.test('what is in no hurry goes along with what is, and never waits longer than 10 ms', async (t) => {
  const { clock, batch, sent } = bench()
  batch.addPatient('close 1')
  await clock.advance(6)
  batch.addPatient('close 2')
  await clock.advance(4)
  t.same(sent.splice(0), [{ at: 10, items: ['close 1', 'close 2'] }])
  batch.addPatient('close 3')
  await clock.advance(3)
  batch.add('open 4')
  batch.addPatient('close 5')
  await clock.advance(0)
  t.same(sent.splice(0), [{ at: 13, items: ['close 3', 'open 4', 'close 5'] }])
  await clock.advance(50)
  t.same(sent, [], 'nothing is sent where nothing was said')
  t.equal(clock.timers, 0)
})
