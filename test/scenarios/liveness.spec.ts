import t from 'tap'
import { talking, twoPhones } from '../support/virtual/people.ts'

t.test('two minutes on hold without a packet are no reason to hang up while the phones answer', async (t) => {
  const { clock, alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=inactive'] }) })
  bob.answersTo(await bob.seesRequest('INVITE'), 200, {
    headers: [['Contact', bob.contact]],
    sdp: bob.sdp({ lines: ['a=inactive'] }),
  })
  alice.acknowledges(await alice.seesResponse('200 INVITE'))
  for (let minute = 0; minute < 2; minute++) {
    for (const one of [alice, bob]) one.answersTo(await one.seesRequest('OPTIONS', 70_000), 200)
  }
  await clock.advance(10_000)
  t.notOk(alice.hasSeen('BYE'))
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a minute without a packet from anyone ends the call, with a reason', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await talking(t)
  alice.says('hello')
  await bob.hears('hello')
  const bye = await alice.seesRequest('BYE', 70_000)
  t.match(bye.headers.first('reason'), /no audio/)
  alice.answersTo(bye, 200)
  await bob.isHungUpOn()
  t.match((await records())[0], { endedBy: 'server', outcome: 'answered', reason: /no audio/ })
  await nothingIsLeft(t)
})

t.test('silence before the answer does not count', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.sees('INVITE')
  bob.responds(183, { sdp: bob.sdp() })
  await clock.advance(55_000)
  bob.answers()
  await alice.talks()
  await clock.advance(50_000)
  t.notOk(alice.hasSeen('BYE'), 'the call is up for 50 s only')
  alice.answersTo(await alice.seesRequest('BYE', 80_000), 200)
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})
