import t from 'tap'
import { Params, paramValue, parseParams } from '../../../src/sip/message/params.ts'

const parse = (text: string) => parseParams(text, 0)

t.test('reads names, values and flags', async (t) => {
  const params = parse(';Tag=1 ; lr;\tx = "a;\\"b" ;empty=""')
  t.equal(params?.get('tag'), '1')
  t.equal(params?.get('lr'), '', 'a flag')
  t.equal(params?.get('x'), 'a;"b', 'unquoted')
  t.equal(params?.get('empty'), '')
  t.equal(params?.get('none'), null)
  t.equal(params?.size, 4)
  t.equal(String(params), ';Tag=1;lr;x="a;\\"b";empty=""', 'written as it came')
})

t.test('no parameters', async (t) => {
  t.equal(parse(''), Params.none)
  t.equal(parse('  '), Params.none)
  t.equal(String(Params.none), '')
})

t.test('values beyond tokens that occur in practice', async (t) => {
  t.equal(parse(';received=2001:db8::1;x')?.get('received'), '2001:db8::1')
  t.equal(parse(';a=b64==')?.get('a'), 'b64==')
})

t.test('malformed', async (t) => {
  for (const text of [
    ';',
    ';;a',
    ';a;',
    ';=b',
    ';a=',
    ';a=;b',
    'a=b',
    ';a="b',
    ';a b',
    ';a=b c',
    ';a=b,c',
    ';a=<b>',
    ';a="b"c',
  ]) {
    t.equal(parse(text), null, text)
  }
  t.not(parse(';a'.repeat(64)), null)
  t.equal(parse(';a'.repeat(65)), null, 'too many')
})

t.test('names like those of Object.prototype are names like all others', async (t) => {
  const params = parse(';__proto__=1;constructor=2')
  t.equal(params?.get('__proto__'), '1')
  t.equal(params?.get('constructor'), '2')
  t.equal(params?.get('tostring'), null)
  t.equal(parse(';a=1;A=2')?.get('a'), '1', 'the first of two counts')
})

t.test('copies with changes', async (t) => {
  const params = Params.of({ branch: 'z9hG4bK1', rport: '' })
  t.equal(String(params), ';branch=z9hG4bK1;rport')
  t.equal(
    String(params.with('rport', '5060').with('received', '192.0.2.1')),
    ';branch=z9hG4bK1;rport=5060;received=192.0.2.1',
  )
  t.equal(String(params.without('rport')), ';branch=z9hG4bK1')
  t.equal(params.without('none'), params)
  t.strictSame(
    [...params],
    [
      ['branch', 'z9hG4bK1'],
      ['rport', ''],
    ],
  )
  t.equal(paramValue('token'), 'token')
  t.equal(paramValue('two words'), '"two words"')
  t.equal(paramValue(''), '""')
})
