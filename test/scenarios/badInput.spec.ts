import t from 'tap'
import type { Random } from '../../src/platform/random.ts'
import { mediaOf } from '../support/virtual/body.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { SERVER, type World, world } from '../support/virtual/world.ts'

const SIP = { address: SERVER, port: 5060 }
const STRANGER = '198.51.100.66'

let sentences = 0

/** A whole call, from ringing to its end. */
async function callAndTalk(alice: VirtualPhone, bob: VirtualPhone): Promise<void> {
  const words = `hello ${++sentences}`
  await alice.reaches(bob)
  alice.says(words)
  await bob.hears(words)
  await alice.hangsUp()
  await bob.isHungUpOn()
}

/** All datagrams that `run` makes the phones send to the server. */
async function overheard({ network }: World, run: () => Promise<void>): Promise<Buffer[]> {
  const sent: Buffer[] = []
  network.onPacket = (_from, to, bytes) => {
    if (to.address === SERVER && to.port === 5060) sent.push(Buffer.from(bytes))
  }
  await run()
  network.onPacket = () => {}
  return sent
}

/** A stranger's socket: it sends anything, and counts what comes back. */
async function stranger({ network }: World) {
  let answers = 0
  const socket = await network.host(STRANGER).bindUdp({ address: STRANGER, port: 5060 }, () => {
    answers++
  })
  return {
    sends: (bytes: Uint8Array | string) => socket.send(Buffer.from(bytes), SIP),
    get answers() {
      return answers
    },
  }
}

// What breaks parsers: an end too early, octets changed, put in, left out, repeated, and numbers beyond all bounds.
const mutations: readonly ((octets: Buffer, random: Random) => Buffer)[] = [
  (octets, random) => octets.subarray(0, random.integer(octets.length)),
  (octets, random) => octets.subarray(random.integer(octets.length)),
  (octets, random) => Buffer.from(octets.map((octet) => (random.integer(50) === 0 ? random.integer(256) : octet))),
  (octets, random) => splice(octets, random, Buffer.from(random.bytes(1 + random.integer(9)))),
  (octets, random) => splice(octets, random, octets.subarray(random.integer(octets.length))),
  (octets, random) => splice(octets, random, Buffer.from('\r\n')),
  (octets, random) => {
    const [from, to] = [random.integer(octets.length), random.integer(octets.length)]
    return Buffer.concat([octets.subarray(0, Math.min(from, to)), octets.subarray(Math.max(from, to))])
  },
  (octets) => Buffer.from(octets.toString('latin1').replace(/\d+/g, '99999999999999999999'), 'latin1'),
  (octets) => Buffer.from(octets.toString('latin1').replace(/: [^\r]*/g, ': '), 'latin1'),
  (octets) => Buffer.from(octets.toString('latin1').replace(/\r\n/g, '\n'), 'latin1'),
  (_octets, random) => Buffer.from(random.bytes(random.integer(1500))),
]

function splice(octets: Buffer, random: Random, into: Buffer): Buffer {
  const at = random.integer(octets.length)
  return Buffer.concat([octets.subarray(0, at), into, octets.subarray(at)])
}

function mutated(octets: Buffer, random: Random): Buffer {
  return mutations[random.integer(mutations.length)]?.(octets, random) ?? octets
}

t.test('broken messages of all kinds between calls: the calls go on, and nothing is left', async (t) => {
  const all = await world(t)
  const { phone, clock, pbx, nothingIsLeft } = all
  const alice = await phone('101')
  const bob = await phone('102')
  const eve = await stranger(all)
  const random = seededRandom(4475)
  const corpus = await overheard(all, async () => {
    await bob.registers()
    await callAndTalk(alice, bob)
    alice.send('OPTIONS', 'sip:10.0.0.1', { to: '<sip:10.0.0.1>' })
    await alice.sees('200 OPTIONS')
  })
  t.ok(corpus.length > 10)
  for (let round = 0; round < 20; round++) {
    for (let count = 0; count < 100; count++) {
      const octets = corpus[random.integer(corpus.length)]
      if (octets) eve.sends(mutated(octets, random))
    }
    await clock.advance(random.integer(1_000))
    await callAndTalk(alice, bob)
  }
  await nothingIsLeft(t)
  t.ok(eve.answers > 100, `some of it deserved an answer: ${eve.answers}`)
  t.ok(pbx.transport.counters.malformed > 100)
  t.equal(pbx.calls.total, 21)
  t.equal(pbx.registrar.size, 1)
})

t.test('broken messages from within a call do not end it', async (t) => {
  const all = await world(t)
  const { phone, network, clock, nothingIsLeft } = all
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  const corpus = await overheard(all, () => alice.reaches(bob))
  const random = seededRandom(3261)
  // The server's answers to these may be broken as they are; the phones' sockets are not to read them.
  for (let count = 0; count < 1_000; count++) {
    const octets = corpus[random.integer(corpus.length)]
    if (octets) network.forge({ address: STRANGER, port: 5060 }, SIP, mutated(octets, random))
  }
  for (let count = 0; count < 200; count++) {
    for (const party of [alice, bob]) {
      const media = mediaOf(party.received.findLast((message) => mediaOf(message)) ?? party.received[0] ?? never())
      if (media)
        network.forge(
          { address: party.local.address, port: party.audio.port },
          media,
          random.bytes(random.integer(200)),
        )
    }
  }
  await clock.advance(1_000)
  alice.says('still here')
  await bob.hears('still here')
  bob.says('me too')
  await alice.hears('me too')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('broken SDP is refused or rings, and never stops the server', async (t) => {
  const { phone, clock, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  const random = seededRandom(4566)
  const finals = new Set<number>()
  for (let count = 0; count < 150; count++) {
    const sdp = mutated(Buffer.from(alice.sdp()), random)
      .toString('latin1')
      .replace(/[^\x00-\x7f]/g, '?')
    await alice.calls('102', { sdp })
    await clock.advance(5)
    if (bob.hasSeen('INVITE')) {
      await bob.rings()
      bob.responds(486)
    }
    // The ports of a call rest for half a minute.
    await clock.advance(1_000)
    const final = alice.received.findLast(({ callId }) => callId === alice.outgoing?.callId)
    if (final?.kind === 'response') finals.add(final.status)
  }
  for (const status of finals) t.ok([400, 415, 486, 488].includes(status), `${status}`)
  t.ok(finals.has(486), 'some rang')
  t.ok(finals.size > 2, 'some were refused')
  await callAndTalk(alice, bob)
  await nothingIsLeft(t)
})

t.test('octets that are no SIP at all are not answered', async (t) => {
  const all = await world(t)
  const { clock, pbx, nothingIsLeft } = all
  const eve = await stranger(all)
  for (const octets of [
    '',
    '\r\n',
    '\r\n\r\n',
    '\0',
    '\0\0\0\0',
    'GET / HTTP/1.1\r\n\r\n',
    'SIP/2.0 200 OK\r\n\r\n',
    'x'.repeat(65_000),
    '\0'.repeat(65_000),
  ]) {
    eve.sends(octets)
  }
  await clock.advance(100)
  t.equal(eve.answers, 0)
  t.equal(pbx.agent.transactions, 0)
  await nothingIsLeft(t)
})

t.test('a response to nothing we asked is dropped', async (t) => {
  const { phone, clock, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const eve = await phone('103', { address: STRANGER })
  for (const method of ['INVITE', 'BYE', 'OPTIONS', 'CANCEL', 'REGISTER']) {
    const asked = eve.request(method, 'sip:103@198.51.100.66', {
      to: '<sip:103@198.51.100.66>',
      headers: [['Via', 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKguess']],
    })
    for (const status of [100, 180, 200, 302, 401, 486, 503, 603]) eve.answersTo(asked, status, { sdp: eve.sdp() })
  }
  await clock.advance(100)
  t.same(eve.received, [])
  await alice.calls('102', { sees: '480 INVITE' })
  await nothingIsLeft(t)
})

t.test('what belongs to no dialog and no transaction is 481, but for an ACK, which is never answered', async (t) => {
  const { phone, clock, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const [to, target] = ['<sip:102@10.0.0.1>;tag=none', 'sip:102@10.0.0.1']
  for (const method of ['BYE', 'CANCEL', 'INFO', 'NOTIFY', 'OPTIONS', 'SUBSCRIBE']) {
    alice.send(method, target, { to })
    await alice.sees(`481 ${method}`)
  }
  const invite = alice.send('INVITE', target, { to, sdp: alice.sdp() })
  alice.acknowledgesRefusal(invite, await alice.seesResponse('481 INVITE'))
  const { length } = alice.received
  alice.send('ACK', target, { to })
  alice.send('ACK', target, { to: '<sip:102@10.0.0.1>' })
  await clock.advance(1_000)
  t.equal(alice.received.length, length)
  await nothingIsLeft(t)
})

t.test('a CANCEL that comes too late changes nothing', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  await alice.reaches(bob)
  alice.cancels()
  await alice.sees('200 CANCEL')
  alice.says('hello')
  await bob.hears('hello')
  t.notOk(bob.hasSeen('CANCEL') || bob.hasSeen('BYE'))
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('what the server said, sent back to it, goes round no more', async (t) => {
  const all = await world(t)
  const { phone, network, clock, pbx, nothingIsLeft } = all
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  const said: { from: { address: string; port: number }; bytes: Buffer }[] = []
  network.onPacket = (from, to, bytes) => {
    if (from.address === SERVER && from.port === 5060) said.push({ from: to, bytes: Buffer.from(bytes) })
  }
  await callAndTalk(alice, bob)
  const mirrored = said.splice(0)
  t.ok(mirrored.length > 7)
  for (const source of [SIP, { address: STRANGER, port: 5060 }]) {
    for (const { bytes } of mirrored) network.forge(source, SIP, bytes)
  }
  await clock.advance(100)
  t.ok(said.length <= 2 * mirrored.length, `${said.length} answers to ${2 * mirrored.length} messages`)
  t.equal(pbx.calls.total, 1)
  await nothingIsLeft(t)
})

t.test('a call that was overheard, played again: at once it is repetition, later it is nothing', async (t) => {
  const all = await world(t)
  const { phone, network, clock, pbx, nothingIsLeft } = all
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  const sent = await overheard(all, () => callAndTalk(alice, bob))
  t.ok(sent.length > 6)
  const { length } = bob.received
  for (const bytes of sent) network.forge(alice.local, SIP, bytes)
  await clock.advance(20)
  const again = bob.received.splice(length).map((message) => message.kind === 'request' && message.method)
  t.same(again, ['ACK'], 'to the repeated 200')
  await nothingIsLeft(t)
  const answers: string[] = []
  network.onPacket = (from, _to, bytes) => {
    if (from.address === SERVER) answers.push(bytes.toString().slice(0, 11))
  }
  for (const bytes of sent) network.forge(alice.local, SIP, bytes)
  await clock.advance(20)
  t.same(new Set(answers), new Set(['SIP/2.0 401', 'SIP/2.0 481']), 'the INVITEs are challenged, the BYE is unknown')
  t.equal(bob.received.length, length)
  t.equal(pbx.calls.total, 1)
  await nothingIsLeft(t)
})

t.test('broken streams are closed, and leave the others alone', async (t) => {
  const all = await world(t)
  const { phone, network, clock, pbx, nothingIsLeft } = all
  const alice = await phone('101', { transport: 'tcp' })
  const bob = await phone('102', { transport: 'tcp' })
  await bob.registers()
  const random = seededRandom(18)
  const corpus = [alice.registration(), alice.invitation('102'), bob.registration({ contact: '*' })].map((request) =>
    Buffer.from(
      `${request.method} ${request.uri.text} SIP/2.0\r\n${[...request.headers].map(({ name, value }) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`,
    ),
  )
  for (let count = 0; count < 150; count++) {
    const connection = await network.host(STRANGER).connectTcp(SIP, { timeout: 1_000 })
    for (let piece = 0; piece < 4; piece++) {
      const octets = corpus[random.integer(corpus.length)]
      if (octets) connection.write(mutated(octets, random))
    }
    if (count % 2 === 0) connection.close()
    if (count % 50 === 0) await callAndTalk(alice, bob)
  }
  await clock.advance(220_000)
  t.equal(pbx.transport.connections, 1, "bob's")
  await alice.reconnects()
  await callAndTalk(alice, bob)
  await nothingIsLeft(t)
})

function never(): never {
  throw new Error('unreachable')
}
