import t from 'tap'
import { writeMessage } from '../../src/sip/message/write.ts'
import type { VirtualNetwork } from '../support/virtual/network.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { type PhoneSetup, SERVER, type World, world } from '../support/virtual/world.ts'

const TCP: PhoneSetup = { transport: 'tcp' }
/** A TCP phone that takes connections at the port in its Contact. */
const LISTENING: PhoneSetup = { transport: 'tcp', claimsPort: 5060 }
/** One that nobody can connect to. */
const BEHIND_NAT: PhoneSetup = { transport: 'tcp', address: '203.0.113.7', claims: '192.168.1.5', claimsPort: 5060 }

const OPTIONS = [
  'OPTIONS sip:10.0.0.1 SIP/2.0',
  'Via: SIP/2.0/TCP 10.0.0.50;branch=z9hG4bK-1',
  'From: <sip:x@10.0.0.50>;tag=1',
  'To: <sip:10.0.0.1>',
  'Call-ID: 1',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
  '\r\n',
].join('\r\n')

/** A bare connection to the server: what came over it, and whether it still stands. */
async function connects(network: VirtualNetwork, address = '10.0.0.50') {
  const connection = await network.host(address).connectTcp({ address: SERVER, port: 5060 }, { timeout: 1_000 })
  const raw = { heard: '', open: true, says: (text: string) => connection.write(Buffer.from(text, 'latin1')) }
  connection.onData((bytes) => {
    raw.heard += Buffer.from(bytes).toString('latin1')
  })
  connection.onClosed(() => {
    raw.open = false
  })
  return raw
}

const statuses = (heard: string): string[] =>
  [...heard.matchAll(/^SIP\/2\.0 (\d+)/gm)].map(([, status]) => status ?? '')

let sentences = 0

/** `first` says something, and the other replies. */
async function talk(first: VirtualPhone, other: VirtualPhone): Promise<void> {
  const number = ++sentences
  first.says(`hello ${number}`)
  await other.hears(`hello ${number}`)
  other.says(`hi ${number}`)
  await first.hears(`hi ${number}`)
}

t.test('a TCP phone calls a UDP phone, and back', async (t) => {
  const { phone, pbx, network, nothingIsLeft } = await world(t)
  const alice = await phone('101', TCP)
  const bob = await phone('102')
  await alice.registers()
  await bob.registers()
  await alice.reaches(bob)
  t.match(alice.dialog?.target, /^sip:102@10\.0\.0\.1:5060;transport=tcp$/)
  t.match(bob.incoming?.headers.first('via'), /^SIP\/2\.0\/UDP /)
  await talk(alice, bob)
  await alice.hangsUp()
  await bob.isHungUpOn()
  const datagrams = new Set<string>()
  network.onPacket = (_from, to) => datagrams.add(`${to.address}:${to.port}`)
  await bob.reaches(alice)
  t.match(alice.incoming?.headers.first('via'), /^SIP\/2\.0\/TCP 10\.0\.0\.1:5060;/)
  t.equal(alice.incoming?.headers.first('contact'), '<sip:102@10.0.0.1:5060;transport=tcp>')
  await talk(bob, alice)
  await bob.hangsUp()
  await alice.isHungUpOn()
  t.equal(pbx.transport.connections, 1, 'the one it registered over')
  t.notOk(datagrams.has('10.0.0.11:5060'))
  await nothingIsLeft(t)
})

t.test('requests come as the stream cuts them: two at once, or one octet by octet', async (t) => {
  const { network, clock, nothingIsLeft } = await world(t)
  const raw = await connects(network)
  raw.says(OPTIONS + OPTIONS.replace('z9hG4bK-1', 'z9hG4bK-2'))
  await clock.advance(10)
  t.same(statuses(raw.heard), ['200', '200'])
  for (const octet of OPTIONS.replace('z9hG4bK-1', 'z9hG4bK-3')) raw.says(octet)
  await clock.advance(10)
  t.same(statuses(raw.heard), ['200', '200', '200'])
  await nothingIsLeft(t)
})

t.test('a double CRLF between messages is answered with one', async (t) => {
  const { network, clock, nothingIsLeft } = await world(t)
  const raw = await connects(network)
  raw.says('\r\n\r\n')
  await clock.advance(10)
  t.equal(raw.heard, '\r\n')
  raw.says('\r\n')
  raw.says(OPTIONS)
  await clock.advance(10)
  t.match(raw.heard, /^\r\nSIP\/2\.0 200 OK/)
  await nothingIsLeft(t)
})

t.test('where the end of a message is unknown, it is answered if it can be, and the connection closed', async (t) => {
  const { network, clock, nothingIsLeft } = await world(t)
  for (const [text, answers] of [
    [OPTIONS.replace('Content-Length: 0\r\n', ''), ['400']],
    [OPTIONS.replace('Content-Length: 0', 'Content-Length: 1O'), ['400']],
    [OPTIONS.replace('Content-Length: 0', 'Content-Length: -1'), ['400']],
    [OPTIONS.replace('Content-Length: 0', 'Content-Length: 0\r\nl: 5'), ['400']],
    [OPTIONS.replace('Content-Length: 0', 'Content-Length: 70000'), ['513']],
    [OPTIONS.replace('Call-ID: 1', `Call-ID: ${'1'.repeat(33_000)}`), ['513']],
    [`OPTIONS ${'x'.repeat(70_000)}`, []],
    ['GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n', []],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', []],
    ['SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n', []],
  ] as const) {
    const raw = await connects(network)
    raw.says(text + OPTIONS)
    await clock.advance(10)
    t.same(statuses(raw.heard), answers, JSON.stringify(text.slice(0, 20)))
    t.notOk(raw.open)
  }
  await nothingIsLeft(t)
})

t.test('a malformed message whose end is known does not cost the connection', async (t) => {
  const { network, clock, nothingIsLeft } = await world(t)
  const raw = await connects(network)
  raw.says(OPTIONS.replace('From: <sip:x', 'From: <<sip:x') + OPTIONS)
  await clock.advance(10)
  t.same(statuses(raw.heard), ['400', '200'])
  t.ok(raw.open)
  await nothingIsLeft(t)
})

t.test('when its connection is gone, the server connects to where the phone says it listens', async (t) => {
  const { phone, clock, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102', LISTENING)
  await bob.registers()
  bob.disconnects()
  await clock.advance(10)
  t.equal(pbx.transport.connections, 0)
  await alice.reaches(bob)
  t.equal(pbx.transport.connections, 1)
  await talk(alice, bob)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a phone that can be reached no more is offline, and delays nobody', async (t) => {
  const { phone, network, clock, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const refusing = await phone('102', { ...TCP, claimsPort: 9 })
  const vanished = await phone('103', LISTENING)
  await refusing.registers()
  await vanished.registers()
  refusing.disconnects()
  vanished.disconnects()
  network.unreachable.add(vanished.local.address)
  let before = clock.now()
  await alice.calls('102', { sees: '480 INVITE' })
  t.ok(clock.now() - before < 100, 'a refused connection is known at once')
  before = clock.now()
  await alice.calls('103', { sees: '480 INVITE' })
  t.ok(clock.now() - before < 5_100, 'one that gets no answer is given up after 5 s')
  for (const user of ['102', '103']) {
    const desk = await phone(user)
    await desk.registers()
    before = clock.now()
    await alice.calls(user)
    await desk.rings()
    t.ok(clock.now() - before < 100, 'the other phone rings at once')
    await clock.advance(10_000)
    desk.answers()
    await alice.talks()
    await desk.sees('ACK')
    await talk(alice, desk)
    await alice.hangsUp()
    await desk.isHungUpOn()
  }
  await nothingIsLeft(t)
})

t.test('a phone that is connected to while the call ends is not rung', async (t) => {
  const { phone, network, clock, records, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102', LISTENING)
  await bob.registers()
  bob.disconnects()
  network.unreachable.add(bob.local.address)
  await alice.calls('102')
  await clock.advance(1_000)
  alice.cancels()
  await alice.sees('487 INVITE')
  await clock.advance(10_000)
  t.notOk(bob.hasSeen('INVITE'))
  t.match((await records())[0], { outcome: 'cancelled' })
  await nothingIsLeft(t)
})

t.test('a connection that brings no whole message is closed after 32 s', async (t) => {
  const { network, clock, pbx, nothingIsLeft } = await world(t)
  const silent = await connects(network)
  const half = await connects(network)
  const dripping = await connects(network)
  const pinging = await connects(network)
  half.says(OPTIONS.slice(0, -2))
  for (let second = 0; second < 31; second++) {
    dripping.says(OPTIONS.charAt(second))
    pinging.says('\r\n\r\n')
    await clock.advance(1_000)
  }
  t.equal(pbx.transport.connections, 4)
  await clock.advance(1_100)
  t.equal(pbx.transport.connections, 0)
  t.notOk(silent.open || half.open || dripping.open || pinging.open)
  await nothingIsLeft(t)
})

t.test('an idle connection is closed after 3 minutes, but not that of a registered phone', async (t) => {
  const { phone, clock, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101', TCP)
  const bob = await phone('102', TCP)
  for (const each of [alice, bob]) {
    each.send('OPTIONS', 'sip:10.0.0.1', { to: '<sip:10.0.0.1>' })
    await each.sees('200 OPTIONS')
  }
  await bob.registers({ expires: 1800 })
  await clock.advance(179_000)
  t.equal(pbx.transport.connections, 2)
  await clock.advance(2_000)
  t.notOk(alice.connected)
  await clock.advance(1_600_000)
  t.ok(bob.connected)
  await bob.registers({ expires: 1800 })
  await clock.advance(1_700_000)
  t.ok(bob.connected)
  await clock.advance(101_000)
  t.notOk(bob.connected, 'it neither refreshed nor said anything')
  await nothingIsLeft(t)
})

t.test('a call keeps the connections of its parties open, however long it rings or lasts', async (t) => {
  const { phone, clock, nothingIsLeft } = await world(t, { options: { noAnswer: 600 } })
  const alice = await phone('101', TCP)
  const bob = await phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  await clock.advance(400_000)
  t.ok(alice.connected)
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  for (let minute = 0; minute < 10; minute++) {
    await talk(alice, bob)
    await clock.advance(50_000)
  }
  t.ok(alice.connected)
  await bob.hangsUp()
  await alice.isHungUpOn()
  await clock.advance(200_000)
  t.notOk(alice.connected)
  await nothingIsLeft(t)
})

/** 101 over UDP and 102 over TCP, talking; 102's connection breaks. */
async function brokenCall({ phone, clock }: World, how: PhoneSetup) {
  const alice = await phone('101')
  const bob = await phone('102', how)
  await bob.registers()
  await alice.reaches(bob)
  bob.disconnects()
  await clock.advance(100)
  await talk(bob, alice)
  return { alice, bob }
}

t.test('a call outlives its connection: the phone hangs up over a new one', async (t) => {
  const all = await world(t)
  const { alice, bob } = await brokenCall(all, TCP)
  await bob.reconnects()
  await bob.hangsUp()
  await alice.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('a call outlives its connection: the server connects to tell it of the end', async (t) => {
  const all = await world(t)
  const { alice, bob } = await brokenCall(all, LISTENING)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('a call outlives its connection: whatever the phone asks in it moves it to the new one', async (t) => {
  const all = await world(t)
  const { alice, bob } = await brokenCall(all, TCP)
  await bob.reconnects()
  bob.asks('INFO')
  alice.answersTo(await alice.seesRequest('INFO'), 200)
  await bob.sees('200 INFO')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('a call outlives its connection: a phone nobody can connect to registers over a new one', async (t) => {
  const all = await world(t)
  const { alice, bob } = await brokenCall(all, BEHIND_NAT)
  await bob.reconnects()
  await bob.registers()
  await alice.hangsUp()
  await bob.isHungUpOn()
  await bob.unregisters()
  await all.nothingIsLeft(t)
})

t.test('one stranger does not take all connections', async (t) => {
  const { network, clock, pbx, nothingIsLeft } = await world(t)
  for (let count = 0; count < 210; count++) await connects(network, '198.51.100.66')
  const other = await connects(network, '198.51.100.67')
  other.says(OPTIONS)
  await clock.advance(10)
  t.equal(pbx.transport.connections, 201)
  t.same(statuses(other.heard), ['200'])
  t.equal(pbx.transport.counters.refused, 10)
  await nothingIsLeft(t)
})

t.test('an answer to a TCP request goes over its connection, whatever its Via says', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const bob = await phone('102', TCP)
  const request = bob.request('OPTIONS', 'sip:10.0.0.1', {
    to: '<sip:10.0.0.1>',
    headers: [['Via', 'SIP/2.0/TCP 192.0.2.9:9;branch=z9hG4bK-1']],
  })
  bob.sendBytes(writeMessage(request))
  await bob.sees('200 OPTIONS')
  await nothingIsLeft(t)
})
