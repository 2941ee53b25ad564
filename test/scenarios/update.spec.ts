import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { talking, twoPhones } from '../support/virtual/people.ts'

const takesUpdate = { headers: [['Allow', 'INVITE, ACK, BYE, CANCEL, UPDATE']] } as const

t.test('RFC 3311: an UPDATE with an offer is carried as UPDATE to who takes such, both ways', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102', takesUpdate)
  await bob.rings()
  bob.answers(takesUpdate)
  const answer = await alice.talks()
  await bob.sees('ACK')
  t.match(answer.headers.first('allow'), /UPDATE/)
  for (const [one, other] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    one.asks('UPDATE', { sdp: one.sdp({ lines: ['a=sendonly'] }) })
    const update = await other.seesRequest('UPDATE')
    t.match(bodyOf(update), /a=sendonly/)
    other.answersTo(update, 200, {
      headers: [['Contact', other.contact]],
      sdp: other.sdp({ lines: ['a=recvonly'] }),
    })
    t.match(bodyOf(await one.seesResponse('200 UPDATE')), /a=recvonly/)
    one.asks('UPDATE', { sdp: one.sdp() })
    other.answersTo(await other.seesRequest('UPDATE'), 200, { sdp: other.sdp() })
    await one.sees('200 UPDATE')
  }
  alice.says('resumed')
  await bob.hears('resumed')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('an UPDATE goes as re-INVITE to who has not said that it takes UPDATE', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('UPDATE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  t.match(bodyOf(await bob.seesRequest('INVITE')), /a=sendonly/)
  bob.answers({ sdp: bob.sdp({ lines: ['a=recvonly'] }) })
  t.match(bodyOf(await alice.seesResponse('200 UPDATE')), /a=recvonly/)
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('RFC 3311 §5.2: an UPDATE that a user would have to be asked about is 504, and taken back', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await talking(t)
  alice.asks('UPDATE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  await bob.sees('INVITE')
  bob.responds(180)
  await clock.advance(19_000)
  t.notOk(bob.hasSeen('CANCEL'))
  const cancel = await bob.seesRequest('CANCEL')
  bob.answersTo(cancel, 200)
  bob.responds(487)
  await alice.sees('504 UPDATE')
  alice.says('as before')
  await bob.hears('as before')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('an UPDATE that the other side refuses changes nothing', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers(takesUpdate)
  await alice.talks()
  alice.asks('UPDATE', { sdp: alice.sdp({ lines: ['a=inactive'] }) })
  bob.answersTo(await bob.seesRequest('UPDATE'), 488)
  await alice.sees('488 UPDATE')
  alice.says('as before')
  await bob.hears('as before')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('an UPDATE without SDP is answered by us alone, and moves the target', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  bob.asks('UPDATE', { headers: [['Contact', '<sip:new@10.0.0.12:5060>']] })
  const answer = await bob.seesResponse('200 UPDATE')
  t.equal(answer.body.length, 0)
  t.ok(answer.headers.first('contact'))
  t.notOk(alice.hasSeen('UPDATE') || alice.hasSeen('INVITE'))
  alice.asks('INFO')
  const info = await bob.seesRequest('INFO')
  t.equal(info.uri.text, 'sip:new@10.0.0.12:5060')
  bob.answersTo(info, 200)
  await alice.sees('200 INFO')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('RFC 3311 §5.2: an offer while one is open is 491 or 500', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  await bob.sees('INVITE')
  // Bob's offer meets ours to him, Alice's second one her own first.
  bob.asks('UPDATE', { sdp: bob.sdp() })
  await bob.sees('491 UPDATE')
  alice.asks('UPDATE', { sdp: alice.sdp() })
  t.match((await alice.seesResponse('500 UPDATE')).headers.first('retry-after'), /^([0-9]|10)$/)
  bob.asks('UPDATE')
  await bob.sees('200 UPDATE')
  bob.answers({ sdp: bob.sdp({ lines: ['a=recvonly'] }) })
  alice.acknowledges(await alice.seesResponse('200 INVITE'))
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('two UPDATEs at once: the second is told to come again', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers(takesUpdate)
  await alice.talks()
  alice.asks('UPDATE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  const first = await bob.seesRequest('UPDATE')
  alice.asks('UPDATE', { sdp: alice.sdp() })
  await alice.sees('500 UPDATE')
  bob.asks('INVITE', { sdp: bob.sdp({ lines: ['a=inactive'] }) })
  await bob.sees('491 INVITE')
  bob.answersTo(first, 200, { sdp: bob.sdp({ lines: ['a=recvonly'] }) })
  await alice.sees('200 UPDATE')
  t.notOk(
    alice.received.some(({ kind }) => kind === 'request'),
    'the re-INVITE went no further',
  )
  const updates = bob.received.filter(({ cSeq }) => cSeq.method === 'UPDATE')
  t.equal(updates.length, 1, 'nor did the second UPDATE')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a re-INVITE that says again what is in force is answered by us alone', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  const said = alice.sdp()
  await alice.calls('102', { sdp: said })
  await bob.rings()
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  const answer = await alice.reinvites(said)
  t.match(bodyOf(answer), /m=audio/)
  t.notOk(bob.hasSeen('INVITE'))
  alice.says('still here')
  await bob.hears('still here')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})
