import t from 'tap'
import { Locator } from '../../src/sip/locate/locator.ts'
import { AllowList } from '../../src/trunks/allowList.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { VirtualNames } from '../support/virtual/names.ts'
import { seededRandom } from '../support/virtual/random.ts'

function scene() {
  const clock = new VirtualClock()
  const names = new VirtualNames(clock)
  return { clock, names, locator: new Locator({ names, clock, random: seededRandom(1) }) }
}

t.test('addresses and subnets, IPv4-mapped IPv6 as IPv4, and nothing else', async (t) => {
  const entries = ['192.0.2.1', '198.51.100.0/24', '2001:db8::/32', '::ffff:203.0.113.0/120', '::1']
  const list = new AllowList(entries, [], scene().locator)
  for (const address of [
    '192.0.2.1',
    '::ffff:192.0.2.1',
    '::FFFF:C000:0201',
    '198.51.100.255',
    '2001:DB8:1::5',
    '203.0.113.9',
    '::1',
  ]) {
    t.ok(list.has(address), address)
  }
  for (const address of ['192.0.2.2', '198.51.101.0', '2001:db9::1', '203.0.114.1', '::2', '', 'x', '192.0.2.1 ']) {
    t.notOk(list.has(address), address)
  }
})

t.test('what is no entry lets nobody in', async (t) => {
  const list = new AllowList(
    ['', '/', '0.0.0.0/33', '10.0.0.0/x', '192.0.2.0/-1', '::/129', 'a b'],
    [],
    scene().locator,
  )
  for (const address of ['0.0.0.0', '10.0.0.1', '192.0.2.1', '::1']) t.notOk(list.has(address))
})

t.test('a name stands for its own addresses and those of its SIP servers, as they change', async (t) => {
  const { clock, names, locator } = scene()
  const srv = { port: 5060, priority: 1, weight: 1 }
  names.set('example.com', { addresses: ['192.0.2.1'], ttl: 10_000 })
  names.set('_sip._udp.example.com', { services: [{ ...srv, target: 'edge.example.com' }] })
  names.set('edge.example.com', { addresses: ['192.0.2.2', '2001:db8::2'], ttl: 10_000 })
  const list = new AllowList(['example.com'], [], locator)
  t.notOk(list.has('192.0.2.1'), 'nothing is known yet')
  await clock.advance(10)
  for (const address of ['192.0.2.1', '192.0.2.2', '::ffff:192.0.2.2', '2001:db8::2']) t.ok(list.has(address), address)
  t.notOk(list.has('192.0.2.3'))
  names.set('edge.example.com', { addresses: ['192.0.2.3'], ttl: 10_000 })
  await clock.advance(10_000)
  t.strictSame(
    ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => list.has(address)),
    [true, false, true],
  )
  list.close()
  await clock.advance(10)
  t.equal(clock.timers, 0, 'nothing is asked for any more')
})

t.test("the trunk's own servers are in it, all of them, though no call would try so many", async (t) => {
  const { clock, names, locator } = scene()
  const services = Array.from({ length: 20 }, (_, i) => ({
    target: `e${i}.example.com`,
    port: 5060,
    priority: i,
    weight: 0,
  }))
  names.set('_sip._udp.example.com', { services })
  for (const [i, { target }] of services.entries()) names.set(target, { addresses: [`10.0.${i}.1`, `10.0.${i}.2`] })
  const place = { host: 'example.com', port: null, protocol: 'udp' } as const
  const list = new AllowList([], [place], locator)
  await clock.advance(10)
  t.equal(locator.targets(place).length, 32)
  for (let i = 0; i < 20; i++) t.ok(list.has(`10.0.${i}.1`) && list.has(`10.0.${i}.2`))
  const second = new AllowList([], [place], locator)
  t.ok(second.has('10.0.0.1'), 'another has what is known at once')
})
