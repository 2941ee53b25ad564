import t from 'tap'
import { VirtualClock } from './clock.ts'

t.test('timers fire in the order of their time, then of their start', async (t) => {
  const clock = new VirtualClock()
  const fired: string[] = []
  const note = (name: string) => () => fired.push(`${name} ${clock.now()}`)
  clock.after(20, note('c'))
  clock.after(10, note('a'))
  clock.after(20, note('d'))
  clock.after(10.5, note('b'))
  clock.after(30, note('late'))
  const cancelled = clock.after(15, note('cancelled'))
  cancelled.cancel()
  t.equal(clock.timers, 5)
  await clock.advance(29)
  t.strictSame(fired, ['a 10', 'b 10.5', 'c 20', 'd 20'])
  t.equal(clock.now(), 29)
  t.equal(clock.timers, 1)
  cancelled.cancel()
})

t.test('a timer that a timer starts falls due in the same span', async (t) => {
  const clock = new VirtualClock()
  const fired: number[] = []
  const again = (): void => {
    fired.push(clock.now())
    clock.after(10, again)
  }
  clock.after(10, again)
  await clock.advance(35)
  t.strictSame(fired, [10, 20, 30])
})

t.test('promises settle between two timers', async (t) => {
  const clock = new VirtualClock()
  const order: string[] = []
  clock.after(1, async () => {
    order.push('first')
    await Promise.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    order.push('its promise')
  })
  clock.after(1, () => order.push('second'))
  await clock.advance(1)
  t.strictSame(order, ['first', 'its promise', 'second'])
})

t.test('the end of a turn comes before time goes on', async (t) => {
  const clock = new VirtualClock()
  const order: string[] = []
  clock.after(1, () => {
    clock.endOfTurn(() => {
      order.push(`end of turn at ${clock.now()}`)
      clock.endOfTurn(() => order.push('and of the next'))
    })
  })
  clock.after(2, () => order.push('timer'))
  await clock.advance(5)
  t.strictSame(order, ['end of turn at 1', 'and of the next', 'timer'])
})

t.test('time can be let go on until something holds', async (t) => {
  const clock = new VirtualClock()
  let done = false
  clock.after(500, () => {
    done = true
  })
  t.equal(await clock.advanceUntil(() => done, 499), false)
  t.equal(clock.now(), 499)
  t.equal(await clock.advanceUntil(() => done, 10_000), true)
  t.equal(clock.now(), 500, 'and no further')
  t.equal(await clock.advanceUntil(() => true, 10_000), true)
  t.equal(clock.now(), 500)
})

t.test('the time of day goes along', async (t) => {
  const clock = new VirtualClock()
  const before = clock.wall().getTime()
  await clock.advance(86_400_000)
  t.equal(clock.wall().getTime() - before, 86_400_000)
})
