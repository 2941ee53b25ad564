import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import type { Random } from '../../../src/platform/random.ts'
import { Authenticator } from '../../../src/sip/auth/authenticator.ts'
import { ClientDigest, MOST_ANSWERS } from '../../../src/sip/auth/clientDigest.ts'
import type { DigestAlgorithm } from '../../../src/sip/auth/credentials.ts'
import { NONCE_LIFETIME, Nonces } from '../../../src/sip/auth/nonces.ts'
import { Penalties } from '../../../src/sip/auth/penalties.ts'
import { createRequest, createResponse } from '../../../src/sip/message/create.ts'
import { type Params, parseAuth } from '../../../src/sip/message/fields.ts'
import { type HeaderLine, Headers } from '../../../src/sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import { writeMessage } from '../../../src/sip/message/write.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { responseOf } from '../message/wire.ts'
import { type RequestChanges, reply, request } from '../messages.ts'
import { account, REALM } from './digestClient.ts'

function client(username: string, password: string): ClientDigest {
  return new ClientDigest({ username, password }, seededRandom(1))
}

/** A response to `to` with these challenges. */
function challenge(to: SipRequest, values: string | readonly string[], status: 401 | 407 = 401): SipResponse {
  const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'
  const headers = Headers.of([values].flat().map((value): HeaderLine => [name, value]))
  return responseOf(writeMessage(createResponse(to, status, { toTag: 'x', headers })))
}

/** The request with credentials, as it is sent again. */
function again(old: SipRequest, ...lines: readonly (HeaderLine | null)[]): SipRequest {
  const headers = Object.fromEntries(lines.filter((line) => line !== null))
  const body = Buffer.from(old.body).toString()
  return request(old.method, { uri: old.uri.text, headers: { ...headers, 'Call-ID': old.callId }, body })
}

function credentials(line: HeaderLine | null | undefined): Params {
  const found = parseAuth(line?.[1] ?? '')
  if (found === null) throw new Error(`no credentials in ${line}`)
  return found.params
}

const md5 = (text: string) => createHash('md5').update(text, 'utf8').digest('hex')
const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex')

function register(changes: RequestChanges = {}): SipRequest {
  return request('REGISTER', { uri: 'sip:provider.example', ...changes })
}

/** The response that the credentials should carry, computed anew from what they say. */
function expected(hash: (text: string) => string, params: Params, password: string, method = 'REGISTER'): string {
  const of = (name: string) => params.get(name) ?? ''
  const a1 = hash(`${of('username')}:${of('realm')}:${password}`)
  const qop = params.get('qop')
  const middle = qop === null ? of('nonce') : `${of('nonce')}:${of('nc')}:${of('cnonce')}:${qop}`
  return hash(`${a1}:${middle}:${hash(`${method}:${of('uri')}`)}`)
}

t.test('RFC 2617 §3.5, to the letter', async (t) => {
  const random: Random = { bytes: () => Buffer.from('0a4f113b', 'hex'), integer: () => 0 }
  const digest = new ClientDigest({ username: 'Mufasa', password: 'Circle Of Life' }, random)
  const { headers } = request('GET')
  const get = createRequest({ method: 'GET', uri: { kind: 'other', scheme: '', text: '/dir/index.html' }, headers })
  const value =
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
  const params = credentials(digest.answer(challenge(get, value), get))
  t.equal(params.get('response'), '6629fae49393a05397450978507c4ef1')
})

t.test('several challenges and a cnonce of our own', async (t) => {
  const get = () => request('GET', { uri: 'sip:dir.example' })
  const old = client('Mufasa', 'Circle Of Life')
  const first = get()
  const value =
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
  const line = old.answer(challenge(first, value), first)
  t.equal(line?.[0], 'Authorization')
  const params = credentials(line)
  t.equal(params.get('qop'), 'auth', 'auth rather than auth-int')
  t.equal(params.get('opaque'), '5ccc069c403ebaf9f0171e9517f40e41')
  t.equal(params.get('algorithm'), null, 'not named by the server, nor by us')
  t.equal(params.get('nc'), '00000001')
  t.equal(params.get('response'), expected(md5, params, 'Circle Of Life', 'GET'))

  const both = ['SHA-256', 'MD5'].map(
    (algorithm) =>
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
  )
  for (const order of [both, both.toReversed()]) {
    const second = get()
    const found = credentials(client('Mufasa', 'Circle of Life').answer(challenge(second, order), second))
    t.equal(found.get('algorithm'), 'SHA-256', 'the stronger one, wherever it stands')
    t.equal(found.get('response'), expected(sha256, found, 'Circle of Life', 'GET'))
  }
})

t.test('the forms of digest', async (t) => {
  const cases: Record<string, { value: string; status?: 401 | 407; check: (t: Test, params: Params) => void }> = {
    'without qop, RFC 2069': {
      value: 'Digest realm="r", nonce="n"',
      check: (t, params) => {
        for (const name of ['qop', 'nc', 'cnonce', 'opaque']) t.equal(params.get(name), null, name)
        t.equal(params.get('response'), md5(`${md5('u:r:p')}:n:${md5('REGISTER:sip:provider.example')}`))
      },
    },
    'auth-int covers the body': {
      value: 'Digest realm="r", nonce="n", qop="auth-int", algorithm=md5',
      check: (t, params) => {
        const ha2 = md5(`REGISTER:sip:provider.example:${md5('body')}`)
        const middle = `n:00000001:${params.get('cnonce')}:auth-int`
        t.equal(params.get('response'), md5(`${md5('u:r:p')}:${middle}:${ha2}`))
        t.equal(params.get('algorithm'), 'md5', 'as it was written')
      },
    },
    'MD5-sess': {
      value: 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess',
      check: (t, params) => {
        const cnonce = params.get('cnonce')
        const a1 = md5(`${md5('u:r:p')}:n:${cnonce}`)
        const ha2 = md5('REGISTER:sip:provider.example')
        t.equal(params.get('response'), md5(`${a1}:n:00000001:${cnonce}:auth:${ha2}`))
      },
    },
    'a realm with quotes and letters': {
      value: 'digest realm="a \\"b\\" ü", nonce="n", qop=auth',
      check: (t, params) => {
        t.equal(params.get('realm'), 'a "b" ü', 'octets as they came')
        const a1 = createHash('md5').update('u:a "b" ü:p', 'latin1').digest('hex')
        const middle = `n:00000001:${params.get('cnonce')}:auth`
        t.equal(params.get('response'), md5(`${a1}:${middle}:${md5('REGISTER:sip:provider.example')}`))
      },
    },
  }
  for (const [name, { value, check }] of Object.entries(cases)) {
    const sent = register({ body: 'body' })
    check(t, credentials(client('u', 'p').answer(challenge(sent, value), sent)))
    t.pass(name)
  }
  const sent = register()
  t.equal(
    client('u', 'p').answer(challenge(sent, 'Digest realm="r", nonce="n"', 407), sent)?.[0],
    'Proxy-Authorization',
  )
})

t.test('names and passwords are UTF-8', async (t) => {
  const sent = register()
  const params = credentials(client('jürgen', 'pässwörd').answer(challenge(sent, 'Digest realm="r", nonce="n"'), sent))
  t.equal(params.get('username'), Buffer.from('jürgen').toString('latin1'))
  t.equal(params.get('response'), md5(`${md5('jürgen:r:pässwörd')}:n:${md5('REGISTER:sip:provider.example')}`))
})

t.test('what we cannot answer', async (t) => {
  const sent = register()
  const values = [
    'Basic realm="r"',
    'Digest realm="r", nonce="n", algorithm=AKAv1-MD5',
    'Digest realm="r", nonce="n", qop="token"',
    'Digest nonce="n"',
    'Digest realm="r"',
    'Digest',
    '',
  ]
  for (const value of values) t.equal(client('u', 'p').answer(challenge(sent, value), sent), null, value)
  t.equal(client('u', 'p').answer(challenge(sent, []), sent), null, 'no challenge at all')
  const mixed = challenge(sent, [...values, 'Digest realm="r", nonce="n", algorithm=MD5'])
  t.equal(credentials(client('u', 'p').answer(mixed, sent)).get('nonce'), 'n', 'but one of several is enough')
  t.equal(client('u', 'p').answer(reply(sent, 403), sent), null, 'a refusal that asks for nothing')
})

t.test('a wrong password is answered once, RFC 3261 §22.1', async (t) => {
  const digest = client('u', 'wrong')
  const first = register()
  const second = again(first, digest.answer(challenge(first, 'Digest realm="r", nonce="1", qop=auth'), first))
  t.equal(digest.answer(challenge(second, 'Digest realm="r", nonce="2", qop=auth'), second), null, 'a new nonce')
  t.strictSame(digest.ahead(register()), [], 'and nothing of it goes out again')
  const third = again(register(), digest.answer(challenge(first, 'Digest realm="r", nonce="3", qop=auth'), first))
  t.equal(digest.answer(challenge(third, 'Digest realm="r", nonce="3", qop=auth'), third), null, 'the same nonce')
})

t.test('a nonce that was called stale is replaced, but not for ever', async (t) => {
  const digest = client('u', 'p')
  let sent = register()
  let answers = 0
  for (let nonce = 0; nonce < 20; nonce++) {
    const stale = nonce === 0 ? '' : ', stale=TRUE'
    const line = digest.answer(challenge(sent, `Digest realm="r", nonce="${nonce}", qop=auth${stale}`), sent)
    if (line === null) break
    answers++
    sent = again(sent, line)
  }
  t.equal(answers, 4)
})

t.test('credentials ahead: counted, for the same host or call alone', async (t) => {
  const digest = client('u', 'p')
  const first = register()
  t.strictSame(digest.ahead(first), [], 'nothing is known')
  digest.answer(challenge(first, 'Digest realm="r", nonce="1", qop=auth, opaque="o"'), first)
  const [line, ...others] = digest.ahead(register())
  t.equal(others.length, 0)
  const params = credentials(line)
  t.equal(params.get('nc'), '00000002')
  t.equal(params.get('opaque'), 'o')
  t.equal(params.get('response'), expected(md5, params, 'p'))
  const elsewhere = { uri: 'sip:other.example', headers: { 'Call-ID': 'another' } }
  t.strictSame(digest.ahead(register(elsewhere)), [])
  const bye = digest.ahead(request('BYE', { uri: 'sip:192.0.2.7:5080' }))
  t.equal(credentials(bye[0]).get('uri'), 'sip:192.0.2.7:5080', 'the same call, RFC 3261 §22.3')
})

t.test('a server that has forgotten its nonces gets one more answer', async (t) => {
  const digest = client('u', 'p')
  const first = register()
  digest.answer(challenge(first, 'Digest realm="r", nonce="1", qop=auth'), first)
  const second = again(register(), ...digest.ahead(register()))
  const line = digest.answer(challenge(second, 'Digest realm="r", nonce="2", qop=auth'), second)
  t.equal(credentials(line).get('nc'), '00000001')
  const third = again(second, line)
  t.equal(digest.answer(challenge(third, 'Digest realm="r", nonce="3", qop=auth'), third), null)
})

t.test('a proxy and its server: two realms at once', async (t) => {
  const digest = client('u', 'p')
  const first = register()
  const proxy = digest.answer(challenge(first, 'Digest realm="proxy", nonce="1", qop=auth', 407), first)
  const second = again(first, proxy)
  const server = digest.answer(challenge(second, 'Digest realm="server", nonce="1", qop=auth'), second)
  t.strictSame([proxy?.[0], server?.[0]], ['Proxy-Authorization', 'Authorization'])
  const names = digest.ahead(register()).map(([name]) => name)
  t.strictSame(names, ['Proxy-Authorization', 'Authorization'])
})

t.test('realms without end are not remembered without end', async (t) => {
  const digest = client('u', 'p')
  for (let n = 0; n < 100; n++) {
    const sent = register()
    digest.answer(challenge(sent, `Digest realm="${n}", nonce="n", qop=auth`), sent)
  }
  t.equal(digest.ahead(register()).length, 4)
  t.ok(MOST_ANSWERS > 2)
})

t.test('our own server takes it, at once and ahead, and after its nonces have run out', async (t) => {
  for (const algorithms of [['MD5'], ['SHA-256'], ['MD5', 'SHA-256']] satisfies DigestAlgorithm[][]) {
    const clock = new VirtualClock()
    const random = seededRandom(2)
    const nonces = new Nonces(clock, random)
    const credentials = {
      credentials: (user: string) => (user === '101' ? account('101', 'secret', algorithms) : null),
    }
    const penalties = new Penalties(clock, () => true)
    const server = new Authenticator({ realm: REALM, algorithms, credentials, nonces, penalties, random })
    const judge = (sent: SipRequest) =>
      server.judge(
        { method: sent.method, authorization: sent.headers.all('authorization'), uri: null },
        '10.0.0.9',
        '101',
      )
    const digest = client('101', 'secret')
    const passes = (sent: SipRequest, digest: ClientDigest): string => {
      const verdict = judge(sent)
      if (verdict.kind === 'known') return 'known'
      const line = digest.answer(
        challenge(
          sent,
          verdict.headers.map(([, value]) => value),
        ),
        sent,
      )
      return line === null ? 'refused' : `challenged, ${passes(again(sent, line), digest)}`
    }
    t.equal(passes(register(), digest), 'challenged, known', String(algorithms))
    for (let n = 0; n < 3; n++)
      t.equal(passes(again(register(), ...digest.ahead(register())), digest), 'known', 'ahead')
    await clock.advance(NONCE_LIFETIME + 1)
    t.equal(passes(again(register(), ...digest.ahead(register())), digest), 'challenged, known', 'stale')
    t.equal(passes(register(), client('101', 'guess')), 'challenged, refused', 'a wrong password')
  }
})
