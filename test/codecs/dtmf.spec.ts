import t from 'tap'
import { COLUMNS, DIGITS, digitAt, digitOf, frequenciesOf, ROWS } from '../../src/codecs/tones/dtmf.ts'

t.test('keys lie in rows and columns as ITU-T Q.23 has them', async (t) => {
  t.same(frequenciesOf('1'), [697, 1209])
  t.same(frequenciesOf('5'), [770, 1336])
  t.same(frequenciesOf('0'), [941, 1336])
  t.same(frequenciesOf('*'), [941, 1209])
  t.same(frequenciesOf('#'), [941, 1477])
  t.same(frequenciesOf('D'), [941, 1633])
  for (const [row, low] of ROWS.entries()) {
    for (const [column, high] of COLUMNS.entries()) t.same(frequenciesOf(digitAt(row, column)), [low, high])
  }
  t.throws(() => digitAt(4, 0), RangeError)
})

t.test('a key is named in either case, and stands where its event code is', async (t) => {
  t.equal(DIGITS.join(''), '0123456789*#ABCD')
  t.equal(digitOf('#'), '#')
  t.equal(digitOf('d'), 'D')
  for (const none of ['', 'E', '10', ' ', '12']) t.equal(digitOf(none), null, `"${none}"`)
})
