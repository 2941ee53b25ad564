import t from 'tap'
import { Moderation, newWakeCell, nextStep, wake } from '../../src/media/thread/moderation.ts'
import type { Clock } from '../../src/platform/clock.ts'

t.test('what comes next, in numbers', async (t) => {
  for (const [isModerating, rate, batch, next] of [
    [false, 0, 0, 'wait'],
    [false, 1499, 1, 'wait'],
    [false, 1500, 1, 'sleep'],
    [true, 1499, 1, 'sleep'],
    [true, 1000, 0, 'sleep'],
    [true, 999, 1, 'wait'],
    [true, 30_000, 63, 'sleep'],
    [true, 30_000, 64, 'poll'],
    [true, 0, 100, 'wait'],
  ] as const) {
    t.equal(nextStep(isModerating, rate, batch), next, `${rate} packets/s, ${batch} at once`)
  }
})

/** A moderated event loop, turned by hand. */
function loop() {
  let now = 0
  const due: (() => void)[] = []
  const unused = () => {
    throw new Error('moderation has no use for it')
  }
  const clock: Clock = { now: () => now, wall: unused, after: unused, endOfTurn: (run) => void due.push(run) }
  const cell = newWakeCell()
  const sleeps: string[] = []
  const moderation = new Moderation(cell, clock, (cell, seen) => {
    sleeps.push(Atomics.load(cell, 0) === seen ? 'slept' : 'woken')
  })
  return {
    cell,
    sleeps,
    /** Whether the next poll of the loop will not block. */
    isTurning: () => due.length > 0,
    /** `span` ms pass, a poll finds `packets`, and the turn ends. Gives what was done before the next poll. */
    turn(span: number, packets: number): string {
      now += span
      for (let packet = 0; packet < packets; packet++) moderation.count()
      const before = sleeps.length
      for (const run of due.splice(0)) run()
      return sleeps[before] ?? (due.length > 0 ? 'polled' : 'waited')
    },
  }
}

t.test('where few packets pass, the loop is left alone', async (t) => {
  const { turn, sleeps, isTurning } = loop()
  for (let packet = 0; packet < 1000; packet++) turn(1, 1)
  t.same([sleeps, isTurning()], [[], false])
})

t.test('where many pass one by one, it sleeps between polls, and no more when they cease', async (t) => {
  const { turn, sleeps, isTurning } = loop()
  for (let packet = 0; packet < 64; packet++) turn(0.5, 1)
  t.ok(isTurning())
  t.same([turn(2, 4), turn(2, 4), turn(2, 0)], ['slept', 'slept', 'slept'])
  let turns = 0
  for (; isTurning() && turns < 1000; turns++) turn(2, 0)
  t.ok(turns < 110, `given up after ${turns} turns of 2 ms`)
  t.ok(sleeps.every((sleep) => sleep === 'slept'))
  t.equal(turn(1000, 1), 'waited')
  turn(1, 64)
  turn(1, 64)
  t.ok(isTurning(), 'and it begins again')
})

t.test('after a large batch it looks again at once', async (t) => {
  const { turn } = loop()
  turn(1, 64)
  t.same([turn(1, 64), turn(1, 63), turn(1, 500)], ['polled', 'slept', 'polled'])
})

t.test('a command that came since the last poll lets it not sleep, once', async (t) => {
  const { turn, cell } = loop()
  turn(1, 64)
  turn(1, 3)
  wake(cell)
  t.same([turn(1, 3), turn(1, 3)], ['woken', 'slept'])
})

t.test('a burst is no rate: a pause before it counts', async (t) => {
  const { turn, isTurning } = loop()
  turn(10_000, 64)
  t.notOk(isTurning())
})
