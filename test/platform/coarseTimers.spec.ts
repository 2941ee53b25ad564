import t from 'tap'
import { CoarseTimers, GRAIN } from '../../src/platform/coarseTimers.ts'
import { VirtualClock } from '../support/virtual/clock.ts'

function bench() {
  const clock = new VirtualClock()
  const timers = new CoarseTimers(clock)
  const fired: string[] = []
  const start = (name: string, delay: number) => timers.after(delay, () => fired.push(`${clock.now()} ${name}`))
  return { clock, timers, fired, start }
}

t.test('a coarse timer is never early, and a grain late at most', async (t) => {
  for (const begun of [0, 1, GRAIN - 1, GRAIN]) {
    for (const delay of [0, 1, 100, 32_000, 32_001]) {
      const { clock, timers } = bench()
      await clock.advance(begun)
      let at = -1
      timers.after(delay, () => {
        at = clock.now()
      })
      await clock.advance(delay + GRAIN)
      t.ok(at >= begun + delay && at < begun + delay + GRAIN, `${delay} ms from ${begun} on: ${at}`)
    }
  }
})

t.test(
  'those that fall due together take one timer of the system, and fire in the order they were started',
  async (t) => {
    const { clock, fired, start } = bench()
    start('a', 3 * GRAIN)
    start('b', 3 * GRAIN - 1)
    start('c', 3 * GRAIN + 1)
    t.equal(clock.timers, 2)
    await clock.advance(10 * GRAIN)
    t.strictSame(fired, [`${3 * GRAIN} a`, `${3 * GRAIN} b`, `${4 * GRAIN} c`])
    t.equal(clock.timers, 0)
  },
)

t.test('one that is cancelled does not fire, and the last one takes the timer of the system with it', async (t) => {
  const { clock, fired, start } = bench()
  const [a, b] = [start('a', 100), start('b', 100)]
  a.cancel()
  a.cancel()
  t.equal(clock.timers, 1)
  b.cancel()
  t.equal(clock.timers, 0)
  start('c', 100)
  b.cancel()
  await clock.advance(1000)
  t.strictSame(fired, ['100 c'])
})

t.test('one that fires may cancel its neighbour, itself, and start another', async (t) => {
  const { clock, timers, fired, start } = bench()
  const first = timers.after(100, () => {
    first.cancel()
    neighbour.cancel()
    start('next', 0)
    start('later', 100)
  })
  const neighbour = start('neighbour', 100)
  await clock.advance(1000)
  t.strictSame(fired, ['100 next', '200 later'])
  t.equal(clock.timers, 0)
})
