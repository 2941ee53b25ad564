import t from 'tap'
import { hexToken, systemRandom } from '../../src/platform/random.ts'
import { seededRandom } from '../support/virtual/random.ts'

t.test('tokens are as long as asked for, and no two are alike', async (t) => {
  t.match(hexToken(systemRandom, 8), /^[0-9a-f]{16}$/)
  t.equal(new Set(Array.from({ length: 1000 }, () => hexToken(systemRandom, 8))).size, 1000)
  t.equal(hexToken(seededRandom(1), 4), hexToken(seededRandom(1), 4), 'a seed repeats itself')
})

t.test('octets are drawn once, however many at a time', async (t) => {
  for (const count of [0, 1, 4095, 4096, 4097, 10_000]) t.equal(systemRandom.bytes(count).length, count)
  const first = systemRandom.bytes(16)
  const copy = Buffer.from(first)
  first.fill(0)
  t.not(Buffer.from(systemRandom.bytes(16)).toString('hex'), copy.toString('hex'))
  // Enough to go through what is held in reserve many times.
  const seen = new Set(Array.from({ length: 5000 }, () => Buffer.from(systemRandom.bytes(12)).toString('hex')))
  t.equal(seen.size, 5000)
  t.notOk(seen.has('00'.repeat(12)))
})

t.test('integers lie below their bound', async (t) => {
  const seen = new Set(Array.from({ length: 1000 }, () => systemRandom.integer(4)))
  t.strictSame([...seen].sort(), [0, 1, 2, 3])
})
