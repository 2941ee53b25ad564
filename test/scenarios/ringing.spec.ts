import t from 'tap'
import { bothRinging, twoPhones } from '../support/virtual/people.ts'
import { world } from '../support/virtual/world.ts'

t.test('early media: the 18x and the 200 have the same SDP, and a 180 after a 183 keeps the audio', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.seesRequest('INVITE')
  bob.responds(183, { sdp: bob.sdp() })
  const early = await alice.seesResponse('183 INVITE')
  t.ok(early.body.length > 0, 'the 183 has SDP')
  bob.responds(180)
  const ringing = await alice.seesResponse('180 INVITE')
  t.equal(ringing.body.length, 0)
  bob.answers()
  const answer = await alice.talks()
  t.equal(answer.body.toString(), early.body.toString())
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('the caller gives up: the phone gets CANCEL, the caller 487', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  await alice.sees('180 INVITE')
  alice.cancels()
  await alice.sees('200 CANCEL')
  await alice.sees('487 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await bob.sees('ACK')
  t.match((await records())[0], { outcome: 'cancelled', endedBy: 'caller', status: 487, answeredAt: null })
  await nothingIsLeft(t)
})

t.test('busy, rejected: the caller hears what the phone said', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await twoPhones(t)
  for (const [status, outcome] of [
    [486, 'busy'],
    [603, 'rejected'],
  ] as const) {
    await alice.calls('102')
    await bob.rings()
    bob.responds(status)
    await bob.sees('ACK')
    await alice.sees(`${status} INVITE`)
    t.match((await records())[0], { outcome, status, endedBy: 'callee' })
  }
  await nothingIsLeft(t)
})

t.test('no phone registered is 480, no such number 404', async (t) => {
  const { phone, records, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  await alice.calls('102', { sees: '480 INVITE' })
  t.match((await records())[0], { outcome: 'offline', status: 480 })
  await alice.calls('999', { sees: '404 INVITE' })
  t.match((await records())[0], { outcome: 'not-found', status: 404 })
  await nothingIsLeft(t)
})

t.test('a phone that says nothing for 5 s counts as offline, and a late ring is cancelled', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.sees('INVITE')
  const before = clock.now()
  await alice.sees('480 INVITE')
  t.ok(clock.now() - before <= 5_010, `after ${clock.now() - before} ms`)
  bob.responds(180)
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await nothingIsLeft(t)
})

t.test('nobody answers: after 60 s the caller is told, and the phone stops ringing', async (t) => {
  const { alice, bob, clock, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  await clock.advance(59_000)
  t.notOk(bob.hasSeen('CANCEL'))
  await alice.sees('480 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  t.match((await records())[0], { outcome: 'no-answer', endedBy: 'server' })
  await nothingIsLeft(t)
})

t.test("all of a user's phones ring; the first answer wins and the others are told so", async (t) => {
  const { alice, desk, kitchen, records, nothingIsLeft } = await bothRinging(t)
  desk.responds(183, { sdp: desk.sdp() })
  t.equal(
    (await alice.seesResponse('180 INVITE')).body.length,
    0,
    'with several phones ringing there is no early media',
  )
  kitchen.answers()
  await alice.talks()
  await kitchen.sees('ACK')
  const cancel = await desk.seesRequest('CANCEL')
  t.match(cancel.headers.first('reason'), /^SIP;cause=200/)
  desk.answersTo(cancel, 200)
  desk.responds(487)
  alice.says('hello')
  await kitchen.hears('hello')
  await alice.hangsUp()
  await kitchen.isHungUpOn()
  t.match((await records())[0], { answeredBy: '102', outcome: 'answered' })
  await nothingIsLeft(t)
})

t.test('two phones answer at the same moment: the second is acknowledged and hung up', async (t) => {
  const { alice, desk, kitchen, nothingIsLeft } = await bothRinging(t)
  desk.answers()
  kitchen.answers()
  await alice.talks()
  const [winner, loser] = [desk, kitchen]
  await winner.sees('ACK')
  await loser.sees('ACK')
  loser.answersTo(await loser.seesRequest('BYE'), 200)
  await alice.hangsUp()
  await winner.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('one phone rejects, the other rings on; both busy is busy', async (t) => {
  const { alice, desk, kitchen, nothingIsLeft } = await bothRinging(t)
  desk.responds(486)
  await desk.sees('ACK')
  t.notOk(alice.hasSeen('486 INVITE'))
  kitchen.responds(480)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('the hops left are counted down, and none left is 483', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', { headers: [['Max-Forwards', '0']], sees: '483 INVITE' })
  await alice.calls('102', { headers: [['Max-Forwards', '9']] })
  const invite = await bob.rings()
  t.equal(invite.maxForwards, 8)
  bob.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('nothing of one leg leaks into the other', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', {
    headers: [
      ['Supported', 'timer, 100rel'],
      ['X-Secret', 'of alice'],
      ['Allow', 'INVITE, FROBNICATE'],
    ],
  })
  const invite = await bob.rings()
  t.equal(invite.headers.first('supported'), '100rel, timer', 'our own')
  t.equal(invite.headers.first('x-secret'), null)
  t.notMatch(invite.headers.first('allow'), /FROBNICATE/)
  t.not(invite.callId, alice.outgoing?.callId)
  t.notMatch(invite.body.toString(), alice.options.claims, 'our own SDP, not the caller’s')
  bob.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})
