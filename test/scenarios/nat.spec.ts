import t from 'tap'
import { parseVia } from '../../src/sip/message/fields.ts'
import type { SipMessage } from '../../src/sip/message/message.ts'
import { writeMessage } from '../../src/sip/message/write.ts'
import { mediaOf } from '../support/virtual/body.ts'
import type { VirtualNetwork } from '../support/virtual/network.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { type PhoneSetup, SERVER, type World, world } from '../support/virtual/world.ts'

const HOME = '203.0.113.7'
const EXTERNAL = '198.51.100.1'

/** A phone at home: what it knows of itself is worth nothing outside. */
const BEHIND_NAT: PhoneSetup = { address: HOME, port: 61234, claims: '192.168.1.5', claimsPort: 5060 }

const contactOf = (message: SipMessage | null): string | null | undefined => message?.headers.first('contact')

/** Where SIP from the server went from now on, as in `203.0.113.7:61234`. */
function sipTo(network: VirtualNetwork): Set<string> {
  const seen = new Set<string>()
  network.onPacket = (from, to) => {
    if (from.address === SERVER && from.port === 5060) seen.add(`${to.address}:${to.port}`)
  }
  return seen
}

/** How many OPTIONS came in `span` ms, each answered with `status`. */
async function pings({ clock }: World, phone: VirtualPhone, span: number, status = 200): Promise<number> {
  const end = clock.now() + span
  for (let count = 0; ; count++) {
    const ping = await phone.seesRequest('OPTIONS', end - clock.now()).catch(() => null)
    if (ping === null) return count
    phone.answersTo(ping, status)
  }
}

t.test('a phone behind NAT is reached where it came from, under the Contact it gave', async (t) => {
  const { phone, network, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102', BEHIND_NAT)
  await bob.registers({ contact: '<sip:102@192.168.1.5:5060;Line=1%20a;ob>' })
  const seen = sipTo(network)
  await alice.calls('102')
  t.equal((await bob.rings()).uri.text, 'sip:102@192.168.1.5:5060;Line=1%20a;ob')
  bob.answers()
  await alice.talks()
  t.equal((await bob.seesRequest('ACK')).uri.text, 'sip:102@192.168.1.5:5060')
  await alice.hangsUp()
  t.equal((await bob.isHungUpOn()).uri.text, 'sip:102@192.168.1.5:5060')
  t.same([...seen].sort(), ['10.0.0.11:5060', '203.0.113.7:61234'])
  await bob.registers({ contact: '*', expires: 0 })
  await nothingIsLeft(t)
})

t.test('a caller behind NAT is reached there, too, when the other side hangs up', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101', BEHIND_NAT)
  const bob = await phone('102')
  await bob.registers()
  await alice.reaches(bob)
  await bob.hangsUp()
  t.equal((await alice.isHungUpOn()).uri.text, 'sip:101@192.168.1.5:5060')
  await nothingIsLeft(t)
})

t.test('when the NAT gives it another port, the next REGISTER tells', async (t) => {
  const { phone, network, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const before = await phone('102', BEHIND_NAT)
  const after = await phone('102', { ...BEHIND_NAT, port: 50001 })
  await before.registers()
  await after.registers()
  t.equal(pbx.registrar.size, 1)
  const seen = sipTo(network)
  await alice.calls('102')
  await after.rings()
  after.responds(486)
  await alice.sees('486 INVITE')
  t.notOk(seen.has('203.0.113.7:61234'))
  await after.unregisters()
  await nothingIsLeft(t)
})

t.test('OPTIONS every 25 s keep its NAT open and measure the way', async (t) => {
  const all = await world(t)
  const { phone, network, clock, pbx, nothingIsLeft } = all
  const bob = await phone('102', BEHIND_NAT)
  await bob.registers()
  const [binding] = pbx.registrar.lookup('102')
  if (!binding) return t.fail('not registered')
  t.equal(pbx.keepalive.roundTrip(binding), null)
  const first = await bob.seesRequest('OPTIONS', 25_000)
  t.equal(first.uri.text, 'sip:102@192.168.1.5:5060')
  t.equal(first.to.tag, null)
  bob.answersTo(first, 200)
  await clock.advance(10)
  t.equal(pbx.keepalive.roundTrip(binding), 2)
  network.impairment = { ...network.impairment, delay: 40 }
  t.equal(await pings(all, bob, 110_000, 404), 4, 'any answer will do')
  t.equal(pbx.keepalive.roundTrip(binding), 80)
  await clock.advance(64_000)
  t.equal(pbx.keepalive.roundTrip(binding), null, 'no answer, no round trip')
  await bob.unregisters()
  await clock.advance(1_000)
  const { length } = bob.received
  await clock.advance(100_000)
  // The pings before may still be repeated for want of an answer.
  t.notOk(
    bob.received
      .slice(length)
      .some(({ callId }) => !bob.received.slice(0, length).some((old) => old.callId === callId)),
  )
  await nothingIsLeft(t)
})

t.test('a phone that is where it says it is gets no OPTIONS', async (t) => {
  const all = await world(t)
  const { phone, nothingIsLeft } = all
  const bob = await phone('102', { address: HOME })
  const carol = await phone('103')
  await bob.registers({ contact: `<sip:102@${HOME}>` })
  await carol.registers()
  t.equal(await pings(all, bob, 100_000), 0)
  t.notOk(carol.hasSeen('OPTIONS'))
  await nothingIsLeft(t)
})

t.test('after a kill its NAT is kept open as before', async (t) => {
  const all = await world(t, { file: `${t.testdir()}/offhook.db` })
  const { phone, restart, nothingIsLeft } = all
  const bob = await phone('102', BEHIND_NAT)
  await bob.registers()
  await restart()
  t.ok((await pings(all, bob, 100_000)) >= 4)
  await bob.unregisters()
  await nothingIsLeft(t)
})

t.test('its audio is taken where it comes from, and answered there', async (t) => {
  const { phone, clock, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102', BEHIND_NAT)
  await bob.registers()
  await alice.reaches(bob)
  alice.says('too early')
  await clock.advance(20)
  t.same(bob.audio.heard, [], 'nobody knows yet where it is')
  bob.says('hello')
  await alice.hears('hello')
  alice.says('hi')
  await bob.hears('hi')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await bob.unregisters()
  await nothingIsLeft(t)
})

t.test('two phones behind one NAT talk to each other', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101', { ...BEHIND_NAT, port: 50001, claims: '192.168.1.6' })
  const bob = await phone('102', BEHIND_NAT)
  await bob.registers()
  await alice.reaches(bob)
  alice.says('hello')
  bob.says('hi')
  alice.says('can you hear me')
  await bob.hears('can you hear me')
  bob.says('I can')
  await alice.hears('I can')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await bob.unregisters()
  await nothingIsLeft(t)
})

t.test('behind NAT ourselves: the LAN is told our own address, the internet the external one', async (t) => {
  const { phone, nothingIsLeft } = await world(t, { external: EXTERNAL })
  const lan = await phone('101')
  const far = await phone('102', { ...BEHIND_NAT, server: { address: EXTERNAL, port: 5060 }, domain: EXTERNAL })
  await lan.registers()
  await far.registers()
  await lan.reaches(far)
  t.match(far.incoming?.headers.first('via'), /^SIP\/2\.0\/UDP 198\.51\.100\.1:5060;/)
  t.equal(contactOf(far.incoming), '<sip:101@198.51.100.1:5060>')
  t.equal(far.incoming?.from.uri.text, 'sip:101@198.51.100.1')
  t.equal(far.incoming && mediaOf(far.incoming)?.address, EXTERNAL)
  const answer = lan.received.find((message) => message.kind === 'response' && message.status === 200)
  t.equal(contactOf(answer ?? null), '<sip:101@10.0.0.11:5060>;expires=3600')
  t.equal(lan.dialog?.target, 'sip:102@10.0.0.1:5060')
  far.says('hello')
  t.equal((await lan.hears('hello')).from.address, SERVER)
  lan.says('hi')
  t.equal((await far.hears('hi')).from.address, EXTERNAL)
  await far.hangsUp()
  await lan.isHungUpOn()
  await far.reaches(lan)
  t.equal(far.dialog?.target, 'sip:101@198.51.100.1:5060')
  t.match(lan.incoming?.headers.first('via'), /^SIP\/2\.0\/UDP 10\.0\.0\.1:5060;/)
  t.equal(contactOf(lan.incoming), '<sip:102@10.0.0.1:5060>')
  t.equal(lan.incoming && mediaOf(lan.incoming)?.address, SERVER)
  await far.hangsUp()
  await lan.isHungUpOn()
  await far.unregisters()
  await nothingIsLeft(t)
})

t.test(
  'our address toward the internet changes in a call: who is out there is told, who is inside is not',
  async (t) => {
    const { phone, readdresses, clock, nothingIsLeft } = await world(t, { external: EXTERNAL })
    const lan = await phone('101')
    const far = await phone('102', { ...BEHIND_NAT, server: { address: EXTERNAL, port: 5060 }, domain: EXTERNAL })
    await lan.registers()
    await far.registers()
    await lan.reaches(far)
    const seen = lan.received.length
    readdresses('198.51.100.77')
    const told = await far.seesRequest('INVITE')
    t.equal(contactOf(told), '<sip:101@198.51.100.77:5060>')
    t.equal(mediaOf(told)?.address, '198.51.100.77')
    far.answersTo(told, 200, { sdp: far.sdp() })
    await far.seesRequest('ACK')
    await clock.advance(1_000)
    t.notOk(
      lan.received.slice(seen).some((message) => message.kind === 'request'),
      'nobody bothers the phone inside',
    )
    far.says('still there')
    await lan.hears('still there')
    lan.says('I am')
    t.equal((await far.hears('I am')).from.address, '198.51.100.77')
    await lan.hangsUp()
    await far.isHungUpOn()
    await far.unregisters()
    await nothingIsLeft(t)
  },
)

t.test('an answer says where the request came from, and goes there', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const bob = await phone('102', BEHIND_NAT)
  for (const [via, stamped] of [
    ['SIP/2.0/UDP 192.168.1.5:5060;rport;branch=z9hG4bK-1', { rport: 61234, received: HOME }],
    ['SIP/2.0/UDP 192.168.1.5:5060;branch=z9hG4bK-2', { rport: null, received: HOME }],
    ['SIP/2.0/UDP phone.example;rport=1;received=10.0.0.9;branch=z9hG4bK-3', { rport: 61234, received: HOME }],
    [`SIP/2.0/UDP ${HOME}:61234;branch=z9hG4bK-4`, { rport: null, received: HOME }],
  ] as const) {
    bob.send('OPTIONS', 'sip:10.0.0.1', { to: '<sip:10.0.0.1>', headers: [['Via', via]] })
    const answer = await bob.seesResponse('200 OPTIONS')
    t.match(parseVia(answer.headers.first('via') ?? ''), stamped, via)
  }
  await nothingIsLeft(t)
})

t.test('without rport, a phone that is where it says is answered at the port it names', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  // RFC 3261 §18.2.2: some phones send from one port and listen at another.
  const speaker = await phone('102', { address: HOME, port: 61234 })
  const listener = await phone('102', { address: HOME, port: 5070 })
  const request = speaker.request('OPTIONS', 'sip:10.0.0.1', {
    to: '<sip:10.0.0.1>',
    headers: [['Via', `SIP/2.0/UDP ${HOME}:5070;branch=z9hG4bK-1`]],
  })
  speaker.sendBytes(writeMessage(request))
  await listener.sees('200 OPTIONS')
  t.notOk(speaker.hasSeen('200 OPTIONS'))
  await nothingIsLeft(t)
})
