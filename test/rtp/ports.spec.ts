import t from 'tap'
import { PortPool } from '../../src/rtp/ports/ports.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 5) + second * 1000)

t.test('pairs are an even port and the odd one above, within the range', async (t) => {
  const pool = PortPool.create(10001, 10006)
  t.equal(pool.pairs, 2)
  t.same([pool.acquire(at(0)), pool.acquire(at(0)), pool.acquire(at(0))], [10002, 10004, null])
  t.throws(() => PortPool.create(10001, 10002), RangeError, 'no whole pair')
  t.throws(() => PortPool.create(65000, 65536), RangeError, 'no such port')
  t.throws(() => PortPool.create(0, 10), RangeError, 'port 0 is none')
})

t.test('a pair rests 30 s after its release', async (t) => {
  const pool = PortPool.create(10000, 10001)
  t.equal(pool.acquire(at(0)), 10000)
  t.equal(pool.acquire(at(1)), null, 'in use')
  pool.release(10000, at(5))
  t.equal(pool.acquire(at(5)), null)
  t.equal(pool.acquire(at(35)), null)
  t.equal(pool.acquire(at(36)), 10000)
})

t.test('the pair whose turn is longest ago comes next', async (t) => {
  const pool = PortPool.create(10000, 10007)
  const first = pool.acquire(at(0))
  pool.release(10000, at(0))
  t.same([first, pool.acquire(at(100)), pool.acquire(at(100))], [10000, 10002, 10004])
})

t.test('a clock set back locks nothing up', async (t) => {
  const pool = PortPool.create(10000, 10001)
  pool.acquire(at(100_000))
  pool.release(10000, at(100_000))
  t.equal(pool.acquire(at(0)), 10000)
})

t.test('all threads share one range', async (t) => {
  const pool = PortPool.create(10000, 10003)
  const other = PortPool.attach(pool.memory, 1)
  t.same([pool.acquire(at(0)), other.acquire(at(0)), pool.acquire(at(0))], [10000, 10002, null])
  for (const port of [10000, 10001, 10002, 10003]) t.ok(pool.owns(port), `${port} is ours`)
  for (const port of [0, 9998, 9999, 10004, 65535]) t.notOk(pool.owns(port), `${port} is not`)
  pool.release(10002, at(1))
  t.ok(pool.owns(10002), 'only who took a pair can give it back')
})

t.test('a kept pair is held but not in use, and is reused or given back', async (t) => {
  const pool = PortPool.create(10000, 10001)
  const other = PortPool.attach(pool.memory, 1)
  pool.acquire(at(0))
  other.keep(10000)
  t.equal(pool.inUse, 1, 'another thread cannot')
  pool.keep(10000)
  t.same([pool.inUse, pool.owns(10000), pool.acquire(at(100))], [0, true, null])
  other.reuse(10000)
  t.equal(pool.inUse, 0)
  pool.reuse(10000)
  t.equal(pool.inUse, 1)
  pool.keep(10000)
  pool.release(10000, at(100))
  t.equal(pool.acquire(at(101)), null, 'it rests')
  t.equal(pool.acquire(at(131)), 10000)
  pool.keep(10000)
  pool.release(10000, null)
  t.equal(pool.acquire(at(131)), 10000, 'or need not')
})

t.test('what a dead thread held is given back, and nothing else', async (t) => {
  const pool = PortPool.create(10000, 10005)
  const dead = PortPool.attach(pool.memory, 7)
  pool.acquire(at(0))
  dead.acquire(at(0))
  dead.acquire(at(0))
  dead.keep(10004)
  pool.releaseAll(7, at(1))
  t.same(
    [10000, 10002, 10004].map((port) => pool.owns(port)),
    [true, false, false],
  )
  t.equal(pool.acquire(at(20)), null, 'but rests')
  t.equal(pool.acquire(at(40)), 10002)
})
