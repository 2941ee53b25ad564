import t from 'tap'
import {
  decimal,
  lowerCase,
  quote,
  skip,
  skipQuoted,
  spans,
  spansEscaped,
  tokenChars,
  unquote,
  userChars,
} from '../../../src/sip/message/grammar.ts'

t.test('token, RFC 3261 §25.1', async (t) => {
  t.ok(spans("aZ09-.!%*_+`'~", tokenChars))
  for (const char of ' \t"(),/:;<=>?@[\\]{}\x00\x7f\xe4Ā') t.notOk(spans(char, tokenChars), JSON.stringify(char))
  t.notOk(spans('', tokenChars), 'a token is not empty')
  t.equal(skip('abc def', tokenChars, 0), 3)
  t.equal(skip('abcdef', tokenChars, 0, 2), 2)
})

t.test('escapes', async (t) => {
  t.ok(spansEscaped('a%41', userChars, 0, 4))
  t.ok(spansEscaped('', userChars, 0, 0))
  for (const text of ['%', '%4', '%4g', 'a%', '%zz1', 'a b'])
    t.notOk(spansEscaped(text, userChars, 0, text.length), text)
  t.notOk(spansEscaped('%41', userChars, 0, 2), 'an escape cut by the end')
})

t.test('quoted strings', async (t) => {
  t.equal(skipQuoted('"ab" c', 0), 4)
  t.equal(skipQuoted('"a\\"b" c', 0), 6)
  t.equal(skipQuoted('"a\\\\"b', 0), 5)
  t.equal(skipQuoted('"ab', 0), -1)
  t.equal(skipQuoted('"ab\\"', 0), -1)
  t.equal(unquote('"a\\"b\\\\c\\\0"'), 'a"b\\c\0')
  for (const text of ['', 'plain', 'a"b', 'back\\slash', '\\"']) t.equal(unquote(quote(text)), text)
})

t.test('decimal', async (t) => {
  t.equal(decimal('0'), 0)
  t.equal(decimal('0068'), 68)
  t.equal(decimal('000000000000000000000000000042'), 42, 'leading zeros are free')
  t.equal(decimal('999999999999999'), 999_999_999_999_999)
  t.equal(decimal('x17y', 1, 3), 17)
  for (const text of ['', '-1', '+1', '1.0', '1e3', ' 1', '0x10', '1000000000000000', '٣'])
    t.ok(Number.isNaN(decimal(text)), text)
})

t.test('lower case is ASCII only', async (t) => {
  t.equal(lowerCase('Call-ID'), 'call-id')
  t.equal(lowerCase('via'), 'via')
  t.equal(lowerCase('\xc4'), '\xc4')
})
