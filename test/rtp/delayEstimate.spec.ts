import t from 'tap'
import { DelayEstimate } from '../../src/rtp/delay/delayEstimate.ts'
import { seededRandom } from '../support/virtual/random.ts'

/** Packets each 20 ms that take `delay(i)` beyond 1000 ms. */
function after(count: number, delay: (index: number) => number, estimate = new DelayEstimate(), from = 0) {
  for (let i = from; i < from + count; i++) estimate.take(i * 20, i * 20 + 1000 + delay(i))
  return estimate
}

t.test('at first a packet is waited for, and of a calm network soon hardly anything', async (t) => {
  t.equal(new DelayEstimate().target, 20)
  t.equal(after(10, () => 0).target, 20)
  t.ok(after(1000, (i) => i % 2).target <= 4)
})

t.test('the target covers what packets take but for the rarest', async (t) => {
  const random = seededRandom(5)
  const { target } = after(5000, () => 60 * random.fraction())
  t.ok(target >= 56 && target <= 62, `${target} ms`)
})

t.test('it rises within two seconds, and falls within a minute', async (t) => {
  const random = seededRandom(6)
  const estimate = after(3000, () => 2 * random.fraction())
  after(100, () => 80 * random.fraction(), estimate, 3000)
  t.ok(estimate.target >= 60, `${estimate.target} ms`)
  after(9000, () => 2 * random.fraction(), estimate, 3100)
  t.ok(estimate.target <= 10, `${estimate.target} ms`)
})

t.test('a rare spike is not waited for', async (t) => {
  const estimate = after(1000, (i) => i % 2)
  // 300 ms during which nothing comes, and then all.
  for (let n = 0; n < 20; n++) {
    after(15, (i) => Math.max(0, 300 - 20 * ((i - 1000) % 500)), estimate, 1000 + 500 * n)
    t.ok(estimate.target < 12, `${estimate.target} ms`)
    after(485, (i) => i % 2, estimate, 1015 + 500 * n)
  }
})

t.test('stalls that come often are', async (t) => {
  const { target } = after(5000, (i) => Math.max(i % 2, 60 - 20 * (i % 50)))
  t.ok(target >= 60 && target <= 64, `${target} ms`)
})

t.test('the base follows a clock that drifts, and a path that becomes longer or shorter', async (t) => {
  for (const ppm of [500, -500]) {
    const drifting = after(10_000, (i) => (i * 20 * ppm) / 1e6)
    t.ok(drifting.target <= 6, `${drifting.target} ms at ${ppm} ppm`)
    t.ok(Math.abs(drifting.base - 1000 - (200_000 * ppm) / 1e6) < 3)
  }
  const estimate = after(1000, () => 0)
  after(250, () => 70, estimate, 1000)
  t.equal(estimate.base, 1070, 'after 5 s')
  after(1, () => 10, estimate, 1250)
  t.equal(estimate.base, 1010, 'at once')
})

t.test('after a restart the delay of the path is another, and how it varies is still believed', async (t) => {
  const estimate = after(3000, (i) => (i * 7) % 40)
  const { target } = estimate
  estimate.restart()
  after(1, () => 5000, estimate, 3000)
  t.equal(estimate.base, 6000)
  t.ok(Math.abs(estimate.target - target) < 4)
})

t.test('weights that grow do not overflow', async (t) => {
  const estimate = after(200_000, (i) => (i * 7) % 30)
  t.ok(estimate.target >= 26 && estimate.target <= 32, `${estimate.target} ms`)
})
