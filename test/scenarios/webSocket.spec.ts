import t, { type Test } from 'tap'
import type { HeaderLine } from '../../src/sip/message/headers.ts'
import type { VirtualNetwork } from '../support/virtual/network.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { WSS_PORT } from '../support/virtual/webSocket.ts'
import { type PhoneSetup, SERVER, type World, world } from '../support/virtual/world.ts'

const WSS: PhoneSetup = { transport: 'wss' }
const INSTANCE = '<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>'
const OUTBOUND: HeaderLine = ['Supported', 'path, outbound']

let sentences = 0

async function talk(first: VirtualPhone, other: VirtualPhone): Promise<void> {
  const number = ++sentences
  first.says(`hello ${number}`)
  await other.hears(`hello ${number}`)
  other.says(`hi ${number}`)
  await first.hears(`hi ${number}`)
}

/** Registers this connection as flow 1 of the user's one page. */
function asOnePage(phone: VirtualPhone) {
  const contact = `${phone.contact};+sip.instance="${INSTANCE}";reg-id=1`
  return phone.registers({ contact, headers: [OUTBOUND] })
}

async function isOffline(t: Test, { clock }: World, alice: VirtualPhone, user: string): Promise<void> {
  const before = clock.now()
  await alice.calls(user, { sees: '480 INVITE' })
  t.ok(clock.now() - before < 100, `offline after ${clock.now() - before} ms`)
}

/** A bare WebSocket: what came over it, and whether it still stands. */
async function connects(network: VirtualNetwork) {
  const connection = await network.host('10.0.0.50').connectTcp({ address: SERVER, port: WSS_PORT }, { timeout: 1_000 })
  const raw = { heard: '', open: true, says: (text: string) => connection.write(Buffer.from(text, 'latin1')) }
  connection.onData((bytes) => {
    raw.heard += Buffer.from(bytes).toString('latin1')
  })
  connection.onClosed(() => {
    raw.open = false
  })
  return raw
}

const OPTIONS = [
  'OPTIONS sip:10.0.0.1 SIP/2.0',
  'Via: SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK-1',
  'From: <sip:x@df7jal23ls0d.invalid>;tag=1',
  'To: <sip:10.0.0.1>',
  'Call-ID: 1',
  'CSeq: 1 OPTIONS',
  '\r\n',
].join('\r\n')

t.test('a browser calls a UDP phone, and back, over its one connection', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101', WSS)
  const bob = await phone('102')
  await alice.registers()
  await bob.registers()
  t.match(pbx.registrar.lookup('101'), [{ protocol: 'wss', contact: /\.invalid;transport=ws$/ }])
  await alice.reaches(bob)
  t.match(alice.dialog?.target, /^sip:102@10\.0\.0\.1:8443;transport=ws$/)
  t.match(bob.incoming?.headers.first('via'), /^SIP\/2\.0\/UDP /)
  await talk(alice, bob)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await bob.reaches(alice)
  t.match(alice.incoming?.headers.first('via'), /^SIP\/2\.0\/WSS 10\.0\.0\.1:8443;/)
  t.equal(alice.incoming?.headers.first('contact'), '<sip:102@10.0.0.1:8443;transport=ws>')
  await talk(bob, alice)
  await bob.hangsUp()
  await alice.isHungUpOn()
  t.equal(pbx.transport.connections, 1)
  await nothingIsLeft(t)
})

t.test('two browsers', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101', WSS)
  const bob = await phone('102', WSS)
  await bob.registers()
  await alice.reaches(bob)
  await talk(alice, bob)
  await bob.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('RFC 7118 §4.2: a message needs no Content-Length; a double CRLF is a ping', async (t) => {
  const { phone, network, clock, nothingIsLeft } = await world(t)
  await phone('101', WSS)
  const raw = await connects(network)
  raw.says(OPTIONS)
  await clock.advance(10)
  t.match(raw.heard, /^SIP\/2\.0 200 OK/)
  raw.heard = ''
  raw.says('\r\n\r\n')
  raw.says('\r\n')
  await clock.advance(10)
  t.equal(raw.heard, '\r\n')
  raw.heard = ''
  raw.says('OPTIONS nonsense')
  raw.says(OPTIONS.replace('z9hG4bK-1', 'z9hG4bK-2'))
  await clock.advance(10)
  t.match(raw.heard, /SIP\/2\.0 200 OK/, 'what cannot be read spoils nothing that follows')
  await nothingIsLeft(t)
})

t.test('a connection that is lost takes its registration with it: nobody rings, no ghost stays', async (t) => {
  const all = await world(t)
  const alice = await all.phone('101')
  const bob = await all.phone('102', WSS)
  await bob.registers()
  bob.disconnects()
  await all.clock.advance(5)
  t.equal(all.pbx.registrar.size, 0)
  await isOffline(t, all, alice, '102')
  await bob.reconnects()
  await bob.registers()
  t.equal(all.pbx.registrar.size, 1)
  await alice.reaches(bob)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test(
  'a page that is loaded anew takes the place of itself, before the old connection is known to be dead',
  async (t) => {
    const all = await world(t)
    const alice = await all.phone('101')
    const before = await all.phone('102', WSS)
    const after = await all.phone('102', WSS)
    await asOnePage(before)
    await asOnePage(after)
    t.equal(all.pbx.registrar.size, 1)
    await alice.calls('102')
    await after.rings()
    after.responds(486)
    await alice.sees('486 INVITE')
    t.notOk(before.hasSeen('INVITE'))
    before.disconnects()
    await all.clock.advance(5)
    t.equal(all.pbx.registrar.size, 1, 'the end of the old one is none of the new one')
    await all.nothingIsLeft(t)
  },
)

t.test('another page of the user stays when one is closed', async (t) => {
  const all = await world(t)
  const [kept, closed] = [await all.phone('102', WSS), await all.phone('102', WSS)]
  await kept.registers()
  await closed.registers()
  t.equal(all.pbx.registrar.size, 2)
  closed.disconnects()
  await all.clock.advance(5)
  t.equal(all.pbx.registrar.size, 1)
  const alice = await all.phone('101')
  await alice.reaches(kept)
  await alice.hangsUp()
  await kept.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('a call goes on over the connection that the page has made since', async (t) => {
  const all = await world(t)
  const alice = await all.phone('101')
  const bob = await all.phone('102', WSS)
  await bob.registers()
  await alice.reaches(bob)
  bob.disconnects()
  await all.clock.advance(1_000)
  await bob.reconnects()
  await bob.registers()
  await talk(alice, bob)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('a page that is gone while it rings fails at once; no name is looked up, nobody is connected to', async (t) => {
  const all = await world(t)
  const alice = await all.phone('101')
  const bob = await all.phone('102', WSS)
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  bob.disconnects()
  const before = all.clock.now()
  const refusal = await alice.seesResponse('480 INVITE')
  if (alice.outgoing) alice.acknowledgesRefusal(alice.outgoing, refusal)
  t.ok(all.clock.now() - before < 100)
  await all.nothingIsLeft(t)
})

t.test(
  'a page that is loaded anew while it rings, rings again; one that stays away is offline after 8 s',
  async (t) => {
    const all = await world(t)
    const alice = await all.phone('101')
    const page = await all.phone('102', WSS)
    await asOnePage(page)
    await alice.calls('102')
    await page.rings()
    page.disconnects()
    await all.clock.advance(2_000)
    const anew = await all.phone('102', WSS)
    await asOnePage(anew)
    await anew.rings()
    await anew.answers()
    await alice.talks()
    await Promise.all([alice.hangsUp(), anew.isHungUpOn()])

    await alice.calls('102')
    await anew.rings()
    anew.disconnects()
    const before = all.clock.now()
    const refusal = await alice.seesResponse('480 INVITE')
    if (alice.outgoing) alice.acknowledgesRefusal(alice.outgoing, refusal)
    const waited = all.clock.now() - before
    t.ok(waited >= 8_000 && waited < 8_100, `after ${waited} ms`)
    await all.nothingIsLeft(t)
  },
)

t.test('the server pings: a page that sleeps is closed within 35 s, one that answers is not', async (t) => {
  const all = await world(t)
  const [awake, asleep] = [await all.phone('101', WSS), await all.phone('102', WSS)]
  await asOnePage(awake)
  await asleep.registers()
  asleep.sleeps()
  await all.clock.advance(34_000)
  t.ok(asleep.connected)
  await all.clock.advance(1_100)
  t.notOk(asleep.connected)
  t.equal(all.pbx.registrar.lookup('102').length, 0)
  // Longer than the flow's own timer: a tab in the background says nothing of its own accord.
  await all.clock.advance(600_000)
  t.ok(awake.connected)
  t.equal(all.pbx.registrar.lookup('101').length, 1)
  await all.nothingIsLeft(t)
})

t.test('who does not prove to be somebody is closed after 32 s, whatever it says', async (t) => {
  const { phone, network, clock, nothingIsLeft } = await world(t)
  await phone('101', WSS)
  const raw = await connects(network)
  for (let second = 0; second < 31; second += 3) {
    raw.says(OPTIONS.replace('z9hG4bK-1', `z9hG4bK-${second}x`))
    await clock.advance(3_000)
    if (second < 28) t.ok(raw.open)
  }
  t.notOk(raw.open)
  await nothingIsLeft(t)
})

t.test('a server that starts again knows of no page: each comes back by itself', async (t) => {
  const file = `${t.testdir()}/offhook.db`
  const all = await world(t, { file })
  const page = await all.phone('102', WSS)
  const desk = await all.phone('102')
  await page.registers()
  await desk.registers()
  t.equal(all.pbx.registrar.size, 2)
  await all.restart()
  t.same(
    all.pbx.registrar.lookup('102').map(({ protocol }) => protocol),
    ['udp'],
  )
  await all.clock.advance(100)
  await page.reconnects()
  await page.registers()
  t.equal(all.pbx.registrar.size, 2)
  await all.nothingIsLeft(t)
})
