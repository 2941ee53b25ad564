import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { authorization, challengeIn, ha1Of, md5 } from '../../web/src/api/digest.ts'

t.test('MD5 as others make it', async () => {
  const theirs = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex')
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => md5(text) === theirs(text)))
})

t.test('the example of RFC 2617 §3.5', async (t) => {
  const header =
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
  const challenge = challengeIn(header)
  t.same(challenge, {
    realm: 'testrealm@host.com',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    opaque: '5ccc069c403ebaf9f0171e9517f40e41',
    qop: 'auth',
  })
  if (!challenge) return
  const ha1 = ha1Of('Mufasa', challenge.realm, 'Circle Of Life')
  t.equal(ha1, '939e7578ed9e3c518a452acee763bce9')
  const request = { user: 'Mufasa', ha1, method: 'GET', uri: '/dir/index.html', cnonce: '0a4f113b' }
  const value = authorization(challenge, request)
  t.match(value, 'response="6629fae49393a05397450978507c4ef1"')
  t.match(value, 'nc=00000001')
  t.match(value, 'opaque="5ccc069c403ebaf9f0171e9517f40e41"')
})

t.test('a challenge without qop is answered as in RFC 2069', async (t) => {
  const challenge = challengeIn('Digest realm="r", nonce="n"')
  t.equal(challenge?.qop, null)
  if (!challenge) return
  const value = authorization(challenge, { user: 'u', ha1: md5('u:r:p'), method: 'GET', uri: '/', cnonce: 'c' })
  t.match(value, `response="${md5(`${md5('u:r:p')}:n:${md5('GET:/')}`)}"`)
  t.notMatch(value, 'nc=')
})

t.test('of several challenges the first with MD5 is taken', async (t) => {
  const sha = 'Digest realm="r", nonce="1", algorithm=SHA-256, qop="auth"'
  const plain = 'Digest realm="a, b", nonce="2", algorithm=MD5, qop="auth"'
  t.same(challengeIn(`${sha}, ${plain}`), { realm: 'a, b', nonce: '2', opaque: null, qop: 'auth' })
  t.equal(challengeIn(sha), null)
  t.equal(challengeIn('Basic realm="r"'), null)
  t.equal(challengeIn(''), null)
})

t.test('quotes in names do not end them', async (t) => {
  const challenge = challengeIn('Digest realm="say \\"hi\\"", nonce="n"')
  t.equal(challenge?.realm, 'say "hi"')
  if (!challenge) return
  const request = { user: 'a"b\\c', ha1: md5(''), method: 'GET', uri: '/', cnonce: 'c' }
  t.match(authorization(challenge, request), 'username="a\\"b\\\\c", realm="say \\"hi\\""')
})
