import t from 'tap'
import { OwnHosts } from '../../src/interfaces.ts'
import { Advertiser } from '../../src/sip/transport/advertise.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { VirtualNetwork } from '../support/virtual/network.ts'

/** Interfaces are looked at every five seconds. */
const NOTICED = 5_000

function scene(...domains: string[]) {
  const clock = new VirtualClock()
  const host = new VirtualNetwork(clock).host('192.0.2.1')
  const advertiser = new Advertiser(host, null)
  return { clock, host, advertiser, hosts: new OwnHosts(clock, host, advertiser, domains) }
}

t.test('our addresses and domains are us, and what is listened on besides', async (t) => {
  const { hosts } = scene('Pbx.Example', '[2001:DB8::7]')
  for (const ours of ['192.0.2.1', 'pbx.example', '2001:db8::7']) t.ok(hosts.has(ours), ours)
  for (const foreign of ['192.0.2.2', 'example', '127.0.0.5']) t.notOk(hosts.has(foreign), foreign)
  hosts.listening(['127.0.0.5'])
  t.ok(hosts.has('127.0.0.5'))
  hosts.listening([])
  t.notOk(hosts.has('127.0.0.5'))
})

t.test('so is the external address, from when it is known', async (t) => {
  const { hosts, advertiser } = scene()
  t.notOk(hosts.has('203.0.113.9'))
  advertiser.external = '203.0.113.9'
  t.ok(hosts.has('203.0.113.9'))
})

t.test('an address that comes is us, one that goes is not', async (t) => {
  const { clock, host, advertiser, hosts } = scene()
  const seen: (readonly string[])[] = []
  hosts.follow(
    () => ['127.0.0.5', ...host.addresses],
    (addresses) => {
      t.ok(hosts.has('127.0.0.5'), 'what is told of holds already')
      seen.push(addresses)
    },
  )
  await clock.advance(NOTICED)
  t.strictSame(seen, [], 'as long as nothing changes nothing is told')
  host.addresses.push('198.51.100.1')
  await clock.advance(NOTICED)
  t.ok(hosts.has('198.51.100.1'))
  t.ok(advertiser.isLocal('198.51.100.77'), 'and so are its neighbours on our side of any NAT')
  host.addresses.shift()
  await clock.advance(NOTICED)
  t.notOk(hosts.has('192.0.2.1'))
  t.strictSame(seen, [
    ['127.0.0.5', '192.0.2.1', '198.51.100.1'],
    ['127.0.0.5', '198.51.100.1'],
  ])
})

t.test('closed, it looks no more', async (t) => {
  const { clock, host, hosts } = scene()
  hosts.follow(
    () => host.addresses,
    () => t.fail('nobody is to be told'),
  )
  hosts.close()
  host.addresses.push('198.51.100.1')
  await clock.advance(2 * NOTICED)
  t.notOk(hosts.has('198.51.100.1'))
  t.equal(clock.timers, 0)
})
