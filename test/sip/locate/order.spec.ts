import t from 'tap'
import { MOST_TARGETS, onlyServer, ordered, type Server } from '../../../src/sip/locate/order.ts'
import { placeOf, type Target } from '../../../src/sip/locate/target.ts'
import { parseUri } from '../../../src/sip/message/uri.ts'
import { seededRandom } from '../../support/virtual/random.ts'

const none = (): boolean => false

function server(address: string, priority: number, weight: number, rank = 0): Server {
  return { protocol: 'udp', port: 5060, rank, priority, weight, addresses: [address] }
}

function addresses(servers: readonly Server[], seed = 1, failed: (target: Target) => boolean = none): string[] {
  return ordered(servers, seededRandom(seed), failed).map(({ address }) => address)
}

t.test('RFC 2782: the lowest priority first, whatever its weight, and the lowest rank before that', async (t) => {
  const servers = [server('c', 20, 100), server('d', 0, 0, 1), server('b', 10, 1), server('a', 5, 0)]
  for (let seed = 0; seed < 20; seed++) t.strictSame(addresses(servers, seed), ['a', 'b', 'c', 'd'])
})

t.test('RFC 2782: those of one priority share by weight, and one of weight 0 is hardly ever first', async (t) => {
  const servers = [server('a', 1, 60), server('b', 1, 30), server('c', 1, 10), server('d', 1, 0)]
  const random = seededRandom(7)
  const first = new Map<string, number>()
  for (let i = 0; i < 10_000; i++) {
    const all = ordered(servers, random, none)
    if (new Set(all.map(({ address }) => address)).size !== 4) t.fail('somebody is missing')
    const [{ address } = { address: '' }] = all
    first.set(address, (first.get(address) ?? 0) + 1)
  }
  t.ok(first.get('d'), 'weight 0 is little, not nothing')
  for (const [address, share] of Object.entries({ a: 60, b: 30, c: 10, d: 1 })) {
    const seen = (first.get(address) ?? 0) / 100
    t.ok(Math.abs(seen - share) < 2, `${address}: ${seen} % of the calls`)
  }
})

t.test('IPv4 before IPv6; nobody twice; never more than 32', async (t) => {
  const both = { ...server('2001:db8::1', 1, 1), addresses: ['2001:db8::1', '192.0.2.1', '192.0.2.2'] }
  t.strictSame(addresses([both, both]), ['192.0.2.1', '192.0.2.2', '2001:db8::1'])
  const many = Array.from({ length: 50 }, (_, i) => server(`10.0.0.${i}`, i, 0))
  t.strictSame(addresses(many).length, MOST_TARGETS)
})

t.test('those that failed lately come last, in their order; where all have, nothing changes', async (t) => {
  const servers = [server('a', 1, 0), server('b', 2, 0), server('c', 3, 0)]
  t.strictSame(
    addresses(servers, 1, ({ address }) => address !== 'c'),
    ['c', 'a', 'b'],
  )
  t.strictSame(
    addresses(servers, 1, () => true),
    ['a', 'b', 'c'],
  )
  t.match(ordered([onlyServer('tls', null, ['a'])], seededRandom(1), none), [{ port: 5061 }])
})

t.test('RFC 3261 §26.2.2, RFC 3263 §4.1: where a URI leads', async (t) => {
  const place = (text: string) => {
    const uri = parseUri(text)
    if (uri?.kind !== 'sip') throw new Error(text)
    return placeOf(uri)
  }
  t.strictSame(place('sip:a@example.com'), { host: 'example.com', port: null, protocol: null })
  t.strictSame(place('sip:example.com:5070;transport=TCP'), { host: 'example.com', port: 5070, protocol: 'tcp' })
  t.strictSame(place('sip:example.com;maddr=192.0.2.9'), { host: '192.0.2.9', port: null, protocol: null })
  t.strictSame(place('sips:example.com'), { host: 'example.com', port: null, protocol: 'tls' })
  t.strictSame(place('sips:example.com;transport=tcp'), { host: 'example.com', port: null, protocol: 'tls' })
  t.equal(place('sips:example.com;transport=udp'), null)
  t.equal(place('sip:example.com;transport=ws'), null)
})
