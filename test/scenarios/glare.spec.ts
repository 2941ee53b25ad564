import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { bothG729, talking, twoPhones } from '../support/virtual/people.ts'
import { pracks } from '../support/virtual/reliable.ts'

t.test('RFC 3261 §14.2: re-INVITEs of both that cross are both 491, and the second try of one succeeds', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await talking(t)
  alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  bob.asks('INVITE', { sdp: bob.sdp() })
  const toBob = await bob.seesRequest('INVITE')
  await bob.sees('491 INVITE')
  bob.answersTo(toBob, 491)
  await bob.sees('ACK')
  await alice.sees('491 INVITE')
  // Who owns the Call-ID of her leg waits longer (§14.1); here Bob comes first.
  await clock.advance(1_000)
  bob.asks('INVITE', { sdp: bob.sdp() })
  const again = await alice.seesRequest('INVITE')
  alice.answersTo(again, 200, { headers: [['Contact', alice.contact]], sdp: alice.sdp() })
  bob.acknowledges(await bob.seesResponse('200 INVITE'))
  await alice.sees('ACK')
  alice.says('after all')
  await bob.hears('after all')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('RFC 3261 §14.1: our own re-INVITE that meets 491 comes again, 2.1 to 4 s later or within 2 s', async (t) => {
  for (const mover of ['caller', 'callee'] as const) {
    const { alice, bob, clock, nothingIsLeft } = await twoPhones(t, bothG729)
    await alice.calls('102', { headers: [['Supported', '100rel']] })
    await bob.seesRequest('INVITE')
    bob.responds(183, { sdp: bob.sdp() })
    const early = await alice.seesResponse('183 INVITE')
    pracks(alice, early)
    await alice.sees('200 PRACK')
    // What was said early is not what counts in the end, so that one of them has to be brought into step.
    if (mover === 'callee') {
      alice.asks('UPDATE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
      await alice.sees('200 UPDATE')
    }
    bob.answers({ sdp: mover === 'callee' ? bob.sdp() : bob.sdp({ codecs: ['18 G729/8000'] }) })
    await alice.talks()
    await bob.sees('ACK')
    const moved = mover === 'caller' ? alice : bob
    moved.answersTo(await moved.seesRequest('INVITE'), 491)
    const since = clock.now()
    await moved.sees('ACK')
    const again = await moved.seesRequest('INVITE')
    const waited = clock.now() - since
    if (mover === 'callee') t.ok(waited >= 2_100 && waited <= 4_050, `${waited} ms: the Call-ID is ours`)
    else t.ok(waited <= 2_050, `${waited} ms: the Call-ID is the caller’s`)
    t.match(bodyOf(again), mover === 'callee' ? /a=sendonly/ : /RTP\/AVP 18/)
    const codecs = mover === 'caller' ? ['18 G729/8000'] : moved.options.codecs
    moved.answersTo(again, 200, { headers: [['Contact', moved.contact]], sdp: moved.sdp({ codecs }) })
    await moved.sees('ACK')
    await alice.hangsUp()
    await bob.isHungUpOn()
    await nothingIsLeft(t)
  }
})

t.test('the call ends while our re-INVITE waits to be tried again', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await twoPhones(t, bothG729)
  await alice.calls('102')
  await bob.seesRequest('INVITE')
  bob.responds(183, { sdp: bob.sdp() })
  await alice.sees('183 INVITE')
  bob.answers({ sdp: bob.sdp({ codecs: ['18 G729/8000'] }) })
  await alice.talks()
  await bob.sees('ACK')
  alice.answersTo(await alice.seesRequest('INVITE'), 491)
  await bob.hangsUp()
  await alice.isHungUpOn()
  await clock.advance(5_000)
  t.notOk(alice.hasSeen('INVITE'))
  await nothingIsLeft(t)
})
