import t from 'tap'
import { talking } from '../../support/virtual/people.ts'

// RFC 5407 §3.2: somebody has said BYE.

t.test('§3.2.1: BYEs that cross are both answered 200', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('BYE')
  bob.asks('BYE')
  await alice.sees('200 BYE')
  await bob.sees('200 BYE')
  if (alice.hasSeen('BYE')) alice.answersTo(await alice.seesRequest('BYE'), 200)
  if (bob.hasSeen('BYE')) bob.answersTo(await bob.seesRequest('BYE'), 200)
  await nothingIsLeft(t)
})

t.test('§3.2.1: a BYE that crosses ours on its own leg is answered 200', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  await alice.hangsUp()
  const ours = await bob.seesRequest('BYE')
  bob.asks('BYE')
  await bob.sees('200 BYE')
  bob.answersTo(ours, 200)
  await nothingIsLeft(t)
})

t.test('§3.2.2: a re-INVITE that crosses our BYE finds no call any more: 481', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  await alice.hangsUp()
  const ours = await bob.seesRequest('BYE')
  const late = bob.asks('INVITE', { sdp: bob.sdp() })
  bob.acknowledgesRefusal(late, await bob.seesResponse('481 INVITE'))
  t.notOk(alice.hasSeen('INVITE'))
  bob.answersTo(ours, 200)
  await nothingIsLeft(t)
})

t.test('§3.2.3: a BYE while a re-INVITE waits: the re-INVITE gets 487, and its late 200 an ACK', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await talking(t)
  const hold = alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  const carried = await bob.seesRequest('INVITE')
  await bob.hangsUp()
  alice.acknowledgesRefusal(hold, await alice.seesResponse('487 INVITE'))
  await alice.isHungUpOn()
  bob.answersTo(carried, 200, { headers: [['Contact', bob.contact]], sdp: bob.sdp() })
  await bob.sees('ACK')
  t.match((await records())[0], { endedBy: 'callee', outcome: 'answered' })
  await nothingIsLeft(t)
})

t.test('§3.2.3: who asked hangs up before the answer to its re-INVITE', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  const carried = await bob.seesRequest('INVITE')
  await alice.hangsUp()
  await alice.sees('487 INVITE')
  await bob.isHungUpOn()
  bob.answersTo(carried, 200, { headers: [['Contact', bob.contact]], sdp: bob.sdp() })
  await bob.sees('ACK')
  await nothingIsLeft(t)
})

t.test('§3.2.4: the ACK that comes after the BYE is nobody’s', async (t) => {
  const { alice, bob, pbx, clock, nothingIsLeft } = await talking(t)
  const answer = alice.received.find((message) => message.kind === 'response' && message.status === 200)
  await alice.hangsUp()
  await bob.isHungUpOn()
  const before = alice.received.length
  if (answer?.kind === 'response') alice.acknowledges(answer)
  await clock.advance(1_000)
  t.equal(alice.received.length, before, 'an ACK is never answered')
  t.equal(pbx.transport.counters.failed, 0)
  await nothingIsLeft(t)
})

t.test(
  '§3.3.3: REFER crosses our BYE: 481 (calls are not transferred yet: REFER is 405 while one is up)',
  async (t) => {
    const { alice, bob, nothingIsLeft } = await talking(t)
    bob.asks('REFER', { headers: [['Refer-To', '<sip:103@10.0.0.1>']] })
    await bob.sees('405 REFER')
    await alice.hangsUp()
    const ours = await bob.seesRequest('BYE')
    bob.asks('REFER', { headers: [['Refer-To', '<sip:103@10.0.0.1>']] })
    await bob.sees('481 REFER')
    bob.answersTo(ours, 200)
    await nothingIsLeft(t)
  },
)
