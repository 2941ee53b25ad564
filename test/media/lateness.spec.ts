import t from 'tap'
import { countLate, lateness, newLatenessCells } from '../../src/media/lateness.ts'

t.test('nothing counted', async (t) => {
  t.strictSame(lateness([newLatenessCells()]), { turns: 0, p99: 0, worst: 0, buckets: [] })
})

t.test('in quarters of a ms, early ones with the punctual, those beyond the limit together', async (t) => {
  const cells = newLatenessCells()
  for (const late of [-0.9, 0, 0.25, 0.26, 20, 20.01, 100, 5000]) countLate(cells, late)
  t.strictSame(lateness([cells]), {
    turns: 8,
    p99: 5000,
    worst: 5000,
    buckets: [
      { upTo: 0.25, turns: 3 },
      { upTo: 0.5, turns: 1 },
      { upTo: 20, turns: 1 },
      { upTo: 20.25, turns: 1 },
      { upTo: null, turns: 2 },
    ],
  })
})

t.test('99 of 100, over all threads', async (t) => {
  const [one, other] = [newLatenessCells(), newLatenessCells()]
  for (let turn = 0; turn < 99; turn++) countLate(one, 1)
  countLate(other, 7.1)
  t.match(lateness([one, other]), { turns: 100, p99: 1, worst: 7.1 })
  countLate(other, 3)
  t.match(lateness([one, other]), { turns: 101, p99: 3, worst: 7.1 })
})
