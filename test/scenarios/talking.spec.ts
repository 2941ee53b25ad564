import t from 'tap'
import { talking } from '../support/virtual/people.ts'
import { world } from '../support/virtual/world.ts'

t.test('both hear each other through the server', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.says('hello')
  const heard = await bob.hears('hello')
  t.equal(heard.from.address, '10.0.0.1', 'by way of the server')
  bob.says('hi')
  await alice.hears('hi')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('payload types are each leg’s own, and mapped between them', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t, {
    alice: { codecs: ['0 PCMU/8000', '96 telephone-event/8000'] },
    bob: { codecs: ['0 PCMU/8000', '110 telephone-event/8000'] },
  })
  alice.says('digit', 96)
  t.equal((await bob.hears('digit')).payloadType, 110)
  bob.says('digit', 110)
  t.equal((await alice.hears('digit')).payloadType, 96)
  // What the answer changed the number of may come under either (RFC 3264 §6.1 wants ours, some phones use theirs).
  bob.says('ours', 96)
  t.equal((await alice.hears('ours')).payloadType, 96)
  alice.says('not negotiated', 33)
  alice.says('after')
  await bob.hears('after')
  t.notOk(bob.audio.heard.some(({ words }) => words === 'not negotiated'))
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('no codec in common, and one that we cannot make, is 488', async (t) => {
  const { phone, records, nothingIsLeft } = await world(t)
  const alice = await phone('101', { codecs: ['0 PCMU/8000'] })
  const bob = await phone('102', { codecs: ['18 G729/8000'] })
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  await alice.sees('488 INVITE')
  await bob.sees('ACK')
  bob.answersTo(await bob.seesRequest('BYE'), 200)
  t.match((await records())[0], { outcome: 'failed', status: 488 })
  await nothingIsLeft(t)
})
