import t, { type Test } from 'tap'
import type { HeaderLine } from '../../src/sip/message/headers.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { type PhoneSetup, type World, type WorldOptions, world } from '../support/virtual/world.ts'

const INSTANCE = '<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>'
const OUTBOUND: HeaderLine = ['Supported', 'path, outbound']
const TCP: PhoneSetup = { transport: 'tcp' }

/** Registers this flow of 102's one phone. */
function registers(flow: VirtualPhone, regId: number, more: readonly HeaderLine[] = [], sees?: string) {
  const contact = `${flow.contact};+sip.instance="${INSTANCE}";reg-id=${regId}`
  return flow.registers({ contact, headers: [OUTBOUND, ...more], ...(sees ? { sees } : {}) })
}

/** 101, and 102's phone with two flows, the second registered last. */
async function twoFlows(t: Test, how: PhoneSetup = {}, options: WorldOptions = {}) {
  const all = await world(t, options)
  const alice = await all.phone('101')
  const first = await all.phone('102', how)
  const second = await all.phone('102', how)
  await registers(first, 1)
  await all.clock.advance(1_000)
  await registers(second, 2)
  return Object.assign(all, { alice, first, second })
}

async function ringsOver({ alice }: { alice: VirtualPhone }, flow: VirtualPhone): Promise<void> {
  await alice.calls('102')
  await flow.rings()
  flow.responds(486)
  await alice.sees('486 INVITE')
}

/** The call is offline, and that within so many ms. */
async function isOffline(t: Test, { clock, alice }: World & { alice: VirtualPhone }, within: number): Promise<void> {
  const before = clock.now()
  await alice.calls('102', { sees: '480 INVITE' })
  t.ok(clock.now() - before <= within, `offline after ${clock.now() - before} ms`)
}

t.test('the 200 says that flows are kept, and how often to say something over a connection', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const udp = await phone('102')
  const tcp = await phone('103', TCP)
  const answer = await registers(udp, 1)
  t.equal(answer.headers.first('require'), 'outbound')
  t.notOk(answer.headers.has('flow-timer'))
  t.match(answer.headers.first('contact'), `<sip:102@10.0.0.11:5060>;+sip.instance="${INSTANCE}";reg-id=1;expires=3600`)
  t.equal((await registers(tcp, 1)).headers.first('flow-timer'), '120')
  const plain = await tcp.registers()
  t.notOk(plain.headers.has('require') || plain.headers.has('flow-timer'))
  await registers(udp, 0)
  await udp.registers({ contact: '*', expires: 0 })
  await nothingIsLeft(t)
})

t.test('two flows of one phone are one phone: it rings over the one that came last', async (t) => {
  const all = await twoFlows(t)
  t.equal(all.pbx.registrar.size, 2)
  await ringsOver(all, all.second)
  t.notOk(all.first.hasSeen('INVITE'))
  await all.clock.advance(1_000)
  await registers(all.first, 1)
  t.equal(all.pbx.registrar.size, 2, 'a flow that comes again replaces itself')
  await ringsOver(all, all.first)
  t.notOk(all.second.hasSeen('INVITE'))
  await all.nothingIsLeft(t)
})

t.test('other phones of the user ring along', async (t) => {
  const all = await twoFlows(t)
  const desk = await all.phone('102')
  await desk.registers()
  await all.alice.calls('102')
  await desk.rings()
  await all.second.rings()
  desk.answers()
  await all.alice.talks()
  all.second.answersTo(await all.second.seesRequest('CANCEL'), 200)
  all.second.responds(487)
  t.notOk(all.first.hasSeen('INVITE'))
  await all.alice.hangsUp()
  await desk.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('a phone that comes back with the same flow, another Contact and another Call-ID replaces it', async (t) => {
  const all = await twoFlows(t)
  const again = await all.phone('102')
  await all.clock.advance(1_000)
  await registers(again, 2)
  t.equal(all.pbx.registrar.size, 2)
  await ringsOver(all, again)
  t.notOk(all.second.hasSeen('INVITE'))
  await again.registers({ contact: `${again.contact};+sip.instance="${INSTANCE}"` })
  t.equal(all.pbx.registrar.size, 1, 'one that knows no flows any more replaces all of them')
  await all.nothingIsLeft(t)
})

for (const [what, fails] of [
  ['the proxy before it says 430', (flow: VirtualPhone) => flow.responds(430)],
  ['it gives no sign of life', () => {}],
] as const) {
  t.test(`where a flow fails the phone is called over its next: ${what}`, async (t) => {
    const all = await twoFlows(t)
    await all.alice.calls('102')
    await all.second.seesRequest('INVITE')
    fails(all.second)
    await all.first.rings()
    all.first.answers()
    await all.alice.talks()
    await all.first.sees('ACK')
    all.alice.says('hello')
    await all.first.hears('hello')
    await all.alice.hangsUp()
    await all.first.isHungUpOn()
    const [record] = await all.records()
    t.equal(record?.legs.length, 2)
    await all.nothingIsLeft(t)
  })
}

t.test('its connection breaks before it has said anything', async (t) => {
  const all = await twoFlows(t, TCP)
  await all.alice.calls('102')
  await all.second.seesRequest('INVITE')
  all.second.disconnects()
  const before = all.clock.now()
  await all.first.rings()
  t.ok(all.clock.now() - before < 100)
  all.first.responds(486)
  await all.alice.sees('486 INVITE')
  await ringsOver(all, all.first)
  await all.nothingIsLeft(t)
})

t.test('what the phone itself says counts: no other flow is tried', async (t) => {
  const all = await twoFlows(t)
  for (const status of [486, 603, 480, 503]) {
    await all.alice.calls('102')
    await all.second.seesRequest('INVITE')
    all.second.responds(status)
    await all.alice.sees(`${status === 503 ? 480 : status} INVITE`)
    t.notOk(all.first.hasSeen('INVITE'), `${status}`)
  }
  await all.alice.calls('102')
  await all.second.rings()
  all.second.responds(430)
  await all.alice.sees('480 INVITE')
  t.notOk(all.first.hasSeen('INVITE'), 'nor once it has rung')
  await all.nothingIsLeft(t)
})

t.test('when all flows have failed it is offline', async (t) => {
  const all = await twoFlows(t)
  await all.alice.calls('102')
  for (const flow of [all.second, all.first]) {
    await flow.seesRequest('INVITE')
    flow.responds(430)
  }
  await all.alice.sees('480 INVITE')
  await all.nothingIsLeft(t)
})

t.test('a connection that is gone is not opened by us: offline at once, though it would listen', async (t) => {
  const all = await twoFlows(t, { ...TCP, claimsPort: 5060 }, { file: `${t.testdir()}/offhook.db` })
  all.first.disconnects()
  all.second.disconnects()
  await all.clock.advance(10)
  await isOffline(t, all, 50)
  await all.first.reconnects()
  await registers(all.first, 1)
  await ringsOver(all, all.first)
  await all.restart()
  await isOffline(t, all, 50)
  await all.nothingIsLeft(t)
})

t.test('a phone that keeps its promise to say something keeps its flow; a silent one is offline', async (t) => {
  const { clock, phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102', TCP)
  await registers(bob, 1)
  for (let minute = 0; minute < 20; minute++) {
    await clock.advance(119_000)
    bob.sendBytes('\r\n\r\n')
  }
  await alice.calls('102')
  await bob.rings()
  bob.responds(486)
  await alice.sees('486 INVITE')
  await clock.advance(148_000)
  t.equal(pbx.transport.connections, 1)
  await clock.advance(5_000)
  t.equal(pbx.transport.connections, 0)
  await alice.calls('102', { sees: '480 INVITE' })
  await nothingIsLeft(t)
})

t.test('a first hop that keeps no flows is 439; one that does says so by ob in its Path', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const proxy = await phone('102')
  const path = (value: string): HeaderLine[] => [['Path', value]]
  await registers(proxy, 1, path('<sip:10.0.0.80;lr>'), '439 REGISTER')
  await registers(proxy, 1, path('<sip:10.0.0.90;lr;ob>, <sip:10.0.0.80;lr>'), '439 REGISTER')
  t.equal(pbx.registrar.size, 0)
  const kept = await registers(proxy, 1, path('<sip:10.0.0.90;lr>, <sip:token@10.0.0.80;lr;ob>'))
  t.equal(kept.headers.first('require'), 'outbound')
  const contact = `${proxy.contact};+sip.instance="${INSTANCE}";reg-id=1`
  const old = await proxy.registers({ contact, headers: [['Supported', 'path'], ...path('<sip:10.0.0.80;lr>')] })
  t.notOk(old.headers.has('require'), 'who does not ask for outbound is bound as ever')
  await nothingIsLeft(t)
})

t.test('nor without a Path, where a proxy stands between', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const proxy = await phone('102')
  const contact = `${proxy.contact};+sip.instance="${INSTANCE}";reg-id=1`
  const request = proxy.registration({ contact, headers: [OUTBOUND] })
  proxy.sends(request)
  const signed = proxy.withCredentials(request, await proxy.seesResponse('401 REGISTER'))
  signed.headers.append('Via', 'SIP/2.0/UDP 192.168.7.7;branch=z9hG4bK-phone')
  proxy.sends(signed)
  await proxy.sees('439 REGISTER')
  t.equal(pbx.registrar.size, 0)
  await nothingIsLeft(t)
})

t.test('a REGISTER for a flow has one Contact', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  const flow = `;+sip.instance="${INSTANCE}";reg-id=`
  const contact = `${bob.contact}${flow}1, <sip:102@10.0.0.99>${flow}2`
  await bob.registers({ contact, headers: [OUTBOUND], sees: '400 REGISTER' })
  await nothingIsLeft(t)
})
