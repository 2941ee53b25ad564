import fc from 'fast-check'
import t from 'tap'
import { backoff } from '../../web/src/phone/backoff.ts'

t.test('waits double up to half a minute', async (t) => {
  const most = [0, 1, 2, 3, 4, 5, 6].map((attempt) => backoff(attempt, 0.9999999))
  t.same(most, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
})

t.test('never less than half, and never more, of what is due', async () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
      const wait = backoff(attempt, chance)
      return wait >= 500 && wait <= 30_000 && wait >= backoff(attempt, 0) && wait <= 2 * backoff(attempt, 0)
    }),
  )
})
