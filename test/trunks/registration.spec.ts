import t from 'tap'
import { parseAuth } from '../../src/sip/message/fields.ts'
import type { SipRequest } from '../../src/sip/message/message.ts'
import { answers, challengesForEver, challengesThen, registrar, silent } from '../support/virtual/provider.ts'
import { at, type Ours, ours, type Registering, registering, THEM, US } from './ours.ts'

const CONTACT = `sip:k3j2h1@${US}:5060`
const HOUR = 3_600_000
const MINUTE = 60_000

/** What a REGISTER asks for, as in `3 expires 3600 proved`. */
function told(request: SipRequest): string {
  const proved = request.headers.has('authorization') ? ' proved' : ''
  return `${request.method} expires ${request.headers.first('expires')}${proved}`
}

/** Takes the registration back, which the clock must go on for. */
async function closes(side: Ours, { registration }: Registering): Promise<void> {
  const closed = registration.close()
  await side.clock.advance(2_001)
  await closed
}

t.test('RFC 3261 §10.2: registers, is challenged, refreshes ahead of the end, and takes it back', async (t) => {
  const side = await ours()
  const { clock, provider } = side
  const acme = registering(side)
  acme.registration.register()
  t.strictSame(acme.registration.state, { state: 'trying', problem: null })
  await clock.advance(100)
  const first = provider.take()
  t.strictSame(first.map(told), ['REGISTER expires 3600', 'REGISTER expires 3600 proved'])
  t.strictSame(provider.bound(), [CONTACT])
  t.equal(first[0]?.uri.text, 'sip:provider.example')
  t.equal(first[0]?.to.uri.text, 'sip:acme@provider.example')
  t.equal(first[0]?.from.uri.text, 'sip:acme@provider.example')
  const { state } = acme.registration
  t.match(state, { state: 'registered', server: `udp ${THEM}:5060` })
  t.ok(state.state === 'registered' && Math.abs(state.until - clock.wall().getTime() - HOUR) < 1000)
  t.equal(acme.registration.flow?.remote.address, THEM)

  await clock.advance(0.79 * HOUR)
  t.equal(provider.take().length, 0, 'not too early')
  await clock.advance(0.12 * HOUR)
  const second = provider.take()
  t.strictSame(second.map(told), ['REGISTER expires 3600 proved'], 'one message, its challenge met ahead')
  const all = [...first, ...second]
  t.equal(new Set(all.map(({ callId }) => callId)).size, 1, 'one Call-ID')
  t.strictSame(
    all.map(({ cSeq }) => cSeq.number - (first[0]?.cSeq.number ?? 0)),
    [0, 1, 2],
    'CSeq rises',
  )
  for (let day = 0; day < 24 * 7; day++) {
    await clock.advance(HOUR)
    t.strictSame(provider.bound(), [CONTACT])
  }
  provider.take()
  await closes(side, acme)
  t.strictSame(provider.take().map(told).at(-1), 'REGISTER expires 0 proved')
  t.strictSame(provider.bound(), [])
  t.strictSame(acme.states, ['trying', 'registered', ...acme.states.slice(2)])
  t.notOk(
    acme.states.some((text) => text.includes(':')),
    'no problem ever',
  )
  side.close()
  t.equal(side.left(), 0, 'no timer is left')
})

t.test('what is granted counts, in whichever header', async (t) => {
  const cases: [string, Parameters<typeof answers>, number | null][] = [
    ['our Contact among others', [200, ['Contact', `<sip:x@10.9.9.9>;expires=9999, <${CONTACT}>;expires=90`]], 90],
    ['Contact before Expires', [200, ['Contact', `<${CONTACT}>;expires=90`], ['Expires', '900']], 90],
    ['Expires alone', [200, ['Expires', '120'], ['Contact', `<${CONTACT}>`]], 120],
    ['a Contact that a border controller rewrote', [200, ['Contact', '<sip:q@192.0.2.1:9>;expires=75']], 75],
    ['nothing at all: what we asked for', [200], 3600],
    ['what cannot be read', [200, ['Contact', `<${CONTACT}>;expires=soon`]], 3600],
    ['for no time', [200, ['Contact', `<${CONTACT}>;expires=0`]], null],
  ]
  for (const [name, reply, seconds] of cases) {
    const side = await ours()
    side.provider.manner = answers(...reply)
    const acme = registering(side)
    acme.registration.register()
    await side.clock.advance(50)
    const { state } = acme.registration
    if (seconds === null) {
      t.match(state, { state: 'failed', problem: /for no time/ }, name)
    } else if (state.state !== 'registered') t.fail(name, { state })
    else t.ok(Math.abs(state.until - side.clock.wall().getTime() - seconds * 1000) < 100, name)
  }
})

t.test('a wrong password is told plainly, and not tried again for minutes', async (t) => {
  for (const manner of [
    registrar(),
    challengesThen(401),
    challengesThen(403),
    challengesForEver(', qop="auth", algorithm=SHA-256'),
  ]) {
    const side = await ours()
    side.provider.manner = manner
    const acme = registering(side, { password: 'guess' })
    acme.registration.register()
    await side.clock.advance(4 * MINUTE)
    t.equal(side.provider.take().length, 2, 'one try in four minutes')
    t.match(acme.registration.state, { state: 'failed', problem: /^the provider refuses the password of account acme/ })
    await side.clock.advance(24 * HOUR)
    const tries = side.provider.take().length
    t.ok(tries >= 47 && tries <= 2 * 100, `${tries} requests in a day`)
    side.provider.manner = registrar()
    side.provider.accounts.set('acme', 'guess')
    await side.clock.advance(30 * MINUTE)
    t.match(acme.registration.state, { state: 'registered' }, 'it is right at last')
  }
})

t.test('what else a provider may say, in words', async (t) => {
  const cases: [ReturnType<typeof answers>, RegExp][] = [
    [answers(403), /does not let us register.*address may not be allowed/],
    [answers(404), /knows no account acme: 404 Not Found/],
    [answers(302, ['Contact', '<sip:elsewhere.example>']), /sends us to sip:elsewhere\.example: 302 Moved Temporarily/],
    [answers(401), /a proof that we can't give/],
    [answers(401, ['WWW-Authenticate', 'Basic realm="x"']), /a proof that we can't give/],
    [answers(405), /refuses the registration: 405 Method Not Allowed/],
    [answers(603), /refuses the registration: 603 Decline/],
    [answers(423), /refuses the registration: 423/],
    [answers(423, ['Min-Expires', '99999999']), /wants a registration of 99999999 s/],
    [answers(423, ['Min-Expires', '60']), /wants a registration of 60 s/],
    [answers(503), /is out of order: it answers 503 Service Unavailable/],
    [answers(500), /is out of order: it answers 500/],
    [silent, /udp 203\.0\.113\.5:5060 does not answer/],
    [() => 'what?\r\n\r\n', /does not answer/],
    [() => 'SIP/2.0 200 OK\r\nVia: \xff\r\n\r\n', /does not answer/],
    [challengesForEver(', qop="auth", stale=true'), /refuses the password of account acme/],
  ]
  for (const [manner, problem] of cases) {
    const side = await ours()
    side.provider.manner = manner
    const acme = registering(side)
    acme.registration.register()
    await side.clock.advance(40_000)
    t.match(acme.registration.problem, problem)
    side.provider.take()
    await side.clock.advance(24 * HOUR)
    // A request that nobody answers is repeated 10 times (timer E).
    const registers = new Set(side.provider.take().map(({ cSeq }) => cSeq.number)).size
    t.ok(registers < 5 * 110, `${registers} in a day`)
    t.ok(registers > 40, `still trying: ${registers}`)
    await closes(side, acme)
    side.close()
    t.equal(side.left(), 0, 'no timer is left')
  }
})

t.test('without a password', async (t) => {
  const side = await ours()
  const acme = registering(side, { username: null })
  acme.registration.register()
  await side.clock.advance(100)
  t.match(acme.registration.problem, /asks for a password, and the trunk has none/)
  side.provider.manner = answers(200)
  acme.registration.register()
  await side.clock.advance(100)
  t.match(acme.registration.state, { state: 'registered' })
})

t.test('423 Min-Expires is heeded, and remembered', async (t) => {
  const side = await ours()
  side.provider.manner = registrar({ least: 1800 })
  const acme = registering(side, { expires: 60 })
  acme.registration.register()
  await side.clock.advance(100)
  t.strictSame(side.provider.take().map(told).slice(-1), ['REGISTER expires 1800 proved'])
  await side.clock.advance(0.5 * HOUR)
  t.strictSame(side.provider.take().map(told), ['REGISTER expires 1800 proved'])
})

t.test('several servers, in order, and back off when all are out', async (t) => {
  const side = await ours()
  const backup = await side.another({ address: '203.0.113.6', port: 5060 })
  const acme = registering(side)
  acme.targets = [at(THEM), at('203.0.113.6')]
  side.provider.manner = answers(503, ['Retry-After', '10'])
  acme.registration.register()
  await side.clock.advance(100)
  t.match(acme.registration.state, { state: 'registered', server: 'udp 203.0.113.6:5060' })
  t.strictSame(acme.failed, [THEM])
  t.strictSame(backup.bound(), [CONTACT])

  backup.stop()
  side.provider.stop()
  await side.clock.advance(0.9 * HOUR + 35_000)
  t.match(acme.registration.state, { state: 'registered' }, 'until the grant ends it is')
  t.match(acme.registration.problem, /203\.0\.113\.\d:5060 does not answer/, 'but the trouble shows')
  await side.clock.advance(0.2 * HOUR)
  t.match(acme.registration.state.state, /failed|trying/)
  t.equal(acme.registration.flow, null)
  side.provider.manner = registrar()
  await side.provider.start()
  await side.clock.advance(31 * MINUTE)
  t.match(acme.registration.state, { state: 'registered', server: `udp ${THEM}:5060` })
})

t.test('Retry-After is waited for, and the backoff grows up to half an hour', async (t) => {
  const side = await ours()
  const acme = registering(side)
  side.provider.manner = answers(503, ['Retry-After', '300 (soon)'])
  acme.registration.register()
  await side.clock.advance(299_000)
  t.equal(side.provider.take().length, 1)
  await side.clock.advance(60_000)
  t.equal(side.provider.take().length, 1)
  side.provider.manner = answers(500)
  await side.clock.advance(12 * HOUR)
  const times = side.provider.got.map(({ at }) => at).slice(-4)
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  for (const gap of gaps) t.ok(gap >= 15 * MINUTE && gap <= 30 * MINUTE, `${gap}`)
  t.equal(new Set(gaps).size, gaps.length, 'with jitter')
})

t.test('a name that does not resolve', async (t) => {
  const side = await ours()
  const acme = registering(side)
  acme.targets = []
  acme.registration.register()
  await side.clock.advance(100)
  t.match(acme.registration.state, {
    state: 'failed',
    problem: 'the name provider.example does not resolve: it has no address',
  })
  acme.targets = [at(THEM)]
  await side.clock.advance(MINUTE)
  t.match(acme.registration.state, { state: 'registered' })
})

t.test('a TCP port that nobody listens on, then somebody; then the connection is lost', async (t) => {
  const side = await ours()
  side.provider.stop()
  const acme = registering(side)
  acme.targets = [at(THEM, 'tcp')]
  acme.registration.register()
  await side.clock.advance(100)
  t.match(acme.registration.problem, `nobody listens on tcp ${THEM}:5060`)
  await side.provider.start()
  await side.clock.advance(2 * MINUTE)
  t.match(acme.registration.state, { state: 'registered', server: `tcp ${THEM}:5060` })
  await side.clock.advance(2 * MINUTE)
  side.provider.take()
  side.provider.dropConnections()
  await side.clock.advance(500)
  t.match(acme.registration.state, { state: 'failed', problem: /connection to the provider was lost/ })
  await side.clock.advance(9_000)
  t.match(acme.registration.state, { state: 'registered' }, 'soon, for it had lasted')
  side.provider.take()
  for (let n = 0; n < 60; n++) {
    side.provider.dropConnections()
    await side.clock.advance(10_000)
  }
  const tries = side.provider.take().length
  t.ok(tries > 4 && tries <= 20, `${tries} in ten minutes, where it does not last`)
  await closes(side, acme)
})

t.test('a new address: the old binding goes, the new one comes, at once', async (t) => {
  const side = await ours()
  const acme = registering(side)
  acme.registration.register()
  await side.clock.advance(100)
  side.provider.take()
  side.advertiser.external = '198.51.100.1'
  acme.registration.addressChanged()
  await side.clock.advance(100)
  t.strictSame(side.provider.bound(), ['sip:k3j2h1@198.51.100.1:5060'])
  t.strictSame(side.provider.take().map(told), ['REGISTER expires 0 proved', 'REGISTER expires 3600 proved'])
  side.advertiser.external = '198.51.100.2'
  const well = registrar()
  side.provider.manner = (request, provider) =>
    request.headers.first('expires') === '0' ? null : well(request, provider)
  acme.registration.addressChanged()
  acme.registration.addressChanged()
  await side.clock.advance(10_000)
  t.match(acme.registration.state, { state: 'registered' }, 'though nobody answers to the removal')
  t.ok(side.provider.bound().includes('sip:k3j2h1@198.51.100.2:5060'))
  side.close()
})

t.test('what the provider sees as our address is reported, once', async (t) => {
  const side = await ours()
  side.network.router = { inside: US, outside: '198.51.100.9', isLocal: (address) => address.startsWith('10.') }
  const acme = registering(side)
  acme.registration.register()
  await side.clock.advance(100)
  t.strictSame(acme.seen, [{ address: '198.51.100.9', port: 5060 }])
  await side.clock.advance(HOUR)
  t.equal(acme.seen.length, 1)
  side.network.router = null
  side.advertiser.external = null
  acme.registration.addressChanged()
  await side.clock.advance(100)
  t.equal(acme.seen.length, 1, 'as we advertise it: no news')
})

t.test('Service-Route is kept for calls, RFC 3608', async (t) => {
  const side = await ours()
  side.provider.manner = registrar({ headers: [['Service-Route', '<sip:a.example;lr>, <sip:b.example;lr>']] })
  const acme = registering(side)
  t.strictSame(acme.registration.serviceRoute, [])
  acme.registration.register()
  await side.clock.advance(100)
  t.strictSame(acme.registration.serviceRoute, ['<sip:a.example;lr>', '<sip:b.example;lr>'])
})

t.test('a restart of the provider costs nonces and the binding; a word brings it back', async (t) => {
  const side = await ours()
  const acme = registering(side)
  acme.registration.register()
  await side.clock.advance(100)
  side.provider.stop()
  side.provider.manner = registrar()
  await side.provider.start()
  t.strictSame(side.provider.bound(), [])
  acme.registration.register()
  await side.clock.advance(100)
  t.strictSame(side.provider.bound(), [CONTACT])
  const nonces = side.provider
    .take()
    .map((request) => parseAuth(request.headers.first('authorization') ?? '')?.params.get('nonce'))
  t.equal(nonces.length, 4)
})

t.test('closing is bounded, whatever goes on', async (t) => {
  for (const [name, before] of [
    ['before it began', -1],
    ['while it tries', 1],
    ['while it is registered', 100],
  ] as const) {
    const side = await ours()
    const acme = registering(side)
    if (before >= 0) acme.registration.register()
    if (before >= 0) await side.clock.advance(before)
    side.provider.manner = silent
    let closed = false
    void acme.registration.close().then(() => {
      closed = true
    })
    await side.clock.advance(2_001)
    t.ok(closed, name)
    acme.registration.register()
    acme.registration.addressChanged()
    side.close()
    await side.clock.advance(HOUR)
    t.equal(side.left(), 0, 'no timer is left')
  }
})

t.test('a third of all datagrams lost: it is registered for nearly all of two days, and never refused', async (t) => {
  const side = await ours(7)
  side.network.impairment = { delay: 30, jitter: 40, loss: 0.33, duplicate: 0.1 }
  side.provider.manner = registrar({ most: 600 })
  const acme = registering(side)
  acme.registration.register()
  let away = 0
  for (let minute = 0; minute < 48 * 60; minute++) {
    await side.clock.advance(MINUTE)
    if (!side.provider.bound().includes(CONTACT)) away++
  }
  t.ok(away < 10, `${away} minutes away`)
  t.notOk(
    acme.states.some((text) => text.includes('refuses')),
    'no repeated request was taken for a wrong password',
  )
})
