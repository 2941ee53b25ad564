import fc from 'fast-check'
import t from 'tap'
import { codecNames } from '../../src/api/codecNames.ts'
import { bothHa1 } from '../../src/api/ha1.ts'
import { lines } from '../../src/api/lines.ts'
import { generatePassword, PASSWORD_LENGTH, passwordAlphabet } from '../../src/api/password.ts'
import {
  checkAllow,
  checkCallerId,
  checkCodecs,
  checkDigest,
  checkDisplayName,
  checkMedia,
  checkPassword,
  checkUserName,
} from '../../src/api/userFields.ts'
import { seededRandom } from '../support/virtual/random.ts'

t.test('user names', async (t) => {
  for (const name of [
    '101',
    'alice',
    'care4w-1000001',
    '+15551234567',
    "o'brien_(sales).x!~&=$",
    'a*1',
    'x'.repeat(64),
  ]) {
    t.equal(checkUserName(name), name)
  }
  const refused = [
    '',
    'x'.repeat(65),
    '*43',
    'a b',
    'a@b',
    'a:b',
    'a;b',
    'a,b',
    'a/b',
    'a?b',
    'a<b',
    'a"b',
    'a\\b',
    'a%20b',
    'jürgen',
    'a\u0000',
    'a\n',
    '😀',
  ]
  for (const name of refused) t.throws(() => checkUserName(name), { code: 'USER_INVALID' }, JSON.stringify(name))
  t.throws(() => checkUserName('a\u001b[2J'), { message: /^user name "a\\u001b\[2J" has "\\u001b" in it/ })
})

t.test('names and passwords', async (t) => {
  t.equal(checkDisplayName(' Zoë Ω 😀 '), 'Zoë Ω 😀')
  t.equal(checkDisplayName('  '), null)
  t.throws(() => checkDisplayName('a\r\nVia: x'), { message: 'the name has a control character in it' })
  t.throws(() => checkDisplayName('x'.repeat(129)), { message: 'the name is longer than 128 characters' })
  t.equal(checkPassword(' leading blank'), ' leading blank')
  t.throws(() => checkPassword(''), { message: 'the password is empty; leave it out and one is made' })
  t.throws(() => checkPassword('secret\u0000'), { message: 'the password has a control character in it' })
})

t.test('caller ids are E.164', async (t) => {
  t.equal(checkCallerId('+15551234567'), '+15551234567')
  t.equal(checkCallerId(''), null)
  for (const id of ['15551234567', '+05551', '+1 555', '+1234567890123456', '+']) {
    t.throws(() => checkCallerId(id), { code: 'USER_INVALID' }, id)
  }
})

t.test('what may be dialled, and digest orders', async (t) => {
  t.same(checkAllow(['national', 'internal', 'national']), ['internal', 'national'])
  t.same(checkAllow([]), [])
  t.throws(() => checkAllow(['inetrnal']), { message: '"inetrnal" is nothing one can allow; did you mean internal?' })
  t.same(checkDigest(['sha-256', 'MD5', 'md5']), ['SHA-256', 'MD5'])
  t.equal(checkDigest([]), null)
  t.throws(() => checkDigest(['SHA1']), { message: '"SHA1" is not a digest algorithm; take MD5, SHA-256' })
})

t.test('the way of media', async (t) => {
  t.same([checkMedia('Direct'), checkMedia('relay'), checkMedia(null)], ['direct', 'relay', 'relay'])
  t.throws(() => checkMedia('dierct'), {
    code: 'USER_INVALID',
    message: '"dierct" is no way for media; did you mean direct?',
  })
})

t.test('orders of codecs', async (t) => {
  t.same(checkCodecs(['Opus', 'G722', 'PCMA', 'opus']), ['opus', 'g722', 'pcma'], 'as given, in lower case, each once')
  t.same(checkCodecs(['g729', 'iLBC', 'GSM', 'AMR-WB', 'speex', 'L16']), [
    'g729',
    'ilbc',
    'gsm',
    'amr-wb',
    'speex',
    'l16',
  ])
  t.same(checkCodecs(codecNames), codecNames)
  t.ok(codecNames.every((name) => /^[a-z0-9.-]{1,30}$/.test(name)))
  t.same([checkCodecs(null), checkCodecs([])], [null, null])
  const refused: [string, string][] = [
    ['opsu', '"opsu" is not a codec; did you mean opus?'],
    ['G772', '"G772" is not a codec; did you mean g722?'],
    ['alaw', '"alaw" is not a codec; did you mean pcma?'],
    ['G.722', '"G.722" is not a codec; did you mean g722?'],
    ['G711', '"G711" is not a codec; did you mean pcma or pcmu?'],
    ['telephone-event', '"telephone-event" is not a codec; take opus, g722, pcma, pcmu'],
    ['', '"" is not a codec; take opus, g722, pcma, pcmu'],
  ]
  for (const [name, message] of refused)
    t.throws(() => checkCodecs(['pcma', name]), { code: 'USER_INVALID', message }, name)
})

t.test('RFC 7616 §3.9.1: the A1 of its example, hashed', async (t) => {
  t.same(bothHa1('Mufasa', 'http-auth@example.org', 'Circle of Life'), {
    md5: '3d78807defe7de2157e2b0b6573a855f',
    sha256: '7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232',
  })
})

t.test('generated passwords have no look-alikes, and every letter is as likely as another', async (t) => {
  t.match(passwordAlphabet, /^[a-z2-9]+$/)
  t.notMatch(passwordAlphabet, /[ilo10]/)
  const counts = new Map<string, number>()
  const random = seededRandom(7)
  for (let made = 0; made < 2000; made++) {
    const password = generatePassword(random)
    if (password.length !== PASSWORD_LENGTH) t.fail(password)
    for (const letter of password) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  }
  t.equal(counts.size, passwordAlphabet.length)
  const expected = (2000 * PASSWORD_LENGTH) / passwordAlphabet.length
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  t.ok(chiSquare < 55, `27 degrees of freedom: ${chiSquare.toFixed(1)} is within 99.9 %`)
})

t.test('octets that would favour some letters are thrown away', async (t) => {
  const octets = [255, 252, 0, 27, 28]
  const random = {
    integer: () => 0,
    bytes: (count: number) => Uint8Array.from({ length: count }, () => octets.shift() ?? 1),
  }
  t.equal(generatePassword(random), 'a9abbbbbbbbbbbbb')
})

t.test('lines come out as they went in, however they are cut', async () => {
  async function* chunks(text: string, cuts: number[]): AsyncGenerator<string> {
    const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
    for (let n = 1; n < at.length; n++) yield text.slice(at[n - 1], at[n])
  }
  const line = fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\n', ''))
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (given, cuts) => {
      const text = given.map((one) => `${one}\n`).join('')
      const got: string[] = []
      for await (const one of lines(chunks(`${text}rest`, cuts), 20)) got.push(one)
      return JSON.stringify(got) === JSON.stringify(given)
    }),
  )
})
