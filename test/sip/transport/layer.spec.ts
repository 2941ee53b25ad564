import t, { type Test } from 'tap'
import type { Endpoint, TcpConnection, UdpSocket } from '../../../src/platform/network.ts'
import { createResponse } from '../../../src/sip/message/create.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import { writeMessage } from '../../../src/sip/message/write.ts'
import { Advertiser } from '../../../src/sip/transport/advertise.ts'
import type { Flow } from '../../../src/sip/transport/flow.ts'
import { TransportLayer, type TransportOptions } from '../../../src/sip/transport/layer.ts'
import { bindingRequest, mappedAddress } from '../../../src/stun/binding.ts'
import { silentLog } from '../../support/silentLog.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { VirtualNetwork } from '../../support/virtual/network.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { responseOf } from '../message/wire.ts'
import { requestBytes } from '../messages.ts'
import { nameOf } from '../testFlow.ts'
import { TestConnection } from './testConnection.ts'

const US = { address: '10.0.0.1', port: 5060 }
const PHONE = { address: '10.0.0.20', port: 5060 }

/** A transport layer at 10.0.0.1 in a virtual network. */
async function world(options: Partial<TransportOptions> = {}, addresses = [US.address]) {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const host = network.host(...addresses)
  const received: { message: SipMessage; flow: Flow }[] = []
  const layer = new TransportLayer({
    clock,
    network: host,
    random: seededRandom(1),
    log: silentLog,
    advertiser: new Advertiser(host, null),
    admits: () => true,
    receive: (message, flow) => received.push({ message, flow }),
    ...options,
  })
  await layer.listen(addresses, US.port)
  return { clock, network, layer, received, last: () => theLast(received) }
}

type World = Awaited<ReturnType<typeof world>>

function theLast<T>(list: readonly T[]): T {
  const last = list.at(-1)
  if (last === undefined) throw new Error('nothing was received')
  return last
}

/** A UDP peer: what it got, and how it sends. */
async function peer({ network }: World, at: Endpoint = PHONE) {
  const got: Buffer[] = []
  const socket: UdpSocket = await network.host(at.address).bindUdp(at, (bytes) => got.push(Buffer.from(bytes)))
  return { got, socket, send: (bytes: Uint8Array, to = US) => socket.send(bytes, to) }
}

/** A TCP peer that connected to us: what it got, and whether the connection is still up. */
async function caller({ network }: World, from = PHONE.address, to = US) {
  const connection: TcpConnection = await network.host(from).connectTcp(to, { from, timeout: 1000 })
  const peer = {
    got: '',
    up: true,
    send: (bytes: Uint8Array) => connection.write(bytes),
    end: () => connection.close(),
  }
  connection.onData((bytes) => {
    peer.got += Buffer.from(bytes).toString('latin1')
  })
  connection.onClosed(() => {
    peer.up = false
  })
  return peer
}

function answer({ message, flow }: { message: SipMessage; flow: Flow }, status: number): void {
  if (message.kind !== 'request') throw new Error('not a request')
  flow.send(writeMessage(createResponse(message, status, { toTag: 'us' })))
}

const via = (sentBy: string) => ({ headers: { Via: `SIP/2.0/UDP ${sentBy};branch=z9hG4bK1` } })

t.test('RFC 3261 §18.2.1, RFC 3581 §4: a request is stamped with where it came from, and answered there', async (t) => {
  const w = await world()
  const phone = await peer(w, { address: '10.0.0.20', port: 40001 })
  phone.send(requestBytes('OPTIONS', via('192.168.7.7:5060;rport')))
  await w.clock.advance(10)
  t.match(w.last().message.via, { host: '192.168.7.7', port: 5060, received: '10.0.0.20', rport: 40001 })
  t.match(w.last().flow, {
    protocol: 'udp',
    reliable: false,
    open: true,
    local: US,
    remote: { address: '10.0.0.20', port: 40001 },
    advertised: US,
  })
  answer(w.last(), 200)
  await w.clock.advance(10)
  const { status, via: top } = responseOf(phone.got[0] ?? Buffer.of())
  t.equal(status, 200)
  t.match(top, { received: '10.0.0.20', rport: 40001 })
})

t.test('RFC 3261 §18.2.2: without rport the answer goes to the port of the Via', async (t) => {
  const w = await world()
  const listening = await peer(w, PHONE)
  const sending = await peer(w, { address: PHONE.address, port: 40001 })
  sending.send(requestBytes('OPTIONS', via('10.0.0.20')))
  await w.clock.advance(10)
  answer(w.last(), 200)
  await w.clock.advance(10)
  t.equal(listening.got.length, 1)
  t.equal(sending.got.length, 0)
  t.equal(w.last().message.via.received, '10.0.0.20')
  t.equal(w.last().message.via.rport, null)
})

t.test('only the topmost Via is stamped', async (t) => {
  const w = await world()
  const phone = await peer(w)
  const rest = 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK0, SIP/2.0/TCP 192.0.2.8;rport'
  phone.send(
    requestBytes('OPTIONS', {
      headers: { Via: [`SIP/2.0/UDP 10.0.0.20;rport;branch=z9hG4bK1, ${rest}`, 'SIP/2.0/UDP 192.0.2.7'] },
    }),
  )
  await w.clock.advance(10)
  t.strictSame(w.last().message.headers.all('via'), [
    `SIP/2.0/UDP 10.0.0.20;rport=5060;branch=z9hG4bK1;received=10.0.0.20, ${rest}`,
    'SIP/2.0/UDP 192.0.2.7',
  ])
})

t.test('responses are handed up as they are', async (t) => {
  const w = await world()
  const phone = await peer(w)
  const text =
    'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n'
  phone.send(Buffer.from(text))
  await w.clock.advance(10)
  t.equal(nameOf(w.last().message), '200 OPTIONS')
  t.equal(w.last().message.via.received, null)
})

t.test('a malformed request is answered, what cannot be answered is dropped; both are counted', async (t) => {
  const w = await world()
  const phone = await peer(w)
  const malformed = requestBytes('OPTIONS', { headers: { CSeq: '1 INVITE' } })
  phone.send(malformed)
  phone.send(malformed)
  await w.clock.advance(10)
  const refusal = responseOf(phone.got[0] ?? Buffer.of())
  t.match(refusal, { status: 400, reason: 'CSeq Is of Another Method', callId: 'call-1@10.0.0.20' })
  t.ok(refusal.to.tag, 'RFC 3261 §8.2.6.2: with a To tag')
  t.strictSame(phone.got[1], phone.got[0], '§8.2.7: a repeat gets the same')
  phone.send(requestBytes('ACK', { headers: { CSeq: '1 INVITE' } }))
  phone.send(Buffer.from('SIP/2.0 200 OK\r\n\r\n'))
  phone.send(Buffer.from('no idea what this is'))
  phone.send(Buffer.from([1, 2, 3, 255]))
  await w.clock.advance(10)
  t.equal(phone.got.length, 2, 'nothing else was answered')
  t.equal(w.layer.counters.malformed, 6)
  t.equal(w.received.length, 0)
})

t.test('an error of ours in one message is counted, and the next one is heard', async (t) => {
  let received = 0
  const w = await world({
    receive: () => {
      received++
      throw new Error('our mistake')
    },
  })
  const phone = await peer(w)
  const other = await caller(w)
  phone.send(requestBytes('OPTIONS'))
  other.send(Buffer.concat([requestBytes('OPTIONS'), requestBytes('OPTIONS')]))
  await w.clock.advance(10)
  t.equal(received, 3)
  t.equal(w.layer.counters.failed, 3)
  t.ok(other.up)
})

t.test('nothing is sent to port 0, which a Via may name', async (t) => {
  const w = await world()
  const ports = new Set<number>()
  w.network.onPacket = (_, to) => ports.add(to.port)
  const phone = await peer(w)
  phone.send(requestBytes('OPTIONS', via('10.0.0.20:0')))
  await w.clock.advance(10)
  answer(w.last(), 200)
  t.notOk(ports.has(0))
})

t.test('datagrams of line ends alone are keepalives, without an answer', async (t) => {
  const w = await world()
  const phone = await peer(w)
  for (const text of ['\r\n\r\n', '\r\n', '\0', '\0\0\0\0', '']) phone.send(Buffer.from(text))
  await w.clock.advance(10)
  t.strictSame([phone.got.length, w.received.length, w.layer.counters.malformed], [0, 0, 0])
})

t.test('RFC 5626 §4.4.2: STUN on the SIP port is answered with the source', async (t) => {
  const w = await world()
  const phone = await peer(w, { address: '10.0.0.20', port: 40001 })
  const question = bindingRequest(Buffer.from('123456789012'))
  phone.send(question)
  await w.clock.advance(10)
  t.strictSame(mappedAddress(phone.got[0] ?? Buffer.of(), question), '10.0.0.20')
  t.equal(w.received.length, 0)
})

t.test('an address that is not admitted is not even parsed', async (t) => {
  const banned = new Set([PHONE.address])
  const w = await world({ admits: (address) => !banned.has(address) })
  const phone = await peer(w)
  phone.send(requestBytes('OPTIONS'))
  phone.send(bindingRequest(Buffer.alloc(12)))
  await w.clock.advance(10)
  t.strictSame([w.received.length, phone.got.length, w.layer.counters.ignored], [0, 0, 2])
  const refused = await caller(w)
  await w.clock.advance(10)
  t.notOk(refused.up)
  t.equal(w.layer.counters.refused, 1)
  t.equal(w.layer.connections, 0)
})

t.test('a connection from an address that is caught later is closed at its next message', async (t) => {
  const banned = new Set<string>()
  const w = await world({ admits: (address) => !banned.has(address) })
  const phone = await caller(w)
  phone.send(requestBytes('OPTIONS'))
  await w.clock.advance(10)
  t.equal(w.received.length, 1)
  banned.add(PHONE.address)
  phone.send(Buffer.concat([requestBytes('OPTIONS'), requestBytes('OPTIONS')]))
  await w.clock.advance(10)
  t.equal(w.received.length, 1)
  t.notOk(phone.up)
  t.equal(w.layer.connections, 0)
  t.equal(w.layer.counters.ignored, 1)
})

t.test('RFC 3261 §18.2.2: over TCP the answer goes back over the connection', async (t) => {
  const w = await world()
  const phone = await caller(w)
  phone.send(requestBytes('OPTIONS', { headers: { Via: 'SIP/2.0/TCP 192.168.7.7:5060;branch=z9hG4bK1;rport' } }))
  await w.clock.advance(10)
  const { message, flow } = w.last()
  t.match(flow, { protocol: 'tcp', reliable: true, advertised: US })
  t.match(message.via, { received: PHONE.address, rport: flow.remote.port })
  answer(w.last(), 200)
  await w.clock.advance(10)
  t.match(phone.got, /^SIP\/2.0 200 OK\r\n/)
})

t.test('RFC 5626 §4.4.1: a ping over TCP gets its pong', async (t) => {
  const w = await world()
  const phone = await caller(w)
  phone.send(Buffer.from('\r\n\r\n'))
  await w.clock.advance(10)
  t.equal(phone.got, '\r\n')
})

t.test(
  'a malformed message on a stream is answered and the next one read; a broken stream is answered and closed',
  async (t) => {
    const w = await world()
    const phone = await caller(w)
    phone.send(requestBytes('OPTIONS', { headers: { CSeq: '1 INVITE' } }))
    phone.send(requestBytes('OPTIONS'))
    await w.clock.advance(10)
    t.match(phone.got, /^SIP\/2.0 400 CSeq Is of Another Method\r\n/)
    t.equal(w.received.length, 1)
    t.ok(phone.up)
    phone.got = ''
    const lengthless = Buffer.from(requestBytes('OPTIONS'))
      .toString('latin1')
      .replace(/Content-Length: 0\r\n/, '')
    phone.send(Buffer.from(lengthless + lengthless))
    await w.clock.advance(10)
    t.match(phone.got, /^SIP\/2.0 400 Missing Content-Length\r\n/)
    t.equal(phone.got.match(/SIP\/2.0 400/g)?.length, 1)
    t.notOk(phone.up)
    t.equal(w.layer.connections, 0)
    t.equal(w.layer.counters.malformed, 2)
  },
)

t.test('connections are reused while they are open', async (t) => {
  const w = await world()
  const accepted = await listening(w)
  const first = await w.layer.connect('tcp', PHONE, US)
  t.equal(await w.layer.connect('tcp', PHONE, null), first)
  t.equal(w.layer.flowTo('tcp', PHONE, null), first)
  t.equal(accepted.length, 1)
  t.strictSame(first.advertised, US, 'not the port that it happened to get')
  accepted[0]?.close()
  await w.clock.advance(10)
  t.equal(w.layer.flowTo('tcp', PHONE, US), null)
  const second = await w.layer.connect('tcp', PHONE, US)
  t.not(second, first)
  t.equal(w.layer.connections, 1)
})

t.test('a peer that connected to us is reached over its connection', async (t) => {
  const w = await world()
  const phone = await caller(w)
  phone.send(requestBytes('REGISTER'))
  await w.clock.advance(10)
  const { flow } = w.last()
  t.equal(w.layer.flowTo('tcp', flow.remote, US), flow)
  t.equal(w.layer.flowTo('tcp', { ...flow.remote, port: 1 }, US), null)
  phone.end()
  await w.clock.advance(10)
  t.equal(w.layer.flowTo('tcp', flow.remote, US), null)
})

t.test('a connection that cannot be had is a rejection', async (t) => {
  const w = await world()
  await t.rejects(w.layer.connect('tcp', PHONE, US), { code: 'ECONNREFUSED' })
  await t.rejects(w.layer.connect('wss', PHONE, US), { message: /nobody but 10\.0\.0\.20/ })
  t.equal(w.layer.connections, 0)
})

t.test('a connection that comes up after the transport was closed is closed', async (t) => {
  const w = await world()
  const accepted = await listening(w)
  const connecting = w.layer.connect('tcp', PHONE, US)
  w.layer.close()
  await t.rejects(connecting, { message: 'the transport was closed' })
  t.equal(accepted.length, 1)
  t.equal(w.layer.connections, 0)
})

/** Has the phone listen on TCP; gives the connections that come. */
async function listening({ network }: World): Promise<TcpConnection[]> {
  const accepted: TcpConnection[] = []
  await network.host(PHONE.address).listenTcp(PHONE, (connection) => accepted.push(connection))
  return accepted
}

t.test('strangers get 200 connections from one address, our own networks as many as they like', async (t) => {
  const w = await world()
  const strangers = []
  for (let i = 0; i < 201; i++) strangers.push(await caller(w, '198.51.100.1'))
  await w.clock.advance(10)
  t.equal(strangers.filter(({ up }) => up).length, 200)
  t.equal(w.layer.counters.refused, 1)
  await caller(w, '198.51.100.2')
  for (let i = 0; i < 201; i++) await caller(w)
  t.equal(w.layer.connections, 402)
  strangers[0]?.end()
  await w.clock.advance(10)
  const next = await caller(w, '198.51.100.1')
  await w.clock.advance(10)
  t.ok(next.up, 'a place was given back')
})

t.test('a UDP flow goes out of the socket it is wanted from, else of one of the same family', async (t) => {
  const w = await world({}, ['10.0.0.1', '10.1.0.1', '2001:db8::1'])
  const from = (remote: string, local: string | null) =>
    w.layer.flowTo('udp', { address: remote, port: 5060 }, local === null ? null : { address: local, port: 5060 })
      ?.local.address
  t.equal(from('10.1.0.9', '10.1.0.1'), '10.1.0.1')
  t.equal(from('10.1.0.9', '10.7.7.7'), '10.0.0.1', 'an address that is no more ours')
  t.equal(from('10.1.0.9', null), '10.0.0.1')
  t.equal(from('2001:db8::9', null), '2001:db8::1')
  const v4Only = await world()
  t.equal(v4Only.layer.flowTo('udp', { address: '2001:db8::9', port: 5060 }, null), null)
})

t.test('behind NAT the internet is told the external address', async (t) => {
  const clock = new VirtualClock()
  const advertiser = new Advertiser(new VirtualNetwork(clock).host(US.address), null)
  advertiser.external = '203.0.113.1'
  const w = await world({ advertiser })
  const advertised = (address: string) => w.layer.flowTo('udp', { address, port: 5060 }, US)?.advertised
  t.strictSame(advertised('8.8.8.8'), { address: '203.0.113.1', port: 5060 })
  t.strictSame(advertised('10.0.0.20'), US)
})

/** Listens on two addresses: TCP is `taken` at some places, and addresses that are `gone` cannot be bound. */
async function bindings(t: Test, taken: readonly Endpoint[], port: number, gone: readonly string[] = []) {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const host = network.host('10.0.0.1', '10.1.0.1')
  for (const at of taken) await host.listenTcp(at, () => {})
  const layer = new TransportLayer({
    clock,
    network: {
      ...host,
      async bindUdp(at, onDatagram) {
        if (gone.includes(at.address)) throw Object.assign(new Error('bind EADDRNOTAVAIL'), { code: 'EADDRNOTAVAIL' })
        return host.bindUdp(at, onDatagram)
      },
    },
    random: seededRandom(1),
    log: silentLog,
    advertiser: new Advertiser(host, null),
    admits: () => true,
    receive: () => t.fail('nothing is sent'),
  })
  return { network, layer, listening: layer.listen(['10.0.0.1', '10.1.0.1'], port) }
}

t.test('UDP and TCP of all addresses are on one port, be it any', async (t) => {
  const fixed = await bindings(t, [], 5060)
  t.equal(await fixed.listening, 5060)
  t.strictSame(fixed.layer.endpoints, [
    { address: '10.0.0.1', port: 5060 },
    { address: '10.1.0.1', port: 5060 },
  ])
  t.equal(fixed.network.sockets, 4)
  // The virtual network gives ports out from 40000 on.
  const any = await bindings(t, [{ address: '10.1.0.1', port: 40000 }], 0)
  t.equal(await any.listening, 40001, 'the first port that is free on all')
  t.equal(any.network.sockets, 5)
  any.layer.close()
  t.equal(any.network.sockets, 1)
})

t.test('a port that is taken on one address: all is closed again', async (t) => {
  const { network, layer, listening } = await bindings(t, [{ address: '10.1.0.1', port: 5060 }], 5060)
  await t.rejects(listening, { code: 'EADDRINUSE' })
  t.equal(network.sockets, 1, 'only what was there before')
  t.strictSame(layer.endpoints, [])
})

t.test('an address that is not there keeps no other down, unless it is the only one', async (t) => {
  const one = await bindings(t, [], 0, ['10.0.0.1'])
  t.equal(await one.listening, 40000)
  t.strictSame(one.layer.endpoints, [{ address: '10.1.0.1', port: 40000 }])
  const none = await bindings(t, [], 5060, ['10.0.0.1', '10.1.0.1'])
  await t.rejects(none.listening, { code: 'EADDRNOTAVAIL' })
  t.equal(none.network.sockets, 0)
})

t.test('closing closes everything', async (t) => {
  const w = await world()
  const phone = await caller(w)
  phone.send(requestBytes('OPTIONS'))
  await w.clock.advance(10)
  w.layer.close()
  await w.clock.advance(10)
  t.notOk(phone.up)
  t.equal(w.layer.connections, 0)
  t.equal(w.network.sockets, 0)
  t.equal(w.clock.timers, 0)
})

/** A phone's WebSocket that was handed to the layer. */
function webSocketFrom(
  layer: TransportLayer,
  address: string,
  port = 50000,
  local = { address: US.address, port: 8443 },
) {
  const stream = new TestConnection({ address, port })
  let pings = 0
  layer.acceptWebSocket(
    Object.assign(stream, {
      local,
      ping: () => {
        pings++
      },
      onPong() {},
    }),
  )
  return { stream, pings: () => pings }
}

t.test('RFC 7118: a WebSocket brings whole messages, and is answered over itself', async (t) => {
  const all = await world()
  const { stream } = webSocketFrom(all.layer, PHONE.address)
  stream.comes(requestBytes('OPTIONS'))
  const { message, flow } = all.last()
  t.equal(nameOf(message), 'OPTIONS')
  t.match(flow, { protocol: 'wss', reliable: true, advertised: { address: '10.0.0.1', port: 8443 } })
  flow.send(Buffer.from('an answer'))
  t.same(stream.written, ['an answer'])
  stream.comes(Buffer.from('\r\n\r\n'))
  t.same(stream.written, ['an answer', '\r\n'])
})

t.test('RFC 7118 §5: a WebSocket is found by whoever it came from, and nobody is connected to over one', async (t) => {
  const all = await world()
  const { stream } = webSocketFrom(all.layer, PHONE.address)
  const remote = { address: PHONE.address, port: 50000 }
  t.equal(all.layer.flowTo('wss', remote, null)?.remote, stream.remote)
  await t.rejects(all.layer.connect('wss', remote, null), { message: /nobody but 10\.0\.0\.20 opens a WebSocket/ })
  stream.ends()
  t.equal(all.layer.flowTo('wss', remote, null), null)
})

t.test('a WebSocket of an address that is caught, or of one too many, is closed', async (t) => {
  const all = await world({ admits: (address) => address !== '203.0.113.9' })
  t.ok(webSocketFrom(all.layer, '203.0.113.9').stream.closed)
  for (let port = 1; port <= 200; port++) t.notOk(webSocketFrom(all.layer, '203.0.113.7', port).stream.closed)
  t.ok(webSocketFrom(all.layer, '203.0.113.7', 201).stream.closed)
  t.equal(all.layer.counters.refused, 2)
  all.layer.close()
  t.ok(webSocketFrom(all.layer, PHONE.address).stream.closed, 'nor is one let in after the end')
})

t.test('a WebSocket goes with the address of ours that it came to', async (t) => {
  const all = await world({}, [US.address, '10.0.0.2'])
  const gone = webSocketFrom(all.layer, PHONE.address, 50000, { address: '10.0.0.2', port: 8443 })
  const stays = webSocketFrom(all.layer, PHONE.address, 50001)
  await all.layer.follow([US.address])
  t.ok(gone.stream.closed)
  t.notOk(stays.stream.closed)
})
