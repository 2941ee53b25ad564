import t from 'tap'
import { talking } from '../support/virtual/people.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { world } from '../support/virtual/world.ts'

/** Sends this in its dialog; gives what the 420 says is unsupported. */
async function refused(phone: VirtualPhone, method: string, header: string, tags: string): Promise<string | null> {
  const request = phone.asks(method, { headers: [[header, tags]], sdp: method === 'INVITE' ? phone.sdp() : null })
  const answer = await phone.seesResponse(`420 ${method}`)
  if (method === 'INVITE') phone.acknowledgesRefusal(request, answer)
  return answer.headers.first('unsupported')
}

t.test('who requires an unknown extension for a call is told which, before anything rings', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  for (const name of ['Require', 'Proxy-Require']) {
    alice.sends(alice.invitation('102', { headers: [[name, 'x-foo, X-Bar']] }))
    const answer = await alice.seesResponse('420 INVITE')
    t.equal(answer.headers.first('unsupported'), 'x-foo, X-Bar', name)
  }
  t.equal(pbx.calls.total, 0)
  t.notOk(bob.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('in a call as well: it is refused, and the call goes on', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  for (const method of ['INVITE', 'INFO', 'OPTIONS']) {
    t.equal(await refused(alice, method, 'Require', 'x-foo'), 'x-foo', method)
    t.equal(await refused(bob, method, 'Proxy-Require', 'x-foo, x-bar'), 'x-foo, x-bar', method)
  }
  t.notOk(bob.hasSeen('INVITE') || bob.hasSeen('INFO'))
  alice.says('still here')
  await bob.hears('still here')
  const reinvite = alice.reinvites()
  await bob.seesRequest('INVITE')
  bob.answers()
  await reinvite
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('ACK and CANCEL require nothing, whatever they say', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  alice.cancels([['Require', 'x-foo']])
  await alice.sees('200 CANCEL')
  await alice.sees('487 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  await alice.talks({ headers: [['Require', 'x-foo']] })
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('what we say we support, we do not refuse', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const bob = await phone('102')
  bob.send('OPTIONS', 'sip:10.0.0.1', { to: '<sip:10.0.0.1>' })
  const supported = (await bob.seesResponse('200 OPTIONS')).headers.list('supported')
  for (const tag of supported) {
    bob.send('OPTIONS', 'sip:10.0.0.1', { to: '<sip:10.0.0.1>', headers: [['Require', tag]] })
    await bob.sees('200 OPTIONS')
  }
  await nothingIsLeft(t)
})
