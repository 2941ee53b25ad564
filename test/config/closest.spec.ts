import t from 'tap'
import { closest } from '../../src/closest.ts'

t.test('what was probably meant', async (t) => {
  const cases: [string, string[], string | null][] = [
    ['1o1', ['100', '111', '101', '1001'], '101'],
    ['alcie', ['alice', 'bob'], 'alice'],
    ['Alice', ['alice', 'bob'], 'alice'],
    ['sip-prot', ['host', 'sip-port', 'rtp-ports'], 'sip-port'],
    ['care4w-1000l', ['care4w-10001', 'care4w-10002'], 'care4w-10001'],
    ['zoe', ['alice', 'bob'], null],
    ['103', ['200', '340'], null],
    ['', ['101'], null],
    ['x'.repeat(5000), ['101', 'y'.repeat(64)], null],
  ]
  for (const [word, candidates, meant] of cases) t.equal(closest(word, candidates), meant, word.slice(0, 20))
})
