import t from 'tap'
import { twoPhones } from '../support/virtual/people.ts'
import { world } from '../support/virtual/world.ts'

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
