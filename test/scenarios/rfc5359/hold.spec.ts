import t from 'tap'
import { bodyOf } from '../../support/virtual/body.ts'
import { talking } from '../../support/virtual/people.ts'

// RFC 5359 §2.1 and §2.2.

t.test('§2.1 call hold: who is held says nothing and hears nothing, until it is taken back', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await talking(t)
  bob.asks('INVITE', { sdp: bob.sdp({ lines: ['a=sendonly'] }) })
  t.match(bodyOf(await alice.seesRequest('INVITE')), /a=sendonly/)
  alice.answers({ sdp: alice.sdp({ lines: ['a=recvonly'] }) })
  const held = await bob.seesResponse('200 INVITE')
  t.match(bodyOf(held), /a=recvonly/)
  bob.acknowledges(held)
  await alice.sees('ACK')
  await clock.advance(30_000)
  bob.asks('INVITE', { sdp: bob.sdp() })
  await alice.seesRequest('INVITE')
  alice.answers()
  bob.acknowledges(await bob.seesResponse('200 INVITE'))
  await alice.sees('ACK')
  alice.says('still there')
  await bob.hears('still there')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('§2.2 consultation hold: 102 holds 101, asks 103 something, and comes back', async (t) => {
  const all = await talking(t)
  const { alice, bob, clock, nothingIsLeft } = all
  bob.asks('INVITE', { sdp: bob.sdp({ lines: ['a=sendonly'] }) })
  await alice.seesRequest('INVITE')
  alice.answers({ sdp: alice.sdp({ lines: ['a=recvonly'] }) })
  bob.acknowledges(await bob.seesResponse('200 INVITE'))
  await alice.sees('ACK')

  // The second line of 102's phone.
  const line = await all.phone('102')
  const carol = await all.phone('103')
  await carol.registers()
  await line.reaches(carol)
  line.says('a question')
  await carol.hears('a question')
  carol.says('an answer')
  await line.hears('an answer')
  t.notOk(
    alice.audio.heard.some(({ words }) => words === 'an answer'),
    '101 does not hear it',
  )
  t.equal(all.pbx.calls.size, 2)
  await line.hangsUp()
  await carol.isHungUpOn()

  await clock.advance(1_000)
  bob.asks('INVITE', { sdp: bob.sdp() })
  await alice.seesRequest('INVITE')
  alice.answers()
  bob.acknowledges(await bob.seesResponse('200 INVITE'))
  await alice.sees('ACK')
  bob.says('back again')
  await alice.hears('back again')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})
