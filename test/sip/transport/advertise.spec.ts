import t from 'tap'
import { Advertiser } from '../../../src/sip/transport/advertise.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { VirtualNetwork } from '../../support/virtual/network.ts'

const host = (...addresses: string[]) => new VirtualNetwork(new VirtualClock()).host(...addresses)

t.test('our side of a NAT: the private ranges and our own subnets', async (t) => {
  const advertiser = new Advertiser(host('10.0.0.1', '203.0.113.10', '2001:db8:1::1'), null)
  const local = {
    'RFC 1918': ['10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.178.20'],
    'RFC 6598, carrier NAT': ['100.64.0.1', '100.127.255.255'],
    'link-local': ['169.254.1.1', 'fe80::1', 'fe80::1%eth0'],
    loopback: ['127.0.0.1', '::1'],
    'RFC 4193': ['fd00::1'],
    'our own subnets': ['203.0.113.200', '2001:db8:1::99'],
  }
  for (const [what, addresses] of Object.entries(local)) {
    for (const address of addresses) t.ok(advertiser.isLocal(address), `${address}: ${what}`)
  }
  for (const address of ['203.0.114.1', '172.32.0.1', '100.128.0.1', '8.8.8.8', '2001:db8:2::1', 'pbx.example', '']) {
    t.notOk(advertiser.isLocal(address), address)
  }
})

t.test('subnets that an admin names replace them', async (t) => {
  const advertiser = new Advertiser(host('10.0.0.1'), ['192.0.2.0/25', '2001:db8::/32', '198.51.100.7'])
  for (const address of ['192.0.2.127', '2001:db8::1', '198.51.100.7']) t.ok(advertiser.isLocal(address), address)
  for (const address of ['192.0.2.128', '10.0.0.2', '198.51.100.8']) t.notOk(advertiser.isLocal(address), address)
})

t.test('a peer on our side is told our own address, the internet the external one', async (t) => {
  const advertiser = new Advertiser(host('10.0.0.1'), null)
  t.equal(advertiser.addressFor('10.0.0.1', '8.8.8.8'), '10.0.0.1', 'there is no external one')
  advertiser.external = '198.51.100.1'
  t.equal(advertiser.addressFor('10.0.0.1', '10.0.0.20'), '10.0.0.1')
  t.equal(advertiser.addressFor('10.0.0.1', '8.8.8.8'), '198.51.100.1')
  t.equal(advertiser.addressFor('2001:db8::1', '2001:db8:ffff::1'), '2001:db8::1', 'IPv6 has no NAT')
})
