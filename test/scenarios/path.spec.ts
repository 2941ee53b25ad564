import t from 'tap'
import type { HeaderLine } from '../../src/sip/message/headers.ts'
import type { SipRequest } from '../../src/sip/message/message.ts'
import { parseVia } from '../../src/sip/message/via.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { type World, world } from '../support/virtual/world.ts'

const EDGE = '<sip:10.0.0.80;lr;ob>'
const CORE = '<sip:token@10.0.0.90:5062;lr>'
const SUPPORTED: HeaderLine = ['Supported', 'path']

/** 101, and a proxy by which 102 registers: all that 102 says and hears goes through it. */
async function behindProxy({ phone }: World): Promise<{ alice: VirtualPhone; proxy: VirtualPhone }> {
  const alice = await phone('101')
  const proxy = await phone('102', { address: '10.0.0.80' })
  return { alice, proxy }
}

const CONTACT = '<sip:102@192.168.7.7:5077;line=1>'

t.test('the Path of a REGISTER is stored, echoed, and is the Route of calls to that phone', async (t) => {
  const all = await world(t, { file: `${t.testdir()}/offhook.db` })
  const { alice, proxy } = await behindProxy(all)
  const headers: HeaderLine[] = [SUPPORTED, ['Path', `${CORE}, "Edge" ${EDGE};x=1`]]
  const answer = await proxy.registers({ contact: CONTACT, headers })
  t.same(answer.headers.all('path'), [`${CORE}, "Edge" ${EDGE};x=1`])
  for (const moment of ['at once', 'after a kill']) {
    const sentTo = new Set<string>()
    all.network.onPacket = (from, to) => {
      if (from.address === '10.0.0.1') sentTo.add(to.address)
    }
    await alice.calls('102')
    const invite = await proxy.rings()
    t.same(invite.headers.list('route'), [CORE, `"Edge" ${EDGE};x=1`], moment)
    t.equal(invite.uri.text, 'sip:102@192.168.7.7:5077;line=1')
    alice.cancels()
    const cancel = await proxy.seesRequest('CANCEL')
    t.same(cancel.headers.list('route'), invite.headers.list('route'), '§9.1')
    proxy.answersTo(cancel, 200)
    proxy.responds(487)
    const ack = await proxy.seesRequest('ACK')
    t.same(ack.headers.list('route'), invite.headers.list('route'), '§17.1.1.3')
    await alice.sees('487 INVITE')
    t.same([...sentTo].sort(), ['10.0.0.11', '10.0.0.80'], 'no host that is only named')
    if (moment === 'at once') await all.restart()
  }
  await all.nothingIsLeft(t)
})

t.test('a first hop without lr is a strict router: it becomes the Request-URI', async (t) => {
  const all = await world(t)
  const { alice, proxy } = await behindProxy(all)
  await proxy.registers({ contact: CONTACT, headers: [SUPPORTED, ['Path', `<sip:10.0.0.80;x=1>, ${CORE}`]] })
  await alice.calls('102')
  const invite = await proxy.rings()
  t.equal(invite.uri.text, 'sip:10.0.0.80;x=1')
  t.same(invite.headers.list('route'), [CORE, CONTACT])
  proxy.responds(486)
  await alice.sees('486 INVITE')
  await all.nothingIsLeft(t)
})

t.test('in the dialog Record-Route says where it goes, not the Path', async (t) => {
  const all = await world(t)
  const { alice, proxy } = await behindProxy(all)
  await proxy.registers({ contact: CONTACT, headers: [SUPPORTED, ['Path', EDGE]] })
  for (const recorded of [null, '<sip:10.0.0.80;lr;r2>']) {
    const headers: HeaderLine[] = recorded === null ? [] : [['Record-Route', recorded]]
    await alice.calls('102')
    await proxy.rings()
    proxy.answers({ headers })
    await alice.talks()
    const ack = await proxy.seesRequest('ACK')
    t.same(ack.headers.list('route'), recorded === null ? [] : [recorded])
    t.equal(ack.uri.text, 'sip:102@10.0.0.80:5060')
    await alice.hangsUp()
    const bye = await proxy.isHungUpOn()
    t.same(bye.headers.list('route'), recorded === null ? [] : [recorded])
    proxy.dialog = null
  }
  await all.nothingIsLeft(t)
})

t.test('a phone that knows nothing of Path is told so: 420', async (t) => {
  const all = await world(t)
  const { proxy } = await behindProxy(all)
  for (const headers of [
    [['Path', EDGE]],
    [
      ['Path', EDGE],
      ['Supported', 'outbound, x-path'],
    ],
  ] as HeaderLine[][]) {
    const refused = await proxy.registers({ headers, sees: '420 REGISTER' })
    t.equal(refused.headers.first('unsupported'), 'path')
  }
  t.equal(all.pbx.registrar.size, 0)
  await proxy.registers({
    headers: [
      ['Path', EDGE],
      ['Require', 'Path'],
    ],
  })
  await proxy.registers({ headers: [SUPPORTED, ['Path', 'sip:no brackets']], sees: '400 REGISTER' })
  await proxy.registers({ headers: [SUPPORTED, ['Path', '<tel:1>']], sees: '400 REGISTER' })
  await all.nothingIsLeft(t)
})

t.test('a stranger’s Path is worth nothing, and the next REGISTER without one takes it away', async (t) => {
  const all = await world(t)
  const { alice, proxy } = await behindProxy(all)
  proxy.sends(proxy.registration({ headers: [SUPPORTED, ['Path', CORE]] }))
  const challenge = await proxy.seesResponse('401 REGISTER')
  t.notOk(challenge.headers.has('path'))
  t.equal(all.pbx.registrar.size, 0)
  await proxy.registers({ headers: [SUPPORTED, ['Path', EDGE]] })
  await proxy.registers()
  await alice.calls('102')
  const invite: SipRequest = await proxy.rings()
  t.notOk(invite.headers.has('route'))
  proxy.responds(486)
  await alice.sees('486 INVITE')
  await all.nothingIsLeft(t)
})

t.test('when the proxy’s connection is gone it is connected to, and no other host', async (t) => {
  const all = await world(t)
  const alice = await all.phone('101')
  const proxy = await all.phone('102', { address: '10.0.0.80', transport: 'tcp', claimsPort: 5060 })
  const elsewhere = await all.phone('103', { address: '192.168.7.7', transport: 'tcp', port: 5077 })
  const headers: HeaderLine[] = [SUPPORTED, ['Path', '<sip:10.0.0.80;transport=tcp;lr>']]
  await proxy.registers({ contact: CONTACT, headers })
  proxy.disconnects()
  await all.clock.advance(10)
  await alice.calls('102')
  const invite = await proxy.rings()
  t.equal(parseVia(invite.headers.first('via') ?? '')?.transport, 'TCP')
  proxy.responds(486)
  await alice.sees('486 INVITE')
  await proxy.registers({ contact: CONTACT, headers: [SUPPORTED, ['Path', '<sip:192.168.7.7:5077;transport=tcp;lr>']] })
  proxy.disconnects()
  await all.clock.advance(10)
  const before = all.clock.now()
  await alice.calls('102', { sees: '480 INVITE' })
  t.ok(all.clock.now() - before < 100, 'offline at once')
  t.notOk(elsewhere.hasSeen('INVITE'))
  await all.nothingIsLeft(t)
})
