import t from 'tap'
import { hexToken, systemRandom } from '../../src/platform/random.ts'
import { seededRandom } from '../support/virtual/random.ts'

t.test('tokens are as long as asked for, and no two are alike', async (t) => {
  t.match(hexToken(systemRandom, 8), /^[0-9a-f]{16}$/)
  t.equal(new Set(Array.from({ length: 1000 }, () => hexToken(systemRandom, 8))).size, 1000)
  t.equal(hexToken(seededRandom(1), 4), hexToken(seededRandom(1), 4), 'a seed repeats itself')
})

t.test('integers lie below their bound', async (t) => {
  const seen = new Set(Array.from({ length: 1000 }, () => systemRandom.integer(4)))
  t.strictSame([...seen].sort(), [0, 1, 2, 3])
})
