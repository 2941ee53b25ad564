import t, { type Test } from 'tap'
import { nodeNames } from '../../src/platform/nodeNames.ts'
import { systemRandom } from '../../src/platform/random.ts'
import { systemClock } from '../../src/platform/systemClock.ts'
import { Locator } from '../../src/sip/locate/locator.ts'
import { until } from '../support/deadline.ts'
import { NameServer } from '../support/dns/nameServer.ts'

async function scene(t: Test, hosts = '') {
  const server = await NameServer.start()
  t.teardown(() => server.close())
  const directory = t.testdir({ hosts })
  return { server, names: nodeNames({ servers: [server.server], hostsFile: `${directory}/hosts` }) }
}

t.test('addresses of both kinds, with the shortest life, and through an alias', async (t) => {
  const { server, names } = await scene(t)
  server.set('a.example.com', { type: 'A', address: '192.0.2.1', ttl: 30 }, { type: 'AAAA', address: '2001:db8::1' })
  server.set('www.example.com', { type: 'CNAME', target: 'a.example.com' })
  t.strictSame(await names.addresses('a.example.com'), { records: ['192.0.2.1', '2001:db8::1'], ttl: 30_000 })
  t.strictSame((await names.addresses('www.example.com')).records, ['192.0.2.1', '2001:db8::1'])
})

t.test('SRV and NAPTR', async (t) => {
  const { server, names } = await scene(t)
  server.set('_sip._udp.example.com', { type: 'SRV', target: 'a.example.com', port: 5070, priority: 1, weight: 2 })
  t.strictSame(await names.services('_sip._udp.example.com'), {
    records: [{ target: 'a.example.com', port: 5070, priority: 1, weight: 2 }],
    ttl: null,
  })
  server.set('example.com', { type: 'NAPTR', service: 'SIP+D2U', replacement: '_sip._udp.example.com', order: 5 })
  t.strictSame((await names.pointers('example.com')).records, [
    { order: 5, preference: 10, flags: 's', service: 'SIP+D2U', replacement: '_sip._udp.example.com' },
  ])
})

t.test('a name that does not exist, or has none of a kind, has no records', async (t) => {
  const { server, names } = await scene(t)
  server.set('a.example.com', { type: 'A', address: '192.0.2.1' })
  t.strictSame((await names.addresses('nobody.example.com')).records, [])
  t.strictSame((await names.services('a.example.com')).records, [])
  t.strictSame((await names.pointers('nobody.example.com')).records, [])
  t.strictSame((await names.addresses('alone')).records, [], 'the system is not asked')
})

t.test('a server that is silent is an error, in 2 s', async (t) => {
  const { server, names } = await scene(t)
  server.silent = true
  const began = performance.now()
  const all = [names.addresses('a.example.com'), names.services('a.example.com'), names.pointers('a.example.com')]
  for (const each of await Promise.allSettled(all)) t.match(each, { status: 'rejected', reason: { code: 'ETIMEOUT' } })
  const took = performance.now() - began
  t.ok(took < 2_300, `it took ${Math.round(took)} ms`)
})

t.test('a server that is silent about IPv6 alone hinders nobody; about IPv4, and all must wait for it', async (t) => {
  const { server, names } = await scene(t)
  server.set('a.example.com', { type: 'A', address: '192.0.2.1' }, { type: 'AAAA', address: '2001:db8::1' })
  server.silentAbout.add('AAAA a.example.com')
  t.strictSame((await names.addresses('a.example.com')).records, ['192.0.2.1'])
  server.silentAbout.clear()
  server.silentAbout.add('A a.example.com')
  await t.rejects(names.addresses('a.example.com'), { code: 'ETIMEOUT' })
})

t.test('the hosts file comes first', async (t) => {
  const { server, names } = await scene(t, '# us\n192.0.2.7\tPBX.example.com pbx # here\n::1 pbx\nnonsense pbx\n')
  server.set('pbx.example.com', { type: 'A', address: '192.0.2.1' })
  t.strictSame(await names.addresses('pbx.example.com'), { records: ['192.0.2.7'], ttl: null })
  t.strictSame((await names.addresses('pbx')).records, ['192.0.2.7', '::1'])
  t.equal(server.asked.length, 0)
})

t.test("the system's own settings know localhost", async (t) => {
  t.match((await nodeNames().addresses('localhost')).records, ['127.0.0.1'])
})

t.test('a provider that loses an address in mid-test is followed', async (t) => {
  const { server, names } = await scene(t)
  const locator = new Locator({ names, clock: systemClock, random: systemRandom })
  t.teardown(() => locator.close())
  const at = { host: 'sip.example.com', port: null, protocol: 'udp' } as const
  const srv = { type: 'SRV', target: 'edge.example.com', port: 5070 } as const
  server.set('_sip._udp.sip.example.com', { ...srv, ttl: 1 })
  const both = ['127.0.0.2', '127.0.0.3'].map((address) => ({ type: 'A' as const, address, ttl: 1 }))
  server.set('edge.example.com', ...both)
  t.strictSame((await locator.resolve(at)).map(({ address }) => address).sort(), ['127.0.0.2', '127.0.0.3'])
  const changes: string[][] = []
  t.teardown(locator.watch(at, (targets) => changes.push(targets.map(({ address, port }) => `${address}:${port}`))))
  server.set('edge.example.com', ...both.slice(1))
  const change = await until(8_000, 'the change', () => changes[0])
  t.strictSame(change, ['127.0.0.3:5070'])
})
