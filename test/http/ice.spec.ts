import { createHmac } from 'node:crypto'
import fastify from 'fastify'
import t, { type Test } from 'tap'
import { iceServers } from '../../src/http/iceServers.ts'
import { type IceOptions, ice } from '../../src/http/routes/ice.ts'
import { turnCredentials } from '../../src/http/turnCredentials.ts'
import { Authenticator } from '../../src/sip/auth/authenticator.ts'
import { Nonces } from '../../src/sip/auth/nonces.ts'
import { Penalties } from '../../src/sip/auth/penalties.ts'
import { parseAuth } from '../../src/sip/message/fields.ts'
import { account, authorization, REALM } from '../sip/auth/digestClient.ts'
import { silentLog } from '../support/silentLog.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { seededRandom } from '../support/virtual/random.ts'

const TURN = { urls: ['turn:turn.example.com:3478?transport=udp'], secret: 'a secret of 16 or more' }
const NOW = new Date('2026-03-01T12:00:00Z')

t.test('credentials of TURN: the name says when they expire, the password is a MAC of it', async (t) => {
  const { username, credential } = turnCredentials('north-of-the-border', '101', NOW, 3600)
  t.equal(username, '1772370000:101')
  t.equal(credential, createHmac('sha1', 'north-of-the-border').update(username).digest('base64'))
  t.match(credential, /^[A-Za-z0-9+/]{27}=$/, 'SHA-1 in base64')
})

t.test('where our STUN server is: by the name that the page was reached by, else by address', async (t) => {
  const stun = (host: string | null) => {
    const asked = { user: '101', now: NOW, host, address: '203.0.113.5', stunPort: 5061, turn: null }
    return iceServers(asked).iceServers
  }
  const urls = (url: string) => [{ urls: [url] }]
  t.same(stun('pbx.example.com:8443'), urls('stun:pbx.example.com:5061'))
  t.same(stun('pbx.example.com'), urls('stun:pbx.example.com:5061'))
  t.same(stun('192.168.1.10:8443'), urls('stun:192.168.1.10:5061'))
  t.same(stun('[2001:db8::1]:8443'), urls('stun:[2001:db8::1]:5061'))
  for (const odd of [null, '', 'a b', '[::1', '[pbx]:8443', 'x?transport=tcp', 'user@host', 'a'.repeat(300)]) {
    t.same(stun(odd), urls('stun:203.0.113.5:5061'), String(odd))
  }
})

t.test('without STUN and TURN there is nothing to tell', async (t) => {
  const asked = { user: '101', now: NOW, host: 'pbx', address: '203.0.113.5', stunPort: null, turn: null }
  t.same(iceServers(asked), { iceServers: [], ttl: 43_200 })
})

function bench(t: Test, options: Partial<IceOptions> = {}) {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const nonces = new Nonces(clock, random)
  const penalties = new Penalties(clock, () => false)
  const credentials = { credentials: (user: string) => (user === '101' ? account('101', 'secret') : null) }
  const authenticator = new Authenticator({
    ...{ realm: REALM, algorithms: ['MD5'], credentials, nonces, penalties, random },
  })
  const app = fastify()
  t.teardown(() => app.close())
  const routes = ice({
    ...{ clock, log: silentLog, authenticator, turn: TURN },
    admits: (address) => penalties.admits(address),
    stunPort: () => 5061,
    addressFor: (local) => local,
    ...options,
  })
  app.register(routes)
  const asks = (header: string | null = null) =>
    app.inject({
      url: '/api/ice',
      headers: { host: 'pbx.example.com:8443', ...(header === null ? {} : { authorization: header }) },
      remoteAddress: '198.51.100.20',
    })
  const challenged = async () => {
    const challenge = parseAuth(String((await asks()).headers['www-authenticate']))
    return challenge?.params.get('nonce') ?? ''
  }
  const logsIn = async (password: string, how: { uri?: string; method?: string; user?: string } = {}) => {
    const nonce = await challenged()
    return asks(authorization({ user: '101', password, nonce, method: 'GET', uri: '/api/ice', ...how }))
  }
  return { clock, asks, logsIn, penalties }
}

t.test('who is no user is told nothing', async (t) => {
  const { asks, logsIn } = bench(t)
  const bare = await asks()
  t.equal(bare.statusCode, 401)
  t.match(bare.headers['www-authenticate'], /^Digest realm=".*algorithm=MD5/)
  t.same(bare.json(), { error: 'log in with the name and password of a user' })
  t.equal(bare.headers['cache-control'], 'no-store')
  t.equal((await logsIn('guess')).statusCode, 401)
  t.equal((await logsIn('secret', { user: '102' })).statusCode, 401)
  t.equal((await logsIn('secret', { uri: '/api/other' })).statusCode, 401)
  t.equal((await logsIn('secret', { method: 'REGISTER' })).statusCode, 401, 'credentials sniffed from SIP')
  t.notMatch(bare.body, /turn/)
})

t.test('a user gets STUN and TURN, with credentials of its own', async (t) => {
  const { clock, logsIn } = bench(t)
  const response = await logsIn('secret')
  t.equal(response.statusCode, 200)
  t.equal(response.headers['cache-control'], 'no-store')
  const username = `${Math.floor(clock.wall().getTime() / 1000) + 43_200}:101`
  const credential = createHmac('sha1', TURN.secret).update(username).digest('base64')
  t.same(response.json(), {
    iceServers: [{ urls: ['stun:pbx.example.com:5061'] }, { urls: TURN.urls, username, credential }],
    ttl: 43_200,
  })
  t.notMatch(response.body, TURN.secret)
})

t.test('an answer to a challenge is good for once', async (t) => {
  const { asks } = bench(t)
  const nonce = parseAuth(String((await asks()).headers['www-authenticate']))?.params.get('nonce') ?? ''
  const header = authorization({ user: '101', password: 'secret', nonce, method: 'GET', uri: '/api/ice' })
  t.equal((await asks(header)).statusCode, 200)
  const again = await asks(header)
  t.equal(again.statusCode, 401)
  t.match(again.headers['www-authenticate'], /stale=true/)
})

t.test('wrong passwords are slowed, then shut out, as SIP’s are', async (t) => {
  const { clock, logsIn, asks, penalties } = bench(t)
  for (let i = 0; i < 3; i++) t.equal((await logsIn('guess')).statusCode, 401)
  let answered = false
  const fourth = logsIn('guess').then(() => {
    answered = true
  })
  await clock.advance(1_900)
  t.notOk(answered, 'the fourth waits')
  await clock.advance(200)
  await fourth
  for (let i = 0; i < 6; i++) penalties.failed('198.51.100.20')
  const shut = await asks()
  t.equal(shut.statusCode, 429)
  t.match(shut.json().error, /wait some minutes$/)
})
