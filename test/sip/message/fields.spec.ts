import t from 'tap'
import {
  parseCSeq,
  parseExpires,
  parseParameterized,
  parseQ,
  parseSeconds,
  tokens,
} from '../../../src/sip/message/fields.ts'
import { Headers } from '../../../src/sip/message/headers.ts'

t.test('CSeq', async (t) => {
  t.strictSame(parseCSeq('4711 INVITE'), { number: 4711, method: 'INVITE' })
  t.strictSame(parseCSeq('0009 \t INVITE'), { number: 9, method: 'INVITE' })
  t.strictSame(parseCSeq('2147483647 X'), { number: 2 ** 31 - 1, method: 'X' })
  for (const text of ['', '1', '1 ', 'INVITE', '1INVITE', '-1 A', '2147483648 A', '1 A B', '1 A,', '1.0 A', ' 1 A']) {
    t.equal(parseCSeq(text), null, text)
  }
})

t.test('token lists', async (t) => {
  const headers = Headers.of([
    ['Supported', 'path,outbound'],
    ['k', ' gruu , ,'],
    ['Require', ''],
  ])
  t.strictSame(tokens(headers, 'supported'), ['path', 'outbound', 'gruu'])
  t.strictSame(tokens(headers, 'require'), [])
  t.strictSame(tokens(headers, 'allow'), [])
})

t.test('values with parameters', async (t) => {
  const event = parseParameterized('presence.winfo ;id=7')
  t.equal(event?.value, 'presence.winfo')
  t.equal(event?.params.get('id'), '7')
  t.equal(parseParameterized('multipart/mixed;boundary="a;b"')?.params.get('boundary'), 'a;b')
  for (const text of ['', ';id=7', 'a;', 'a;;b']) t.equal(parseParameterized(text), null, text)
})

t.test('seconds', async (t) => {
  t.equal(parseSeconds('4294967295'), 2 ** 32 - 1)
  t.equal(parseSeconds('4294967296'), null)
  t.equal(parseSeconds('-1'), null)
  t.equal(parseExpires('0'), 0)
  t.equal(parseExpires('7200'), 7200)
  for (const text of ['', '-1', '1h', '4294967296', `1${'0'.repeat(99)}`]) t.equal(parseExpires(text), 3600, text)
})

t.test('q values are kept in thousandths', async (t) => {
  const values: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['1', 1000],
    ['0.7', 700],
    ['0.', 0],
    ['0.001', 1],
    ['0.29', 290],
    ['1.000', 1000],
  ]
  for (const [text, thousandths] of values) t.equal(parseQ(text), thousandths, text)
  for (const text of ['', '.5', '2', '1.1', '0.0001', '-0.5', '0,5', 'x']) t.equal(parseQ(text), null, text)
})
