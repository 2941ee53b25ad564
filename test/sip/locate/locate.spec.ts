import t from 'tap'
import type { PointerRecord, ServiceRecord } from '../../../src/platform/names.ts'
import { locate } from '../../../src/sip/locate/locate.ts'
import { ordered } from '../../../src/sip/locate/order.ts'
import type { Place } from '../../../src/sip/locate/target.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { type NameRecords, VirtualNames } from '../../support/virtual/names.ts'
import { seededRandom } from '../../support/virtual/random.ts'

const srv = (target: string, port = 5060, priority = 0): ServiceRecord => ({ target, port, priority, weight: 0 })

const naptr = (order: number, service: string, replacement: string, flags = 's'): PointerRecord => {
  return { order, preference: 10, flags, service, replacement }
}

const here = (host: string, port: number | null = null, protocol: Place['protocol'] = null): Place => {
  return { host, port, protocol }
}

/** A name server with these names. */
async function find(records: Readonly<Record<string, NameRecords>>, place: Place, silentAbout: readonly string[] = []) {
  const clock = new VirtualClock()
  const names = new VirtualNames(clock)
  for (const [name, each] of Object.entries(records)) names.set(name, each)
  for (const name of silentAbout) names.silentAbout.add(name)
  const search = locate(place, names)
  await clock.advance(100)
  const found = await search
  const targets = ordered(found.servers, seededRandom(1), () => false)
  const list = targets.map(({ protocol, address, port }) => `${protocol} ${address} ${port}`)
  return { ...found, list, asked: names.asked }
}

t.test('RFC 3263 §4.1: NAPTR says which transports, SRV which hosts, in their order', async (t) => {
  const { list, complete } = await find(
    {
      'example.com': {
        pointers: [
          naptr(90, 'SIP+D2U', '_sip._udp.example.com'),
          naptr(50, 'SIPS+D2T', '_sips._tcp.example.com'),
          naptr(10, 'SIP+D2S', '_sip._sctp.example.com'),
          naptr(20, 'E2U+sip', 'enum.example.com', 'u'),
        ],
        addresses: ['192.0.2.99'],
      },
      '_sip._udp.example.com': { services: [srv('b.example.com', 5062, 2), srv('a.example.com', 5061, 1)] },
      '_sips._tcp.example.com': { services: [srv('a.example.com', 5071)] },
      'a.example.com': { addresses: ['192.0.2.1', '2001:db8::1'] },
      'b.example.com': { addresses: ['192.0.2.2'] },
    },
    here('Example.COM.'),
  )
  t.ok(complete)
  t.strictSame(list, [
    'tls 192.0.2.1 5071',
    'tls 2001:db8::1 5071',
    'udp 192.0.2.1 5061',
    'udp 2001:db8::1 5061',
    'udp 192.0.2.2 5062',
  ])
})

t.test('without NAPTR: SRV, of UDP before TCP before TLS; without SRV: its addresses, UDP, 5060', async (t) => {
  const tcp = { '_sip._tcp.example.com': { services: [srv('a.example.com', 5070)] } }
  const addresses = { 'a.example.com': { addresses: ['192.0.2.1'] }, 'example.com': { addresses: ['192.0.2.9'] } }
  t.strictSame((await find({ ...tcp, ...addresses }, here('example.com'))).list, ['tcp 192.0.2.1 5070'])
  t.strictSame((await find(addresses, here('example.com'))).list, ['udp 192.0.2.9 5060'])
  t.strictSame((await find(addresses, here('example.com', null, 'tls'))).list, ['tls 192.0.2.9 5061'])
  t.strictSame((await find({ ...tcp, ...addresses }, here('example.com', null, 'tcp'))).list, ['tcp 192.0.2.1 5070'])
})

t.test('a port asks for no SRV, a transport for no NAPTR, an address for nothing at all', async (t) => {
  const records = { 'example.com': { addresses: ['192.0.2.9'] } }
  const withPort = await find(records, here('example.com', 5070))
  t.strictSame([withPort.list, withPort.asked], [['udp 192.0.2.9 5070'], ['addresses example.com']])
  const withTransport = await find(records, here('example.com', null, 'udp'))
  t.strictSame(withTransport.asked, ['services _sip._udp.example.com', 'addresses example.com'])
  for (const [host, address] of [
    ['192.0.2.7', '192.0.2.7'],
    ['[2001:DB8:0::7]', '2001:db8::7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
  ] as const) {
    const { list, asked, complete } = await find({}, here(host))
    t.strictSame([list, asked, complete], [[`udp ${address} 5060`], [], true])
  }
})

t.test('RFC 2782: a service at "." is one that is not offered', async (t) => {
  const records = {
    '_sip._udp.example.com': { services: [srv('.')] },
    'example.com': { addresses: ['192.0.2.9'] },
  }
  const { list, complete } = await find(records, here('example.com', null, 'udp'))
  t.strictSame([list, complete], [[], true])
  const tcp = { '_sip._tcp.example.com': { services: [srv('example.com')] } }
  t.strictSame((await find({ ...records, ...tcp }, here('example.com'))).list, ['tcp 192.0.2.9 5060'])
})

t.test('what no server answers is left out, and said; a router that drops SRV questions hinders nobody', async (t) => {
  const records = {
    '_sip._udp.example.com': { services: [srv('a.example.com'), srv('b.example.com')] },
    'a.example.com': { addresses: ['192.0.2.1'] },
    'b.example.com': { addresses: ['192.0.2.2'] },
    'example.com': { addresses: ['192.0.2.9'] },
  }
  const place = here('example.com', null, 'udp')
  const one = await find(records, place, ['a.example.com'])
  t.strictSame([one.list, one.complete], [['udp 192.0.2.2 5060'], false])
  const dropped = await find(records, place, ['_sip._udp.example.com'])
  t.strictSame([dropped.list, dropped.complete], [['udp 192.0.2.9 5060'], false])
})

t.test('the shortest life of all answers counts', async (t) => {
  const records = {
    '_sip._udp.example.com': { services: [srv('a.example.com'), srv('b.example.com')], ttl: null },
    'a.example.com': { addresses: ['192.0.2.1'], ttl: 30_000 },
    'b.example.com': { addresses: ['192.0.2.2'], ttl: 20_000 },
  }
  t.equal((await find(records, here('example.com', null, 'udp'))).ttl, 20_000)
})

t.test('what a name server writes may be anything: nothing is asked for twice round, or without end', async (t) => {
  const wild = {
    'example.com': {
      pointers: Array.from({ length: 500 }, (_, i) => naptr(i, 'SIP+D2U', `_sip._udp.example.com`)),
      addresses: ['no address', '192.0.2.1\r\n'],
    },
    '_sip._udp.example.com': {
      services: [
        ...Array.from({ length: 500 }, (_, i) => srv(`h${i}.example.com`, i)),
        srv('bad name\r\n'),
        srv(`${'x'.repeat(300)}.example.com`),
      ],
    },
  }
  const { list, asked } = await find(wild, here('example.com'))
  t.strictSame(list, [])
  t.ok(asked.length < 400, `${asked.length} questions`)
  for (const host of ['', '.', 'a..b', 'a b', '-a.example', 'ü.example', 'x'.repeat(254), 'a\r\nb']) {
    const nothing = await find(wild, here(host))
    t.strictSame([nothing.list, nothing.asked, nothing.complete], [[], [], true], JSON.stringify(host))
  }
})
