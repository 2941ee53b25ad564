import t from 'tap'
import { inTurns, Subject, TooLate } from '../../bench/lib/rounds.ts'

/** A subject whose rounds take `cpu` ms each, their generator as late as `lateness` says, ms; the last value repeats. */
function subject(who: string, lateness: readonly number[], { cpu = 10, completed = 5 } = {}): Subject {
  let rounds = 0
  const measure = async () => {
    const late = lateness[Math.min(rounds++, lateness.length - 1)] ?? 0
    const times = { count: 5, p50: 0, p95: 0, p99: late, max: late }
    return {
      cpu: cpu * rounds,
      wall: 1000,
      idle: 0,
      cores: [50, 20],
      load: { started: 5, completed, latency: {}, lateness: times },
    }
  }
  return new Subject(who, measure, (measured) => measured.cpu)
}

t.test('subjects take turns until each has its rounds; late ones do not count', async (t) => {
  const told: string[] = []
  const late = subject('late', [0, 7, 0])
  await inTurns([late, subject('punctual', [0])], 2, (round) => told.push(round))
  t.strictSame(told, [
    'late: 10',
    'punctual: 10',
    'late: discarded, the load generator was late (7 ms)',
    'punctual: 20',
    'late: 30',
  ])
  t.match(late.summary(), { who: 'late', cpu: 20, runs: 2, lateRuns: 1, started: 10, completed: 10 })
})

t.test('one that is late too often has to do with fewer rounds', async (t) => {
  const told: string[] = []
  const busy = subject('busy', [0, 7])
  await inTurns([busy], 3, (round) => told.push(round))
  t.equal(told.length, 4)
  t.match(busy.summary(), { cpu: 10, runs: 1, lateRuns: 3 })
})

t.test('one that has no round that counts is said so, and nothing else is measured', async (t) => {
  const told: string[] = []
  const hopeless = inTurns([subject('busy', [2.01]), subject('floor', [0])], 5, (round) => told.push(round))
  await t.rejects(hopeless, new TooLate('no round of busy counts: in all 3 the load generator was late (2.01 ms)'))
  t.strictSame(
    told.filter((round) => !round.startsWith('busy')),
    ['floor: 10', 'floor: 20'],
  )
})

t.test('one that does nothing is no measurement', async (t) => {
  await t.rejects(subject('deaf', [0], { completed: 0 }).round(), {
    message: 'deaf did nothing of what was asked of it, 5 times',
  })
})
