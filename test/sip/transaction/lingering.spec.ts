import t from 'tap'
import { Lingering } from '../../../src/sip/transaction/lingering.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'

t.test('what is remembered stays for its time, and at most a quarter of it longer', async (t) => {
  for (const after of [0, 1, 799, 800, 801, 3_333]) {
    const clock = new VirtualClock()
    const memory = new Lingering<string>(clock, 3_200)
    memory.set('earlier', 'x')
    await clock.advance(after)
    memory.set('key', 'value')
    await clock.advance(3_199)
    t.equal(memory.get('key'), 'value', `set ${after} ms later than the first`)
    await clock.advance(801)
    t.equal(memory.get('key'), undefined, `set ${after} ms later than the first`)
  }
})

t.test('the last value holds, null is one, and another key is another', async (t) => {
  const clock = new VirtualClock()
  const memory = new Lingering<string | null>(clock, 3_200)
  memory.set('key', 'one')
  await clock.advance(1_000)
  memory.set('key', null)
  t.equal(memory.get('key'), null)
  t.equal(memory.get('other'), undefined)
})

t.test('no timer runs while nothing is remembered', async (t) => {
  const clock = new VirtualClock()
  const memory = new Lingering<true>(clock, 3_200)
  t.equal(clock.timers, 0)
  memory.set('key', true)
  t.equal(memory.size, 1)
  await clock.advance(4_000)
  t.equal(memory.size, 0)
  t.equal(clock.timers, 0)
  memory.set('key', true)
  memory.clear()
  t.equal(memory.size, 0)
  t.equal(memory.get('key'), undefined)
  t.equal(clock.timers, 0)
})
