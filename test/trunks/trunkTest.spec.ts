import t from 'tap'
import { placesOf } from '../../src/trunks/servers.ts'
import type { TrunkSettings } from '../../src/trunks/trunk.ts'
import { type TestParts, type TestStep, testTrunk } from '../../src/trunks/trunkTest.ts'
import { answers, challengesThen, type Manner, registrar, silent, switchboard } from '../support/virtual/provider.ts'
import { at, type Ours, ours, SETTINGS, THEM, US } from './ours.ts'

type Changes = Partial<TestParts>

/** Runs a test to its end; fails if that takes longer than two minutes. */
async function tested(side: Ours, settings: Partial<TrunkSettings> = {}, changes: Changes = {}): Promise<TestStep[]> {
  const parts: TestParts = {
    ...{ link: side.link, contactUser: 'k3j2h1', keep: false, call: null },
    resolve: async () => [at(THEM)],
    ...changes,
  }
  const steps: TestStep[] = []
  let over = false
  const run = async (): Promise<void> => {
    for await (const step of testTrunk({ ...SETTINGS, ...settings }, parts)) steps.push(step)
    over = true
  }
  const running = run()
  await side.clock.advanceUntil(() => over, 120_000)
  if (!over) throw new Error(`it hangs after ${steps.at(-1)?.step}`)
  await running
  return steps
}

/** As in `registers ✓ registered as …`. */
function lines(steps: readonly TestStep[]): string[] {
  return steps.map(({ step, ok, says }) => `${step} ${ok === null ? '?' : ok ? '✓' : '✗'} ${says}`)
}

function only(steps: readonly TestStep[], name: string): string {
  return lines(steps)
    .filter((line) => line.startsWith(name))
    .join('\n')
}

t.test('a trunk that is well, step by step', async (t) => {
  const side = await ours()
  const steps = await tested(side)
  t.strictSame(lines(steps), [
    `resolves ✓ provider.example: udp ${THEM}:5060`,
    `OPTIONS ✓ udp ${THEM}:5060 answers 200 OK in 2 ms`,
    `NAT ✓ the provider sees us as we say: ${US} port 5060`,
    'registers ✓ registered as acme for 120 s',
  ])
  t.strictSame(side.provider.bound(), [], 'and no binding of the test is left')
  await tested(side, {}, { keep: true })
  t.strictSame(side.provider.bound(), ['sip:k3j2h1@10.0.0.1:5060'], 'but that of the running trunk stays')
  await side.clock.advance(60_000)
  t.equal(side.left(), 0, 'no timer is left')
})

t.test('names', async (t) => {
  const side = await ours()
  t.strictSame(lines(await tested(side, {}, { resolve: async () => [] })), [
    "resolves ✗ provider.example has no address; check the host's name",
  ])
  t.strictSame(lines(await tested(side, { port: 5080 }, { resolve: () => new Promise(() => {}) })), [
    "resolves ✗ provider.example:5080 does not resolve: nothing came in 5 s; check the host's name and this server's DNS",
  ])
  t.strictSame(
    placesOf({ ...SETTINGS, servers: ['b.example', 'c.example:5070', '[2001:db8::1]:5080', '[2001:db8::2]'] }),
    [
      { host: 'provider.example', port: null, protocol: 'udp' },
      { host: 'b.example', port: null, protocol: 'udp' },
      { host: 'c.example', port: 5070, protocol: 'udp' },
      { host: '2001:db8::1', port: 5080, protocol: 'udp' },
      { host: '2001:db8::2', port: null, protocol: 'udp' },
    ],
  )
})

t.test('connections', async (t) => {
  const side = await ours()
  const tcp = { resolve: async () => [at('203.0.113.6', 'tcp'), at(THEM, 'tcp')] }
  const steps = await tested(side, { transport: 'tcp' }, tcp)
  t.strictSame(lines(steps).slice(1, 4), [
    'connects ✗ nobody listens on tcp 203.0.113.6:5060; check port and transport, and firewalls on the way',
    `connects ✓ tcp ${THEM}:5060 is connected`,
    `OPTIONS ✓ tcp ${THEM}:5060 answers 200 OK in 2 ms`,
  ])
  t.match(only(steps, 'registers'), /✓/)
  const expired = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' })
  const old = { ...side.link, connect: () => Promise.reject(expired) }
  const refused = await tested(side, { transport: 'tls' }, { link: old, resolve: async () => [at(THEM, 'tls')] })
  t.match(only(refused, 'TLS'), `✗ there is no way to tls ${THEM}:5060: its certificate has expired;`)
  const stuck = { ...side.link, connect: () => new Promise<never>(() => {}) }
  const parts = { link: stuck, resolve: async () => [at(THEM, 'tls')] }
  t.match(only(await tested(side, { transport: 'tls' }, parts), 'TLS'), /nothing came in 8 s/)
})

t.test('a provider in each of its moods', async (t) => {
  const both: [string, Manner, Partial<TrunkSettings>, string, RegExp][] = [
    [
      'wrong password',
      registrar(),
      { password: 'guess' },
      'registers',
      /✗ the provider refuses the password of account acme/,
    ],
    ['the same as 403', challengesThen(403), {}, 'registers', /✗ the provider refuses the password of account acme/],
    ['unknown account', answers(404), {}, 'registers', /✗ the provider knows no account acme/],
    ['not from here', answers(403), {}, 'registers', /✗ .*our address may not be allowed/],
    ['not from here, by IP', answers(403), { register: false }, 'OPTIONS', /✗ .*give the provider 10\.0\.0\.1/],
    ['no password', registrar(), { username: null }, 'registers', /✗ .*the trunk has none/],
    ['out of order', answers(503), { register: false }, 'OPTIONS', /✗ .*out of order/],
    ['no OPTIONS there', answers(405), { register: false }, 'OPTIONS', /✓ .*it is there/],
    ['moved', answers(302, ['Contact', '<sip:x.example>']), {}, 'registers', /✗ .*sends us to sip:x\.example/],
    ['silent', silent, { register: false }, 'OPTIONS', /✗ .*does not answer; check host, port and transport/],
    ['silent, with registration', silent, {}, 'registers', /✗ .*does not answer/],
    ['garbage', () => 'nonsense', {}, 'registers', /✗ .*does not answer/],
    ['a longer registration', registrar({ least: 600 }), {}, 'registers', /✓ registered as acme for 600 s/],
    [
      'none at all',
      answers(200, ['Contact', '<sip:k3j2h1@10.0.0.1:5060>;expires=0']),
      {},
      'registers',
      /✗ .*for no time/,
    ],
  ]
  for (const [name, manner, settings, step, says] of both) {
    const side = await ours()
    side.provider.manner = manner
    t.match(only(await tested(side, settings), step), says, name)
  }
})

t.test('OPTIONS that nobody answers do not matter where a registration works', async (t) => {
  const side = await ours()
  const well = registrar()
  side.provider.manner = (request, provider) => (request.method === 'OPTIONS' ? null : well(request, provider))
  const steps = await tested(side)
  t.match(only(steps, 'OPTIONS'), /^OPTIONS \? /)
  t.match(only(steps, 'registers'), /✓ .*that it answers no OPTIONS is all right/)
})

t.test('NAT on the way: which address to set', async (t) => {
  const side = await ours()
  side.network.router = { inside: US, outside: '198.51.100.9', isLocal: (address) => address.startsWith('10.') }
  t.equal(
    only(await tested(side), 'NAT'),
    `NAT ✗ the provider sees us as 198.51.100.9, but we say ${US}: audio would go one way; start with --external-ip 198.51.100.9, or auto`,
  )
  side.advertiser.external = '198.51.100.9'
  t.match(only(await tested(side), 'NAT'), /^NAT ✓ /)
})

t.test('a call: it rings and is taken back', async (t) => {
  const side = await ours()
  side.provider.manner = switchboard(100, 180)
  const steps = await tested(side, { callerId: '+4930123' }, { call: '+15551234567' })
  t.equal(only(steps, 'calls'), 'calls ✓ +15551234567 rings (180)')
  await side.clock.advance(100)
  const methods = side.provider.take().map(({ method }) => method)
  t.strictSame(methods.slice(-3), ['INVITE', 'CANCEL', 'ACK'])
  const invite = side.provider.got.find(({ request }) => request.method === 'INVITE')?.request
  t.equal(invite?.uri.text, 'sip:+15551234567@provider.example')
  t.equal(invite?.from.uri.text, 'sip:+4930123@provider.example')
  t.match(Buffer.from(invite?.body ?? '').toString(), /c=IN IP4 10\.0\.0\.1\r\n[\s\S]*m=audio 9 RTP\/AVP 8 0/)
})

t.test('a call that is picked up at once is hung up', async (t) => {
  const side = await ours()
  side.provider.manner = switchboard(200)
  const steps = await tested(side, { register: false }, { call: '100' })
  t.match(only(steps, 'calls'), /✓ 100 was picked up, and hung up at once/)
  await side.clock.advance(100)
  t.strictSame(
    side.provider
      .take()
      .map(({ method }) => method)
      .slice(-3),
    ['INVITE', 'ACK', 'BYE'],
  )
})

t.test('a call, and what the provider says of it', async (t) => {
  const cases: [number, RegExp][] = [
    [402, /✗ .*no credit/],
    [403, /✗ .*our address is not allowed there, the caller ID is not ours/],
    [404, /✗ .*knows no such number; the number's format may be wrong/],
    [484, /✗ .*not complete/],
    [486, /✓ .*was reached/],
    [488, /✗ .*codecs/],
    [503, /✗ .*out of order/],
    [302, /✗ .*elsewhere/],
    [401, /✗ .*wants? a password|✗ .*asks for a password/],
    [499, /✗ .*refuses the call/],
  ]
  for (const [status, says] of cases) {
    const side = await ours()
    side.provider.manner = switchboard(status)
    t.match(only(await tested(side, { register: false }, { call: '5' }), 'calls'), says, String(status))
  }
  const side = await ours()
  side.provider.manner = (request) => (request.method === 'INVITE' ? null : { status: 200 })
  t.match(only(await tested(side, { register: false }, { call: '5' }), 'calls'), /✗ .*does not answer a call at all/)
  const trying = await ours()
  trying.provider.manner = switchboard(100)
  t.match(only(await tested(trying, { register: false }, { call: '5' }), 'calls'), /\? .*did not ring in 15 s/)
})

t.test('a call over a trunk whose audio is encrypted says so, and what a refusal may mean', async (t) => {
  for (const [srtp, audio, says] of [
    [
      true,
      /^m=audio 9 RTP\/SAVP 8 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[\w+/]{40}\r\n$/m,
      /no encrypted audio: --no-srtp/,
    ],
    [false, /^m=audio 9 RTP\/AVP 8 0\r\n$/m, /wants encrypted audio: set --srtp/],
  ] as const) {
    const side = await ours()
    side.provider.manner = switchboard(488)
    t.match(only(await tested(side, { register: false, srtp }, { call: '5' }), 'calls'), says)
    const invite = side.provider.got.find(({ request }) => request.method === 'INVITE')
    t.match(Buffer.from(invite?.request.body ?? []).toString(), audio)
  }
})
