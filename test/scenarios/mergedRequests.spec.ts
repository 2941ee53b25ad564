import t from 'tap'
import type { SipRequest } from '../../src/sip/message/message.ts'
import { parseUri } from '../../src/sip/message/uri.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { world } from '../support/virtual/world.ts'

/** The same request as a proxy would pass it on: with another Via, one hop less, maybe to another number. */
function passedOn(request: SipRequest, through: VirtualPhone, number?: string): SipRequest {
  const via = `SIP/2.0/UDP ${through.local.address}:${through.local.port};rport;branch=z9hG4bK-proxy-${++proxied}`
  const headers = request.headers.clone().set('Via', via)
  headers.set('Max-Forwards', String((request.maxForwards ?? 70) - 1))
  const uri = (number && parseUri(`sip:${number}@10.0.0.1`)) || request.uri
  return through.request(request.method, uri.text, {
    ...{ to: request.to.text, from: request.from.text, callId: request.callId, cSeq: request.cSeq.number },
    ...{ headers: [...headers].map(({ name, value }) => [name, value] as const), sdp: request.body.toString() },
  })
}
let proxied = 0

t.test('a call that comes again by another path is 482, and rings once', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const proxy = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  const { outgoing } = alice
  if (!outgoing) return t.fail('no call')
  proxy.sends(passedOn(outgoing, proxy))
  await proxy.sees('482 INVITE')
  alice.sends(outgoing)
  await alice.sees('180', 500)
  t.equal(pbx.calls.total, 1)
  t.notOk(bob.hasSeen('INVITE'))
  bob.answers()
  await alice.talks()
  proxy.sends(passedOn(outgoing, proxy))
  await proxy.sees('482 INVITE')
  t.equal(pbx.calls.total, 1, 'nor after the answer')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a REGISTER that comes again by another path changes nothing', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  const proxy = await phone('102')
  const first = bob.registration()
  bob.sends(first)
  const signed = bob.withCredentials(first, await bob.seesResponse('401 REGISTER'))
  bob.sends(signed)
  await bob.sees('200 REGISTER')
  proxy.sends(passedOn(signed, proxy))
  await proxy.sees('482 REGISTER')
  t.equal(pbx.registrar.lookup('102')[0]?.source.address, bob.local.address)
  await nothingIsLeft(t)
})

t.test('a call that is sent back to us for another number is a spiral, and rings there', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const elsewhere = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  await elsewhere.registers()
  await alice.calls('101')
  const ours = await elsewhere.seesRequest('INVITE')
  await elsewhere.authenticated(passedOn(ours, elsewhere, '102'), '100 INVITE')
  const rings = await bob.rings()
  t.equal(rings.maxForwards, 67, 'two of ours and one of the proxy’s')
  await elsewhere.sees('180')
  elsewhere.incoming = ours
  elsewhere.responds(180)
  await alice.sees('180')
  t.equal(pbx.calls.size, 2)
  alice.cancels()
  await alice.sees('487 INVITE')
  elsewhere.answersTo(await elsewhere.seesRequest('CANCEL'), 200)
  elsewhere.responds(487)
  elsewhere.cancels()
  await elsewhere.sees('487 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await nothingIsLeft(t)
})

t.test('a call that comes back to us for ever ends when its hops are used up', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const mirror = await phone('101')
  await mirror.registers()
  await alice.authenticated(alice.invitation('101', { headers: [['Max-Forwards', '6']] }), '100 INVITE')
  const ours: SipRequest[] = []
  for (const left of [5, 3, 1]) {
    const invite = await mirror.seesRequest('INVITE')
    t.equal(invite.maxForwards, left)
    ours.push(invite)
    await mirror.authenticated(passedOn(invite, mirror, '101'), left > 1 ? '100 INVITE' : '483 INVITE')
  }
  t.equal(pbx.calls.size, 3)
  for (const invite of ours.reverse()) mirror.answersTo(invite, 483)
  await alice.sees('483 INVITE')
  await nothingIsLeft(t)
})
