import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { bothRinging, twoPhones } from '../support/virtual/people.ts'

// RFC 3261 §9.1: a CANCEL may come too late. Then there is a call, and it is hung up.

t.test('the caller gives up as the phone answers: the phone is acknowledged and hung up', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  alice.cancels()
  await alice.sees('200 CANCEL')
  const status = alice.hasSeen('487 INVITE') ? 487 : 200
  if (status === 200) {
    await alice.talks()
    await alice.hangsUp()
  }
  await bob.sees('ACK')
  await bob.isHungUpOn()
  t.equal((await records()).length, 1)
  await nothingIsLeft(t)
})

t.test('all phones answer as the caller gives up: each is acknowledged and hung up', async (t) => {
  const { alice, desk, kitchen, records, nothingIsLeft } = await bothRinging(t)
  alice.cancels()
  await alice.sees('487 INVITE')
  for (const phone of [desk, kitchen]) {
    phone.answers()
    await phone.sees('ACK')
    await phone.isHungUpOn()
  }
  t.match((await records())[0], { outcome: 'cancelled' })
  await nothingIsLeft(t)
})

t.test('a phone answers after 60 s, as the caller is told that nobody does', async (t) => {
  const { alice, bob, clock, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  await clock.advance(59_990)
  await alice.sees('480 INVITE')
  bob.answers()
  await bob.sees('ACK')
  await bob.isHungUpOn()
  t.match((await records())[0], { outcome: 'no-answer', answeredAt: null })
  await nothingIsLeft(t)
})

t.test(
  'RFC 3261 §13.2.2.4: an offer that comes with an answer nobody waits for any more gets a valid answer: no audio',
  async (t) => {
    const { alice, bob, nothingIsLeft } = await twoPhones(t)
    await alice.calls('102', { sdp: null })
    await bob.rings()
    alice.cancels()
    await alice.sees('487 INVITE')
    bob.answers()
    const ack = await bob.seesRequest('ACK')
    await bob.isHungUpOn()
    await nothingIsLeft(t)
    t.match(bodyOf(ack), /m=audio 0 /)
  },
)
