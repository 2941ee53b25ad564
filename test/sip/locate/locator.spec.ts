import t from 'tap'
import { Locator } from '../../../src/sip/locate/locator.ts'
import type { Place, Target } from '../../../src/sip/locate/target.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { VirtualNames } from '../../support/virtual/names.ts'
import { seededRandom } from '../../support/virtual/random.ts'

const PLACE: Place = { host: 'sip.example.com', port: 5060, protocol: 'udp' }

function scene() {
  const clock = new VirtualClock()
  const names = new VirtualNames(clock)
  const locator = new Locator({ names, clock, random: seededRandom(1) })
  const is = (addresses: readonly string[], ttl: number | null = null) => names.set(PLACE.host, { addresses, ttl })
  const known = (): string[] => listed(locator.targets(PLACE))
  return { clock, names, locator, is, known }
}

function listed(targets: readonly Target[]): string[] {
  return targets.map(({ address }) => address)
}

/** What a promise gives, time going on for `limit` ms at most; undefined: nothing by then. */
async function soon<T>(clock: VirtualClock, promise: Promise<T>, limit: number): Promise<T | undefined> {
  let value: T | undefined
  void promise.then((settled) => (value = settled))
  await clock.advanceUntil(() => value !== undefined, limit)
  return value
}

t.test('a call never waits: it has what is known now, and the next one has more', async (t) => {
  const { clock, is, known } = scene()
  is(['192.0.2.1'])
  t.strictSame(known(), [])
  await clock.advance(10)
  t.strictSame(known(), ['192.0.2.1'])
})

t.test('an address is known at once', async (t) => {
  const { clock, names, locator } = scene()
  const at = { host: '[2001:db8::1]', port: null, protocol: 'tls' } as const
  t.strictSame(locator.targets(at), [{ protocol: 'tls', address: '2001:db8::1', port: 5061 }])
  t.equal(locator.trouble(at), null)
  t.equal(names.asked.length + clock.timers, 0)
})

t.test('all who want a name at once share one question, and those who come in its time another none', async (t) => {
  const { clock, names, locator, is } = scene()
  is(['192.0.2.1'], 30_000)
  const both = Promise.all([locator.resolve(PLACE), locator.resolve({ ...PLACE, host: 'SIP.example.com.' })])
  t.match(await soon(clock, both, 100), [[{ address: '192.0.2.1' }], [{ address: '192.0.2.1' }]])
  await clock.advance(20_000)
  await soon(clock, locator.resolve(PLACE), 100)
  t.equal(names.asked.length, 1)
  await clock.advance(10_000)
  is(['192.0.2.2'], 30_000)
  t.match(await soon(clock, locator.resolve(PLACE), 100), [{ address: '192.0.2.2' }], 'old: it waits for the new')
  t.equal(names.asked.length, 2)
})

t.test('nobody waits longer than 2 s; what comes later is still taken', async (t) => {
  const { clock, names, locator, is, known } = scene()
  is(['192.0.2.1'])
  names.delay = 5_000
  const before = clock.now()
  t.strictSame(await soon(clock, locator.resolve(PLACE), 60_000), [])
  t.equal(clock.now() - before, 2_000)
  await clock.advance(3_001)
  t.strictSame(known(), ['192.0.2.1'])
})

t.test('a watched name is kept fresh ahead of its end, and a change is told, once; their order is none', async (t) => {
  const { clock, locator, is, known } = scene()
  const heard: string[][] = []
  is(['192.0.2.1', '192.0.2.2'], 10_000)
  const unwatch = locator.watch(PLACE, (targets) => heard.push(listed(targets)))
  await clock.advance(10)
  is(['192.0.2.2', '192.0.2.1'], 10_000)
  await clock.advance(9_000)
  t.equal(heard.length, 1)
  is(['192.0.2.2'], 10_000)
  await clock.advance(8_001)
  t.strictSame(heard, [['192.0.2.1', '192.0.2.2'], ['192.0.2.2']])
  is([], 10_000)
  await clock.advance(10_000)
  t.strictSame([heard.at(-1), known(), locator.trouble(PLACE)], [[], [], 'no such name'])
  unwatch()
  is(['192.0.2.3'])
  await clock.advance(100_000)
  t.equal(heard.length, 3)
  t.equal(clock.timers, 0, 'no timer is left')
})

t.test('what was known stays while no name server answers, who is asked less and less often', async (t) => {
  const { clock, names, locator, is, known } = scene()
  const heard: string[][] = []
  is(['192.0.2.1'], 10_000)
  locator.watch(PLACE, (targets) => heard.push(listed(targets)))
  await clock.advance(10)
  names.silent = true
  await clock.advance(3_600_000)
  t.strictSame([known(), heard.length, locator.trouble(PLACE)], [['192.0.2.1'], 1, 'no name server answers'])
  t.ok(names.asked.length < 90, `${names.asked.length} questions in an hour`)
  names.silent = false
  is(['192.0.2.2'], 10_000)
  await clock.advance(60_000)
  t.strictSame([known(), heard.length, locator.trouble(PLACE)], [['192.0.2.2'], 2, null])
  locator.close()
  t.equal(clock.timers, 0)
})

t.test('an answer counts for 5 s at least and an hour at most, and a minute where nobody says', async (t) => {
  for (const [ttl, until] of [
    [0, 5_000],
    [1e9, 3_600_000],
    [null, 60_000],
  ] as const) {
    const { clock, names, locator, is } = scene()
    is(['192.0.2.1'], ttl)
    await soon(clock, locator.resolve(PLACE), 100)
    await clock.advance(until - 10)
    void locator.resolve(PLACE)
    await clock.advance(1)
    const asked = names.asked.length
    t.equal(asked, 2, 'it is old enough to be asked for in the background')
    await clock.advance(100)
    await clock.advance(until * 0.7)
    void locator.resolve(PLACE)
    t.equal(names.asked.length, asked, 'the new one is not')
  }
})

t.test('RFC 3263 §4.3: a server that failed comes last for a minute', async (t) => {
  const { clock, locator, is, known } = scene()
  is(['192.0.2.1', '192.0.2.2'], 3_600_000)
  await soon(clock, locator.resolve(PLACE), 100)
  locator.failed({ protocol: 'udp', address: '192.0.2.1', port: 5060 })
  t.strictSame(known(), ['192.0.2.2', '192.0.2.1'])
  await clock.advance(59_000)
  t.strictSame(known(), ['192.0.2.2', '192.0.2.1'])
  await clock.advance(1_001)
  t.strictSame(known(), ['192.0.2.1', '192.0.2.2'])
})

t.test('places without number are forgotten, those that are watched are not', async (t) => {
  const { clock, names, locator, is, known } = scene()
  is(['192.0.2.1'], 3_600_000)
  locator.watch(PLACE, () => {})
  await clock.advance(10)
  for (let i = 0; i < 3_000; i++) {
    locator.targets({ ...PLACE, host: `h${i}.example.com` })
    if (i % 100 === 0) await clock.advance(10)
  }
  const asked = names.asked.length
  t.strictSame(known(), ['192.0.2.1'])
  locator.targets({ ...PLACE, host: 'h0.example.com' })
  t.equal(names.asked.length, asked + 1, 'the first of them was forgotten')
})
