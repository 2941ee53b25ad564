import t from 'tap'
import { peerRule } from '../../src/rtp/peerAddress.ts'
import { PortPool } from '../../src/rtp/ports/ports.ts'

const now = new Date(Date.UTC(2026, 0, 5))
const ports = PortPool.create(10000, 10003)
ports.acquire(now)
const own = new Set(['198.51.100.1', '2001:db8::1'])

t.test('a peer may be at any unicast address of the family', async (t) => {
  const v4 = peerRule('10.0.0.1', own, (port) => ports.owns(port))
  const v6 = peerRule('2001:db8::1', own, (port) => ports.owns(port))
  for (const address of ['10.0.0.2', '192.168.1.1', '8.8.8.8', '223.255.255.255']) {
    t.ok(v4({ address, port: 4000 }), address)
    t.notOk(v6({ address, port: 4000 }), `${address} from IPv6`)
  }
  t.ok(v6({ address: '2001:db8::2', port: 4000 }))
  t.notOk(v4({ address: '2001:db8::2', port: 4000 }), 'IPv6 from IPv4')
})

t.test('nobody is at an address that is no host', async (t) => {
  const v4 = peerRule('10.0.0.1', own, (port) => ports.owns(port))
  const v6 = peerRule('2001:db8::1', own, (port) => ports.owns(port))
  for (const address of ['0.0.0.0', '0.1.2.3', '224.0.0.1', '239.1.1.1', '255.255.255.255', 'phone.example', '']) {
    t.notOk(v4({ address, port: 4000 }), address)
  }
  for (const address of ['::', 'ff02::1', 'FF0E::1']) t.notOk(v6({ address, port: 4000 }), address)
  t.notOk(v4({ address: '10.0.0.2', port: 0 }), 'port 0')
})

t.test('our own media ports are no peer, at any address that is ours', async (t) => {
  const mayBePeer = peerRule('10.0.0.1', own, (port) => ports.owns(port))
  for (const address of ['10.0.0.1', '198.51.100.1']) {
    t.notOk(mayBePeer({ address, port: 10000 }), `${address} RTP`)
    t.notOk(mayBePeer({ address, port: 10001 }), `${address} RTCP`)
    t.ok(mayBePeer({ address, port: 10002 }), `${address}, a port that is not in use`)
  }
  t.ok(mayBePeer({ address: '10.0.0.2', port: 10000 }), 'the same port of another host')
})

t.test('loopback is for legs on loopback', async (t) => {
  t.notOk(peerRule('10.0.0.1', own, (port) => ports.owns(port))({ address: '127.0.0.1', port: 53 }))
  t.notOk(peerRule('2001:db8::1', own, (port) => ports.owns(port))({ address: '::1', port: 53 }))
  t.ok(peerRule('127.0.0.1', own, (port) => ports.owns(port))({ address: '127.0.0.1', port: 4000 }))
  t.ok(peerRule('::1', own, (port) => ports.owns(port))({ address: '::1', port: 4000 }))
})
