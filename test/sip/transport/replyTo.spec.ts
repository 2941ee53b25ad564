import t from 'tap'
import type { Endpoint } from '../../../src/platform/network.ts'
import { parseVia } from '../../../src/sip/message/via.ts'
import { replyTo } from '../../../src/sip/transport/replyTo.ts'

const source = { address: '192.0.2.4', port: 40001 }

function replied(sentBy: string, from: Endpoint = source): string {
  const via = parseVia(`SIP/2.0/UDP ${sentBy};branch=z9hG4bK1`)
  if (!via) throw new Error(`no Via: ${sentBy}`)
  const { address, port } = replyTo(via, from)
  return `${address} ${port}`
}

t.test('RFC 3581 §4: with rport back to the very source', async (t) => {
  t.equal(replied('192.0.2.4:5062;rport'), '192.0.2.4 40001')
  t.equal(replied('192.168.1.2;rport'), '192.0.2.4 40001')
  t.equal(replied('192.0.2.4:5062;rport=9'), '192.0.2.4 40001', 'whatever the client claims')
})

t.test('RFC 3261 §18.2.2: without it to the port of the Via', async (t) => {
  t.equal(replied('192.0.2.4:5062'), '192.0.2.4 5062')
  t.equal(replied('192.0.2.4'), '192.0.2.4 5060', 'the default port')
  t.equal(replied('192.0.2.4:40001'), '192.0.2.4 40001')
})

t.test('a peer that names another address than it sends from is behind NAT', async (t) => {
  t.equal(replied('192.168.1.2:5062'), '192.0.2.4 40001')
  t.equal(replied('phone.local'), '192.0.2.4 40001')
  t.equal(replied('198.51.100.1;received=198.51.100.1'), '192.0.2.4 40001', 'a reply is never sent to a third party')
  t.equal(replied('198.51.100.1;maddr=198.51.100.1'), '192.0.2.4 40001')
})

t.test('IPv6 in any of its notations', async (t) => {
  const from = { address: '2001:db8::9:1', port: 40001 }
  t.equal(replied('[2001:db8::9:1]:5062', from), '2001:db8::9:1 5062')
  t.equal(replied('[2001:DB8:0:0:0:0:9:1]', from), '2001:db8::9:1 5060')
  t.equal(replied('[::ffff:192.0.2.4]:5062'), '192.0.2.4 5062')
  t.equal(replied('[2001:db8::9:2]', from), '2001:db8::9:1 40001')
})

t.test('nothing is sent to port 0', async (t) => {
  t.equal(replied('192.0.2.4:0'), '192.0.2.4 40001')
})
