import t from 'tap'
import { SLOW, Ticker } from '../../src/media/ticker.ts'
import { VirtualClock } from '../support/virtual/clock.ts'

t.test('everybody ticks every 20 ms, spread over the time between', async (t) => {
  const clock = new VirtualClock()
  const ticker = new Ticker(clock)
  const times: number[][] = [[], [], [], [], []]
  for (const each of times) ticker.add((now) => each.push(now))
  await clock.advance(200)
  for (const each of times) t.equal(each.length, 10)
  const apart = times.map((each) => each.slice(1).map((time, at) => time - (each[at] ?? 0)))
  t.ok(apart.flat().every((gap) => gap === 20))
  t.equal(new Set(times.slice(0, 4).map(([first]) => first)).size, 4, 'four at four times')
})

t.test('the slow pulse calls each once a second, in twenty turns', async (t) => {
  const clock = new VirtualClock()
  const ticker = new Ticker(clock, undefined, SLOW)
  const times: number[][] = Array.from({ length: 41 }, () => [])
  for (const each of times) ticker.add((now) => each.push(now))
  await clock.advance(10_000)
  const apart = times.flatMap((each) => each.slice(1).map((time, at) => time - (each[at] ?? 0)))
  t.ok(times.every(({ length }) => length === 10) && apart.every((gap) => gap === 1000))
  const turns = new Map<number, number>()
  for (const [first = 0] of times) turns.set(first, (turns.get(first) ?? 0) + 1)
  t.equal(turns.size, 20)
  t.ok(
    [...turns.values()].every((inOne) => inOne <= 3),
    'shared out evenly',
  )
})

t.test('each turn has its share of each kind, in whatever order they come and go', async (t) => {
  const clock = new VirtualClock()
  const ticker = new Ticker(clock)
  const turns = new Map<number, string[]>()
  const add = (kind: string) => ticker.add((now) => turns.set(now % 20, [...(turns.get(now % 20) ?? []), kind]), kind)
  const order = [...'ababababbbbaaaabbabaabab', 'c', 'd']
  const stops = order.map(add)
  for (const [at, kind] of order.entries()) {
    if (kind > 'b') continue
    stops[at]?.()
    stops[at] = add(kind)
  }
  await clock.advance(20)
  const shares = [...turns.values()].map((kinds) => ['a', 'b'].map((kind) => kinds.filter((k) => k === kind).length))
  t.same(shares, Array(4).fill([3, 3]))
  const lone = [...turns.values()].filter((kinds) => kinds.includes('c') || kinds.includes('d'))
  t.equal(lone.length, 2, 'what is alone of its kind goes where there is least')
})

t.test('nobody ticks, no timer runs; who comes later ticks', async (t) => {
  const clock = new VirtualClock()
  const ticker = new Ticker(clock)
  t.equal(clock.timers, 0)
  let ticks = 0
  const stop = ticker.add(() => ticks++)
  await clock.advance(100)
  stop()
  t.equal(clock.timers, 0)
  const before = ticks
  await clock.advance(100)
  t.equal(ticks, before)
  ticker.add(() => ticks++)
  await clock.advance(100)
  t.equal(ticks, before + 5)
})

t.test('one that stops itself, or another, in its turn', async (t) => {
  const clock = new VirtualClock()
  const ticker = new Ticker(clock)
  let ticks = 0
  const stop = ticker.add(() => {
    ticks++
    stop()
  })
  await clock.advance(100)
  t.equal(ticks, 1)
  t.equal(clock.timers, 0)
})

t.test('timers that come late leave the beat as it was; after a long halt nothing is made up for', async (t) => {
  const late = { now: 0, run: null as (() => void) | null }
  const clock = {
    now: () => late.now,
    wall: () => new Date(0),
    after: (_delay: number, run: () => void) => {
      late.run = run
      return { cancel: () => (late.run = null) }
    },
    endOfTurn: () => {},
  }
  const ticker = new Ticker(clock)
  let ticks = 0
  ticker.add(() => ticks++)
  for (let turn = 1; turn <= 4000; turn++) {
    late.now = turn * 5 + 0.9 * (turn % 7)
    late.run?.()
  }
  t.equal(ticks, 1000, '20 s, on the beat')
  t.ok(ticker.stats.worst < 6, `${ticker.stats.worst} ms late at worst`)
  late.now += 10_000
  late.run?.()
  t.ok(ticks <= 1001, 'no burst')
})
