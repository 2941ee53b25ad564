import t from 'tap'
import type { TcpConnection } from '../../../src/platform/network.ts'
import { VirtualClock } from './clock.ts'
import { VirtualNetwork } from './network.ts'

const A = { address: '10.0.0.1', port: 5060 }
const B = { address: '10.0.0.2', port: 5060 }
const hello = Buffer.from('hello')

async function sockets() {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const got: string[] = []
  const a = await network.host(A.address).bindUdp(A, () => {})
  const b = await network
    .host(B.address)
    .bindUdp(B, (bytes, from) => got.push(`${Buffer.from(bytes)} ${from.address} at ${clock.now()}`))
  return { clock, network, got, a, b }
}

t.test('a datagram takes a millisecond, or as long as it is told to', async (t) => {
  const { clock, network, got, a } = await sockets()
  a.send(hello, B)
  await clock.advance(10)
  network.impairment = { delay: 100, jitter: 0, loss: 0, duplicate: 0 }
  a.send(hello, B)
  await clock.advance(1000)
  t.strictSame(got, ['hello 10.0.0.1 at 1', 'hello 10.0.0.1 at 110'])
})

t.test('what is sent is a copy', async (t) => {
  const { clock, got, a } = await sockets()
  const bytes = Buffer.from('hello')
  a.send(bytes, B)
  bytes.fill(0)
  await clock.advance(1)
  t.match(got, ['hello'])
})

t.test('loss and duplicates come in the proportion asked for, the same for a seed', async (t) => {
  const counts = []
  for (const impairment of [
    { loss: 0.2, duplicate: 0 },
    { loss: 0, duplicate: 0.2 },
    { loss: 0.2, duplicate: 0 },
  ]) {
    const { clock, network, got, a } = await sockets()
    network.impairment = { delay: 1, jitter: 0, ...impairment }
    for (let i = 0; i < 500; i++) a.send(hello, B)
    await clock.advance(10)
    counts.push(got.length)
  }
  const [lost = 0, doubled = 0, lostAgain] = counts
  t.ok(lost > 370 && lost < 430, `${lost} of 500`)
  t.ok(doubled > 570 && doubled < 630, `${doubled} of 500`)
  t.equal(lostAgain, lost)
})

t.test('datagrams to nobody, to a closed socket and to a dead host vanish', async (t) => {
  const { clock, network, got, a, b } = await sockets()
  a.send(hello, { ...B, port: 5061 })
  network.unreachable.add(B.address)
  a.send(hello, B)
  network.unreachable.clear()
  a.send(hello, B)
  b.close()
  await clock.advance(10)
  t.strictSame(got, [])
  a.close()
  a.send(hello, B)
  t.equal(network.sockets, 0)
  t.equal(clock.timers, 0, 'nothing is sent from a closed socket')
})

t.test('who looks at the wire sees what becomes of each datagram', async (t) => {
  const { clock, network, got, a } = await sockets()
  const fates: (readonly number[])[] = []
  network.onPacket = (_from, _to, _bytes, delays) => fates.push(delays)
  network.impairment = { delay: 10, jitter: 0, loss: 0, duplicate: 1 }
  a.send(hello, B)
  network.impairment = { delay: 10, jitter: 0, loss: 1, duplicate: 0 }
  a.send(hello, B)
  await clock.advance(20)
  t.strictSame(fates, [[10, 10], []])
  t.equal(got.length, 2)
})

t.test('where no route leads, the system refuses to send', async (t) => {
  const { clock, network, got, a } = await sockets()
  network.noRouteTo.add(B.address)
  const causes: unknown[] = []
  a.send(hello, B, (cause) => causes.push(cause))
  await clock.advance(10)
  t.match(causes, [{ code: 'EHOSTUNREACH' }])
  t.strictSame(got, [])
})

t.test('a port is bound once; port 0 is a free one', async (t) => {
  const { network } = await sockets()
  const host = network.host(A.address)
  await t.rejects(
    host.bindUdp(A, () => {}),
    { code: 'EADDRINUSE' },
  )
  const one = await host.bindUdp({ ...A, port: 0 }, () => {})
  const two = await host.bindUdp({ ...A, port: 0 }, () => {})
  t.not(one.local.port, two.local.port)
  one.close()
  await host.bindUdp(one.local, () => {})
  await host.listenTcp(A, () => {})
  await t.rejects(
    host.listenTcp(A, () => {}),
    { code: 'EADDRINUSE' },
  )
})

async function connected() {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const accepted: TcpConnection[] = []
  await network.host(A.address).listenTcp(A, (connection) => accepted.push(connection))
  const near = await network.host(B.address).connectTcp(A, { timeout: 1000 })
  const [far] = accepted
  if (!far) throw new Error('not accepted')
  return { clock, near, far }
}

t.test('a stream brings everything in order, then its end', async (t) => {
  const { clock, near, far } = await connected()
  t.strictSame(far.local, A)
  t.strictSame(far.remote, near.local)
  const seen: string[] = []
  far.onData((bytes) => seen.push(`${Buffer.from(bytes)}`))
  far.onClosed((cause) => seen.push(`end${cause ?? ''}`))
  let closed = 0
  near.onClosed(() => closed++)
  near.write(hello)
  near.write(Buffer.from('again'))
  near.close()
  near.close()
  near.write(hello)
  await clock.advance(10)
  t.strictSame(seen, ['hello', 'again', 'end'])
  t.equal(closed, 1)
})

t.test('a connection to nobody is refused, to a dead host it times out', async (t) => {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const host = network.host(B.address)
  await t.rejects(host.connectTcp(A, { timeout: 1000 }), { code: 'ECONNREFUSED' })
  network.unreachable.add(A.address)
  const timedOut = t.rejects(host.connectTcp(A, { timeout: 1000 }), { message: /ETIMEDOUT/ })
  await clock.advance(1000)
  await timedOut
})

t.test('a router forwards what comes for the outside, and writes its own address on what leaves', async (t) => {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  network.router = { inside: '10.0.0.1', outside: '203.0.113.1', isLocal: (address) => address.startsWith('10.') }
  const seen: string[] = []
  network.onPacket = (from, to) => seen.push(`${from.address} → ${to.address}`)
  const inside = await network.host('10.0.0.1').bindUdp(A, () => {})
  const outside = await network.host('198.51.100.1').bindUdp({ address: '198.51.100.1', port: 5060 }, () => {})
  inside.send(hello, outside.local)
  outside.send(hello, { address: '203.0.113.1', port: 5060 })
  inside.send(hello, B)
  t.strictSame(seen, ['203.0.113.1 → 198.51.100.1', '198.51.100.1 → 10.0.0.1', '10.0.0.1 → 10.0.0.2'])
})
