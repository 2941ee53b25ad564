import t from 'tap'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { world } from '../support/virtual/world.ts'

const INSTANCE = '+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"'

async function ringsAt(caller: VirtualPhone, phone: VirtualPhone): Promise<void> {
  await caller.calls('102')
  await phone.rings()
  phone.responds(486)
  await caller.sees('486 INVITE')
}

/** A REGISTER as after a restart: another Call-ID, and CSeq from the beginning. */
async function registersAnew(phone: VirtualPhone, callId: string, contact = phone.contact): Promise<void> {
  const request = phone.registration({ contact })
  request.headers.set('Call-ID', callId)
  request.headers.set('CSeq', '1 REGISTER')
  phone.sends(request)
  const signed = phone.withCredentials(request, await phone.seesResponse('401 REGISTER'))
  signed.headers.set('CSeq', '2 REGISTER')
  phone.sends(signed)
  await phone.sees('200 REGISTER')
}

t.test('a new Call-ID counts its REGISTERs anew', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  await registersAnew(bob, 'after-the-restart')
  t.match(pbx.registrar.lookup('102'), [{ callId: 'after-the-restart', cSeq: 2 }])
  t.equal(pbx.registrar.size, 1)
  await ringsAt(alice, bob)
  await nothingIsLeft(t)
})

t.test('the same instance at another port takes the place of the old one', async (t) => {
  const { phone, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const before = await phone('102', { address: '10.0.0.20', port: 5061 })
  const after = await phone('102', { address: '10.0.0.20', port: 5062 })
  await before.registers({ contact: `${before.contact};${INSTANCE}` })
  await registersAnew(after, 'after-the-restart', `${after.contact};${INSTANCE}`)
  t.equal(pbx.registrar.size, 1)
  await ringsAt(alice, after)
  t.notOk(before.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test(
  'one without an instance, at another port, leaves its old binding: nobody is there, and nobody waits for it',
  async (t) => {
    const { phone, clock, pbx, nothingIsLeft } = await world(t)
    const alice = await phone('101')
    const before = await phone('102', { address: '10.0.0.20', port: 5061 })
    const after = await phone('102', { address: '10.0.0.20', port: 5062 })
    await before.registers()
    before.close()
    await registersAnew(after, 'after-the-restart')
    t.equal(pbx.registrar.size, 2)
    const asked = clock.now()
    await ringsAt(alice, after)
    t.ok(clock.now() - asked < 700, `${clock.now() - asked} ms`)
    await nothingIsLeft(t)
  },
)

t.test('a TCP phone that was reset and connects anew is called over the new connection', async (t) => {
  const { phone, clock, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102', { transport: 'tcp', claimsPort: 5060 })
  await bob.registers()
  bob.disconnects()
  await clock.advance(10)
  await bob.reconnects()
  await registersAnew(bob, 'after-the-reset')
  t.equal(pbx.registrar.size, 1)
  await ringsAt(alice, bob)
  t.equal(pbx.transport.connections, 1)
  await bob.registers({ contact: '*', expires: 0 })
  await nothingIsLeft(t)
})

t.test('a phone that restarts in a call: the old call ends, a new one comes through', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  await alice.reaches(bob)
  await registersAnew(bob, 'after-the-restart')
  bob.dialog = null
  await alice.hangsUp()
  const bye = await bob.seesRequest('BYE')
  bob.answersTo(bye, 481)
  await ringsAt(alice, bob)
  await nothingIsLeft(t)
})
