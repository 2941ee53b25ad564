import t from 'tap'
import { formatChallenge, formatCredentials, parseAuth } from '../../../src/sip/message/auth.ts'

t.test('credentials as phones write them', async (t) => {
  const text =
    'Digest username="bob", realm="biloxi.com",nonce="dcd98b==",\turi="sip:bob@biloxi.com", qop=auth, nc=00000001,' +
    ' cnonce="0a4f113b" , response="6629fae49393a05397450978507c4ef1", opaque="a\\"b"'
  const credentials = parseAuth(text)
  t.equal(credentials?.scheme, 'Digest')
  t.equal(credentials?.params.get('username'), 'bob')
  t.equal(credentials?.params.get('qop'), 'auth')
  t.equal(credentials?.params.get('cnonce'), '0a4f113b')
  t.equal(credentials?.params.get('opaque'), 'a"b')
  t.equal(credentials?.params.get('algorithm'), null)
  t.equal(parseAuth('DIGEST USERNAME=unquoted')?.params.get('username'), 'unquoted')
})

t.test('malformed', async (t) => {
  const malformed = [
    ...[
      '',
      'Digest',
      'Digest ',
      ' Digest a=b',
      'Digest a=b,',
      'Digest ,a=b',
      'Digest a=b,,c=d',
      'Digest a="b',
      'Digest a=b c=d',
    ],
    ...['Digest a=b;c=d', 'Digest =b', 'Digest a=', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==='.replace(' ', ':')],
  ]
  for (const text of malformed) t.equal(parseAuth(text), null, text)
  t.equal(parseAuth(`Digest ${Array(65).fill('a=b').join()}`), null, 'too many parameters')
})

t.test('RFC 7616 §3.3 and §3.4 say what is written in quotes', async (t) => {
  const challenge = { realm: 'off"hook', nonce: 'abc', algorithm: 'SHA-256', qop: 'auth', stale: 'true' }
  const text = formatChallenge('Digest', challenge)
  t.equal(text, 'Digest realm="off\\"hook", nonce="abc", algorithm=SHA-256, qop="auth", stale=true')
  t.equal(parseAuth(text)?.params.get('realm'), 'off"hook')
  const credentials = { username: 'a', response: 'f00', qop: 'auth', nc: '00000001', algorithm: 'MD5' }
  t.equal(
    formatCredentials('Digest', credentials),
    'Digest username="a", response="f00", qop=auth, nc=00000001, algorithm=MD5',
  )
  t.equal(formatCredentials('', { nextnonce: 'x', nc: '00000001' }), 'nextnonce="x", nc=00000001')
})
