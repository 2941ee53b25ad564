import { createHash } from 'node:crypto'
import t from 'tap'
import { type DigestInput, digestResponse, ha1, sameDigest } from '../../../src/sip/message/digest.ts'
import { toUtf8 } from '../../../src/sip/message/text.ts'

t.test('RFC 2617 §3.5', async (t) => {
  const response = digestResponse({
    algorithm: 'MD5',
    ha1: ha1('MD5', 'Mufasa', 'testrealm@host.com', 'Circle Of Life'),
    method: 'GET',
    uri: '/dir/index.html',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    qop: 'auth',
    nc: '00000001',
    cnonce: '0a4f113b',
  })
  t.equal(response, '6629fae49393a05397450978507c4ef1')
})

const rfc7616 = {
  method: 'GET',
  uri: '/dir/index.html',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  qop: 'auth',
  nc: '00000001',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
} satisfies Partial<DigestInput>

t.test('RFC 7616 §3.9.1, both algorithms', async (t) => {
  const of = (algorithm: 'MD5' | 'SHA-256') =>
    digestResponse({ ...rfc7616, algorithm, ha1: ha1(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life') })
  t.equal(of('MD5'), '8ca523f5e9506fed4657c9700eebdbec')
  t.equal(of('SHA-256'), '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1')
})

t.test('without qop, as RFC 2069 had it (example with erratum 749)', async (t) => {
  const response = digestResponse({
    algorithm: 'MD5',
    ha1: ha1('MD5', 'Mufasa', 'testrealm@host.com', 'CircleOfLife'),
    method: 'GET',
    uri: '/dir/index.html',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    qop: null,
    nc: '',
    cnonce: '',
  })
  t.equal(response, '1949323746fe6a43ef61f9606e7febea')
})

t.test('auth-int covers the body, RFC 7616 §3.4.3', async (t) => {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  const input: DigestInput = {
    ...rfc7616,
    qop: 'auth-int',
    algorithm: 'MD5',
    ha1: md5('u:r:p'),
    body: Buffer.from('v=0'),
  }
  const { nonce, nc, cnonce } = rfc7616
  const expected = md5(`${md5('u:r:p')}:${nonce}:${nc}:${cnonce}:auth-int:${md5(`GET:/dir/index.html:${md5('v=0')}`)}`)
  t.equal(digestResponse(input), expected)
})

t.test('passwords are octets', async (t) => {
  t.equal(ha1('MD5', 'u', 'r', toUtf8('pässwörd')), createHash('md5').update('u:r:pässwörd', 'utf8').digest('hex'))
})

t.test('comparison', async (t) => {
  t.ok(sameDigest('00ff', '00ff'))
  t.ok(sameDigest('00ff', '00FF'))
  for (const given of ['', '00fe', '00f', '00ff0', '00f\u0166']) t.notOk(sameDigest('00ff', given), given)
})
