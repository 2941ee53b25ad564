import t, { type Test } from 'tap'
import { Authenticator, type AuthenticatorOptions, type Verdict } from '../../../src/sip/auth/authenticator.ts'
import type { CredentialStore } from '../../../src/sip/auth/credentials.ts'
import { NONCE_LIFETIME, Nonces } from '../../../src/sip/auth/nonces.ts'
import { Penalties } from '../../../src/sip/auth/penalties.ts'
import { digestResponse } from '../../../src/sip/message/digest.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { type Attempt, account, attempt, authorization, challenges, REALM } from './digestClient.ts'

const PHONE = '198.51.100.20'

const users: CredentialStore = {
  credentials(user) {
    if (user === '101') return account('101', 'secret')
    if (user === 'modern') return account('modern', 'secret', ['SHA-256'])
    if (user === 'both') return account('both', 'secret', ['SHA-256', 'MD5'])
    return null
  },
}

function bench(options: Partial<AuthenticatorOptions> = {}) {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const nonces = new Nonces(clock, random)
  const penalties = new Penalties(clock, (address) => address.startsWith('10.'))
  let digests = 0
  const authenticator = new Authenticator({
    ...{ realm: REALM, algorithms: ['MD5'], credentials: users, nonces, penalties, random },
    digest: (input) => {
      digests++
      return digestResponse(input)
    },
    ...options,
  })
  const judge = (value: string | string[] | null, address = PHONE, claimed = '101'): Verdict =>
    authenticator.judge({ method: 'REGISTER', authorization: [value ?? []].flat(), uri: null }, address, claimed)
  return {
    ...{ clock, nonces, penalties, judge, authenticator },
    /** Digests computed since the last look. */
    digests() {
      const count = digests
      digests = 0
      return count
    },
    /** Answers a challenge of just now. */
    tries: (how: Partial<Attempt> = {}, address = PHONE) =>
      judge(authorization({ user: '101', password: 'secret', nonce: nonces.issue(address), ...how }), address),
  }
}

function challenged(t: Test, verdict: Verdict, how: { stale: boolean; failed: boolean }, message: string) {
  if (verdict.kind !== 'challenge') {
    t.fail(`${message}: no challenge`, { verdict })
    return []
  }
  const found = challenges(verdict.headers)
  t.strictSame(
    found.map((params) => params.get('stale') === 'true'),
    found.map(() => how.stale),
    `${message}: stale`,
  )
  t.equal(verdict.failed, how.failed, `${message}: failed`)
  return found
}

const first = { stale: false, failed: false }
const stale = { stale: true, failed: false }
const wrong = { stale: false, failed: true }

t.test('RFC 3261 §22.1: who brings no credentials is challenged', async (t) => {
  const { judge, digests } = bench()
  const [params, ...others] = challenged(t, judge(null), first, 'bare')
  t.equal(others.length, 0)
  t.equal(params?.get('realm'), REALM)
  t.equal(params?.get('algorithm'), 'MD5')
  t.equal(params?.get('qop'), 'auth')
  t.match(params?.get('nonce'), /^[\w-]{32}$/)
  t.equal(digests(), 0)
})

t.test('RFC 8760 §2.4: one header line an algorithm, in the order of preference', async (t) => {
  const { judge } = bench({ algorithms: ['SHA-256', 'MD5'] })
  const algorithms = (claimed: string) =>
    challenged(t, judge(null, PHONE, claimed), first, claimed).map((params) => params.get('algorithm'))
  t.strictSame(algorithms('101'), ['SHA-256', 'MD5'], 'the server’s')
  t.strictSame(algorithms('modern'), ['SHA-256'], 'the user’s own')
  t.strictSame(algorithms('nobody'), ['SHA-256', 'MD5'], 'a user that there is none of: the server’s')
})

t.test('RFC 7616 §3.4: the right password', async (t) => {
  const { tries } = bench()
  t.strictSame(tries(), { kind: 'known', user: '101' })
  t.strictSame(tries({ user: 'both', algorithm: 'SHA-256' }), { kind: 'known', user: 'both' })
  t.strictSame(tries({ user: 'both', algorithm: 'MD5' }), { kind: 'known', user: 'both' })
  t.strictSame(tries({ user: 'modern', algorithm: 'SHA-256' }), { kind: 'known', user: 'modern' })
})

t.test('RFC 8760 §2.7: an algorithm that was not offered is no way round the better one', async (t) => {
  const { tries } = bench()
  challenged(t, tries({ user: 'modern', algorithm: 'MD5' }), wrong, 'MD5, downgraded')
  challenged(t, tries({ user: '101', algorithm: 'SHA-256' }), wrong, 'SHA-256, not offered')
})

t.test('a wrong password and an unknown user: the same answer for the same work', async (t) => {
  const { nonces, judge, digests, tries } = bench()
  challenged(t, tries({ password: 'guess' }), wrong, 'wrong password')
  t.equal(digests(), 1)
  const nobody = authorization({ user: 'nobody', password: 'guess', nonce: nonces.issue(PHONE) })
  challenged(t, judge(nobody, PHONE, 'nobody'), wrong, 'unknown user')
  t.equal(digests(), 1)
  challenged(t, judge(null, PHONE, '101'), first, 'bare, known')
  challenged(t, judge(null, PHONE, 'nobody'), first, 'bare, unknown')
  t.equal(digests(), 0)
})

t.test('wrong answers are slowed; what says nothing of the password is not', async (t) => {
  const { tries, judge } = bench()
  const delays = Array.from({ length: 5 }, () => {
    const verdict = tries({ password: 'guess' })
    return verdict.kind === 'challenge' ? verdict.delay : null
  })
  t.strictSame(delays, [0, 0, 0, 2000, 2000])
  t.match(judge(null), { kind: 'challenge', delay: 0 })
  t.match(judge(authorization({ user: '101', password: 'secret', nonce: 'unknown' })), { kind: 'challenge', delay: 0 })
  t.match(tries(), { kind: 'known' })
  t.match(tries({ password: 'guess' }), { kind: 'challenge', delay: 0 }, 'a success clears the address')
})

t.test('RFC 7616 §3.3: a nonce that is not good is stale, and says nothing of the password', async (t) => {
  const { clock, nonces, judge, digests, penalties, tries } = bench()
  const other = nonces.issue('198.51.100.21')
  challenged(t, tries({ nonce: other }), stale, 'another’s')
  challenged(t, tries({ nonce: 'from before the restart' }), stale, 'unknown')
  challenged(t, tries({ nonce: '' }), stale, 'empty')
  const old = nonces.issue(PHONE)
  await clock.advance(NONCE_LIFETIME + 1)
  challenged(t, tries({ nonce: old }), stale, 'expired')
  challenged(t, tries({ nonce: old, password: 'guess' }), stale, 'expired, and a wrong password')
  challenged(t, judge(`Digest username="101", realm="${REALM}"`), stale, 'none at all')
  t.equal(digests(), 0)
  t.strictSame(penalties.ignored(), [])
})

t.test('RFC 7616 §3.4.5: replays are stale, counts out of order are taken', async (t) => {
  const { nonces, tries } = bench()
  const nonce = nonces.issue(PHONE)
  const count = (nc: string) => tries({ nonce, nc })
  t.match(count('00000001'), { kind: 'known' })
  challenged(t, count('00000001'), stale, 'replayed')
  t.match(count('00000003'), { kind: 'known' })
  t.match(count('00000002'), { kind: 'known' })
  t.match(count('0000000a'), { kind: 'known' }, 'it is hexadecimal')
  challenged(t, count('0000000A'), stale, 'the same in capitals')
  for (const nc of ['00000000', 'xyz', '-1']) challenged(t, count(nc), stale, `nc=${nc}`)
})

t.test('a wrong password does not use a count up', async (t) => {
  const { nonces, tries } = bench()
  const nonce = nonces.issue(PHONE)
  challenged(t, tries({ nonce, password: 'guess' }), wrong, 'wrong')
  t.equal(nonces.size, 0)
  t.match(tries({ nonce }), { kind: 'known' })
})

t.test('RFC 2069 (no qop): a nonce is good for once', async (t) => {
  const { nonces, tries } = bench()
  const nonce = nonces.issue(PHONE)
  t.match(tries({ nonce, qop: null }), { kind: 'known' })
  challenged(t, tries({ nonce, qop: null }), stale, 'again')
})

t.test('RFC 3261 §22.3: credentials for another realm, or of another kind, are not meant for us', async (t) => {
  const { nonces, judge, digests } = bench()
  const nonce = nonces.issue(PHONE)
  const ours = authorization({ user: '101', password: 'secret', nonce })
  const theirs = ours.replace(REALM, 'elsewhere')
  challenged(t, judge(theirs), first, 'another realm')
  challenged(t, judge('Basic MTAxOnNlY3JldA=='), first, 'Basic')
  challenged(t, judge('Digest'), first, 'nothing')
  challenged(t, judge('Digest realm="unclosed'), first, 'malformed')
  t.equal(digests(), 0)
  t.match(judge([theirs, 'Basic x', ours]), { kind: 'known', user: '101' }, 'ours among others')
})

t.test('the forms that real phones write', async (t) => {
  const forms: Readonly<Record<string, (values: Record<string, string>) => string>> = {
    'baresip: no algorithm': ({ algorithm: _, ...v }) =>
      `Digest username="${v.username}", realm="${v.realm}", nonce="${v.nonce}", uri="${v.uri}", response="${v.response}", cnonce="${v.cnonce}", qop=auth, nc=${v.nc}`,
    'SIPp: no blanks': (v) =>
      `Digest username="${v.username}",realm="${v.realm}",cnonce="${v.cnonce}",nc=${v.nc},qop=auth,uri="${v.uri}",nonce="${v.nonce}",response="${v.response}",algorithm=MD5`,
    'linphone: two blanks': (v) =>
      `Digest realm="${v.realm}", nonce="${v.nonce}", algorithm=MD5, username="${v.username}",  uri="${v.uri}", response="${v.response}", cnonce="${v.cnonce}", nc=${v.nc}, qop=auth`,
    'all in quotes': (v) => `Digest ${Object.entries(v).map(([name, value]) => `${name}="${value}"`)}`,
    capitals: (v) =>
      `DIGEST Username="${v.username}", Realm="${v.realm}", Nonce="${v.nonce}", URI="${v.uri}", Response="${v.response?.toUpperCase()}", Algorithm=md5, CNonce="${v.cnonce}", QOP=auth, NC=${v.nc}`,
    'blanks round the equals signs': (v) =>
      `Digest ${Object.entries(v)
        .map(([name, value]) => `${name} = "${value}"`)
        .join(' , ')}`,
    'unknown parameters': (v) =>
      `Digest opaque="", ${Object.entries(v).map(([name, value]) => `${name}="${value}"`)}, charset=UTF-8`,
  }
  for (const [name, write] of Object.entries(forms)) {
    const { nonces, judge } = bench()
    const nonce = nonces.issue(PHONE)
    const values = attempt({ user: '101', password: 'secret', nonce, cnonce: 'a~b-c_d' })
    t.strictSame(judge(write(values)), { kind: 'known', user: '101' }, name)
  }
})

t.test('what is tampered with is wrong: method, digest-uri, cnonce, qop', async (t) => {
  const { nonces, judge, tries } = bench()
  challenged(t, tries({ method: 'INVITE' }), wrong, 'an answer made for another method')
  const right = authorization({ user: '101', password: 'secret', nonce: nonces.issue(PHONE) })
  challenged(t, judge(right.replace('uri="sip:10.0.0.1"', 'uri="sip:10.0.0.2"')), wrong, 'uri')
  challenged(t, judge(right.replace('cnonce="0', 'cnonce="1')), wrong, 'cnonce')
  challenged(t, judge(right.replace('qop=auth', 'qop=auth-int')), wrong, 'auth-int was not offered')
  challenged(t, judge(right.replace('algorithm=MD5', 'algorithm=MD5-sess')), wrong, 'MD5-sess was not offered')
  challenged(t, judge(right.replace(/response="[^"]*"/, 'response=""')), wrong, 'an empty response')
  challenged(t, judge(right.replace(/, response="[^"]*"/, '')), wrong, 'no response')
})

t.test('RFC 7616 §3.4.6: the digest-uri need not be the Request-URI, which proxies and phones change', async (t) => {
  t.match(bench().tries({ uri: 'sip:pbx.example' }), { kind: 'known' })
})

t.test('who the credentials name counts, not whom the request claims to be from', async (t) => {
  const { nonces, judge } = bench()
  const value = authorization({ user: '101', password: 'secret', nonce: nonces.issue(PHONE) })
  t.strictSame(judge(value, PHONE, '102'), { kind: 'known', user: '101' })
})

t.test('RFC 7616 §3.4.6: credentials for something else are none where the digest-uri is to be told', async (t) => {
  const { nonces, authenticator, digests } = bench()
  const asks = (uri: string, method = 'GET') => {
    const how = { user: '101', password: 'secret', nonce: nonces.issue(PHONE), method: 'GET', uri }
    return authenticator.judge({ method, authorization: [authorization(how)], uri: '/api/ice' }, PHONE, '')
  }
  t.strictSame(asks('/api/ice'), { kind: 'known', user: '101' })
  digests()
  challenged(t, asks('/api/other'), first, 'made for another page')
  t.equal(digests(), 0, 'and no word about the password')
  challenged(t, asks('/api/ice', 'POST'), wrong, 'made for another method')
})
