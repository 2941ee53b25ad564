import t from 'tap'
import { showCall } from '../../src/api/calls.ts'
import { explainText } from '../../src/cli/callExplain.ts'
import { createResponse } from '../../src/sip/message/create.ts'
import { writeMessage } from '../../src/sip/message/write.ts'
import { contextOf, explained } from '../support/virtual/explained.ts'
import { bothRinging, talking, twoPhones } from '../support/virtual/people.ts'
import { world } from '../support/virtual/world.ts'

// `call explain`: what an admin reads of each kind of call.

process.env.TZ = 'UTC'

t.test('answered, and hung up by the one who was called', async (t) => {
  const all = await twoPhones(t)
  const { alice, bob, clock } = all
  await alice.calls('102', { headers: [['User-Agent', 'Yealink SIP-T46U']] })
  await bob.seesRequest('INVITE')
  await clock.advance(400)
  bob.responds(180)
  await clock.advance(4_100)
  bob.answers()
  await alice.talks()
  for (let packet = 0; packet < 5; packet++) {
    alice.says(`${packet}`)
    await bob.hears(`${packet}`)
    bob.says(`${packet}`)
    await alice.hears(`${packet}`)
    await clock.advance(20)
  }
  t.equal(
    await explained(all),
    `call ID  up, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called 102, from 10.0.0.11:5060 (Yealink SIP-T46U).
  09:00:00  +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00  +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00  +0.4 s  The phone of 102 rang.
  09:00:04  +4.5 s  The phone of 102 answered after 4.1 s of ringing.
  09:00:04  +4.6 s  It is up, 0.1 s after the answer.

  101 sent PCMU: 5 packets, none lost, jitter 0.9 ms.
  102 sent PCMU: 5 packets, none lost, jitter 0.9 ms.
`,
  )
  await clock.advance(45_000)
  bob.asks('BYE', { headers: [['Reason', 'Q.850;cause=16;text="Normal call clearing"']] })
  await alice.isHungUpOn()
  t.equal(
    await explained(all),
    `call ID  answered, 2026-01-05 09:00:00
  09:00:00   +0.0 s  101 called 102, from 10.0.0.11:5060 (Yealink SIP-T46U).
  09:00:00   +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00   +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00   +0.4 s  The phone of 102 rang.
  09:00:04   +4.5 s  The phone of 102 answered after 4.1 s of ringing.
  09:00:49  +49.6 s  102 hung up after 45 s of talk. The reason given: "Normal call clearing" (Q.850 16).

  101 sent PCMU: 5 packets, none lost, jitter 0.9 ms.
  The last that came from 101 came 45 s before the end.
  102 sent PCMU: 5 packets, none lost, jitter 0.9 ms.
  The last that came from 102 came 45 s before the end.
`,
  )
})

t.test('the caller gives up', async (t) => {
  const all = await twoPhones(t)
  const { alice, bob, clock } = all
  await alice.calls('102')
  await bob.rings()
  await clock.advance(12_000)
  t.equal(
    await explained(all),
    `call ID  ringing, 2026-01-05 09:00:00
  09:00:00   +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00   +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00   +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00   +0.0 s  The phone of 102 rang.
  09:00:12  +12.0 s  It has been ringing for 12 s.
`,
  )
  alice.cancels()
  await alice.sees('487 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  t.equal(
    await explained(all),
    `call ID  cancelled, 2026-01-05 09:00:00
  09:00:00   +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00   +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00   +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00   +0.0 s  The phone of 102 rang.
  09:00:12  +12.0 s  The phone of 102 was told to stop after 12 s of ringing.
  09:00:12  +12.0 s  101 gave up (487 Request Terminated).
`,
  )
})

t.test('a caller that never acknowledges what it is told reliably', async (t) => {
  const all = await twoPhones(t)
  const { alice, bob } = all
  await alice.calls('102', { headers: [['Require', '100rel']] })
  await bob.rings()
  await alice.sees('504 INVITE', 40_000)
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  t.equal(
    await explained(all),
    `call ID  failed, 2026-01-05 09:00:00
  09:00:00   +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00   +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00   +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00   +0.0 s  The phone of 102 rang.
  09:00:32  +32.0 s  The phone of 102 was told to stop after 32 s of ringing.
  09:00:32  +32.0 s  The call failed: 101 never acknowledged a provisional response (no PRACK came). 101 was told: 504 Server Time-out.
`,
  )
})

t.test('a caller that cannot be reached any more is told nothing', async (t) => {
  const all = await world(t)
  const alice = await all.phone('101', { transport: 'tcp' })
  const bob = await all.phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.seesRequest('INVITE')
  alice.disconnects()
  await all.clock.advance(1_000)
  bob.responds(180)
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  t.equal(
    await explained(all),
    `call ID  failed, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called 102, from 10.0.0.11:40000.
  09:00:00  +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00  +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:01  +1.0 s  The phone of 102 rang.
  09:00:01  +1.0 s  The phone of 102 was told to stop after 0.0 s of ringing.
  09:00:01  +1.0 s  The call failed: 101 could not be reached any more.
`,
  )
})

t.test('busy, in the phone’s own words', async (t) => {
  const all = await twoPhones(t)
  const { alice, bob, clock } = all
  await alice.calls('102')
  const invite = await bob.rings()
  await clock.advance(1_500)
  const text = createResponse(invite, 486, { reason: 'Do Not \u001b[31mDisturb', toTag: 'bob' })
  bob.sendBytes(writeMessage(text))
  await alice.sees('486 INVITE')
  t.equal(
    await explained(all),
    `call ID  busy, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00  +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00  +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00  +0.0 s  The phone of 102 rang.
  09:00:01  +1.5 s  The phone of 102 was busy (486 "Do Not  [31mDisturb") after 1.5 s of ringing.
  09:00:01  +1.5 s  The call failed: the phone was busy. 101 was told: 486 Busy Here.
`,
  )
})

t.test('nobody answers', async (t) => {
  const all = await twoPhones(t)
  await all.alice.calls('102')
  await all.bob.rings()
  await all.alice.sees('480 INVITE', 61_000)
  t.equal(
    await explained(all),
    `call ID  no-answer, 2026-01-05 09:00:00
  09:00:00   +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00   +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00   +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00   +0.0 s  The phone of 102 rang.
  09:01:00  +60.0 s  The phone of 102 was told to stop after 1 min of ringing.
  09:01:00  +60.0 s  The call failed: nobody answered. 101 was told: 480 Temporarily Unavailable.
`,
  )
})

t.test('offline: no phone is registered, or it gives no sign of life', async (t) => {
  const all = await twoPhones(t)
  await all.alice.calls('103', { sees: '480 INVITE' })
  t.equal(
    await explained(all),
    `call ID  offline, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called 103.
  09:00:00  +0.0 s  The dial plan (rule "users") rings the phones of 103.
  09:00:00  +0.0 s  The call failed: no phone of 103 is registered. 101 was told: 480 Temporarily Unavailable.
`,
  )
  await all.alice.calls('102')
  await all.clock.advance(5_500)
  t.equal(
    await explained(all),
    `call ID  offline, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00  +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00  +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:05  +5.0 s  The phone of 102 gave no sign of life, so it counts as off.
  09:00:05  +5.0 s  The call failed: no phone of the user could be reached. 101 was told: 480 Temporarily Unavailable.
`,
  )
})

t.test('no such number', async (t) => {
  const all = await twoPhones(t)
  await all.alice.calls('999', { sees: '404 INVITE' })
  t.equal(
    await explained(all),
    `call ID  not-found, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called 999.
  09:00:00  +0.0 s  The dial plan (rule "end of the plan") has nobody for 999, dialled by 101.
  09:00:00  +0.0 s  The call failed: nobody here has the number 999. 101 was told: 404 Not Found.
`,
  )
})

t.test('no codec in common: the phone says so, or its answer cannot be used', async (t) => {
  const all = await twoPhones(t)
  await all.alice.calls('102')
  await all.bob.seesRequest('INVITE')
  all.bob.responds(488)
  await all.alice.sees('488 INVITE')
  t.equal(
    await explained(all),
    `call ID  failed, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00  +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00  +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00  +0.0 s  The phone of 102 had no codec in common with the caller (488 Not Acceptable Here).
  09:00:00  +0.0 s  The call failed: the phones have no codec in common. 101 was told: 488 Not Acceptable Here.
`,
  )
  await all.alice.calls('102')
  await all.bob.rings()
  all.bob.answers({ sdp: all.bob.sdp({ codecs: ['97 iLBC/8000'] }) })
  await all.alice.sees('488 INVITE')
  t.equal(
    await explained(all),
    `call ID  failed, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00  +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00  +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00  +0.0 s  The phone of 102 rang.
  09:00:00  +0.0 s  The phone of 102 answered after 0.0 s of ringing.
  09:00:00  +0.0 s  The call failed: the answer of 102 could not be used: The answer has no codec of the offer. 101 was told: 488 Not Acceptable Here.
`,
  )
})

t.test('the server is stopped, or an admin hangs up', async (t) => {
  const stopped = await talking(t)
  await stopped.clock.advance(30_000)
  stopped.pbx.close()
  t.equal(
    await explained(stopped),
    `call ID  answered, 2026-01-05 09:00:00
  09:00:00   +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00   +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00   +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00   +0.0 s  The phone of 102 rang.
  09:00:00   +0.0 s  The phone of 102 answered after 0.0 s of ringing.
  09:00:30  +30.0 s  The server ended the call (the server was stopped) after 30 s of talk.

  No audio came from 101: 102 heard nothing.
  No audio came from 102: 101 heard nothing.
`,
  )
  const hungUp = await talking(t)
  const { live } = contextOf(hungUp)
  await live?.hangUp(live.calls()[0]?.id ?? '')
  t.match(await explained(hungUp), /An admin hung up after 0\.0 s of talk\.\n/)
})

t.test('several phones: one refuses, one answers, one is told to stop', async (t) => {
  const all = await bothRinging(t)
  const { alice, desk, kitchen, clock } = all
  await clock.advance(2_000)
  desk.responds(480)
  await clock.advance(1_000)
  kitchen.answers()
  await alice.talks()
  await clock.advance(2_500)
  await alice.hangsUp()
  t.equal(
    await explained(all),
    `call ID  answered, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00  +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00  +0.0 s  Phone 1 of 102 was called, at 10.0.0.12:5060.
  09:00:00  +0.0 s  Phone 2 of 102 was called, at 10.0.0.13:5060.
  09:00:00  +0.0 s  Phone 1 of 102 rang.
  09:00:00  +0.0 s  Phone 2 of 102 rang.
  09:00:02  +2.0 s  Phone 1 of 102 was not available (480 Temporarily Unavailable) after 2.0 s of ringing.
  09:00:03  +3.0 s  Phone 2 of 102 answered after 3.0 s of ringing.
  09:00:05  +5.5 s  101 hung up after 2.5 s of talk.

  No audio came from 101: 102 heard nothing.
  No audio came from 102: 101 heard nothing.
`,
  )
  await desk.registers()
  await alice.calls('102')
  await kitchen.rings()
  await desk.rings()
  await clock.advance(3_000)
  kitchen.answers()
  await alice.talks()
  t.equal(
    await explained(all),
    `call ID  up, 2026-01-05 09:00:05
  09:00:05  +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:05  +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:05  +0.0 s  Phone 1 of 102 was called, at 10.0.0.13:5060.
  09:00:05  +0.0 s  Phone 2 of 102 was called, at 10.0.0.12:5060.
  09:00:05  +0.0 s  Phone 1 of 102 rang.
  09:00:05  +0.0 s  Phone 2 of 102 rang.
  09:00:08  +3.0 s  Phone 1 of 102 answered after 3.0 s of ringing.
  09:00:08  +3.0 s  Phone 2 of 102 was told to stop after 3.0 s of ringing.
  09:00:08  +3.0 s  It is up, 0.0 s after the answer.
`,
  )
})

t.test('hold, and what was not let', async (t) => {
  const all = await talking(t)
  const { alice, bob, clock } = all
  await clock.advance(5_000)
  const hold = async (lines: readonly string[], answered: readonly string[]): Promise<void> => {
    alice.asks('INVITE', { sdp: alice.sdp({ lines }) })
    await bob.seesRequest('INVITE')
    bob.answers({ sdp: bob.sdp({ lines: answered }) })
    alice.acknowledges(await alice.seesResponse('200 INVITE'))
    await bob.sees('ACK')
  }
  await hold(['a=sendonly'], ['a=recvonly'])
  await clock.advance(20_000)
  await hold(['a=sendrecv'], ['a=sendrecv'])
  await clock.advance(3_000)
  alice.asks('INVITE', { sdp: alice.sdp() })
  await bob.seesRequest('INVITE')
  bob.responds(488)
  await alice.sees('488 INVITE')
  await alice.hangsUp()
  t.equal(
    await explained(all),
    `call ID  answered, 2026-01-05 09:00:00
  09:00:00   +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00   +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00   +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00   +0.0 s  The phone of 102 rang.
  09:00:00   +0.0 s  The phone of 102 answered after 0.0 s of ringing.
  09:00:05   +5.0 s  101 put the call on hold.
  09:00:25  +25.0 s  101 took the call back from hold.
  09:00:28  +28.0 s  101 wanted to change the audio and was not let (488 Not Acceptable Here).
  09:00:28  +28.0 s  101 hung up after 28 s of talk.

  No audio came from 101: 102 heard nothing. The call was on hold for some of the time.
  No audio came from 102: 101 heard nothing. The call was on hold for some of the time.
`,
  )
})

t.test('a phone forwards the call, or tries to', async (t) => {
  const all = await twoPhones(t)
  const { alice, bob } = all
  const carol = await all.phone('103')
  await carol.registers()
  await alice.calls('102')
  const invite = await bob.rings()
  bob.answersTo(invite, 302, { headers: [['Contact', '<sip:103@10.0.0.1>;q=0.7, <sip:900@premium.example>']] })
  await carol.rings()
  carol.responds(603)
  await alice.sees('603 INVITE')
  t.equal(
    await explained(all),
    `call ID  rejected, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called 102, from 10.0.0.11:5060.
  09:00:00  +0.0 s  The dial plan (rule "users") rings the phones of 102.
  09:00:00  +0.0 s  The phone of 102 was called, at 10.0.0.12:5060.
  09:00:00  +0.0 s  The phone of 102 rang.
  09:00:00  +0.0 s  The phone of 102 pointed elsewhere (302 Moved Temporarily) after 0.0 s of ringing.
  09:00:00  +0.0 s  The phone of 102 forwards the call to 103. It points to sip:900@premium.example, which is not this server, and is not followed.
  09:00:00  +0.0 s  The dial plan (rule "users") rings the phones of 103.
  09:00:00  +0.0 s  The phone of 103 was called, at 10.0.0.13:5060.
  09:00:00  +0.0 s  The phone of 103 rang.
  09:00:00  +0.0 s  The phone of 103 declined (603 Decline) after 0.0 s of ringing.
  09:00:00  +0.0 s  The call failed: the phone refused with 603. 101 was told: 603 Decline.
`,
  )
})

t.test('the echo test', async (t) => {
  const all = await world(t)
  const alice = await all.phone('101')
  await alice.calls('*43')
  await alice.talks()
  alice.says('hello')
  await alice.hears('hello')
  await all.clock.advance(10)
  await alice.hangsUp()
  t.equal(
    await explained(all),
    `call ID  answered, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 called *43, from 10.0.0.11:5060.
  09:00:00  +0.0 s  The dial plan (rule "built-in numbers") has the server itself answer *43: echo.
  09:00:00  +0.0 s  The server answered.
  09:00:00  +0.0 s  101 hung up after 0.0 s of talk.

  101 sent PCMU: 1 packet, none lost.
`,
  )
})

t.test('what happens too often is counted, not kept', async (t) => {
  const all = await talking(t)
  const { alice, bob, clock } = all
  for (let time = 0; time < 205; time++) {
    alice.asks('INVITE', { sdp: alice.sdp() })
    await bob.seesRequest('INVITE')
    bob.responds(488)
    await alice.sees('488 INVITE')
    await clock.advance(10)
  }
  await alice.hangsUp()
  const [record] = await all.records()
  t.equal(record?.events.length, 202)
  t.match(record?.events.slice(-2), [
    { type: 'omitted', count: 9 },
    { type: 'ended', by: 'caller' },
  ])
  t.match(await explained(all), /9 more things happened that were not kept\.\n.*101 hung up after/)
})

t.test('a record of before events were kept', async (t) => {
  const all = await talking(t)
  await all.alice.hangsUp()
  const [record] = await all.records()
  if (!record) throw new Error('no record')
  all.store.callRecords.append({ ...record, id: 'older', events: [] })
  await all.clock.advance(0)
  t.match(
    explainText(await showCall(contextOf(all), 'older'), 0),
    /101 called 102, .*\n.* It ended: 101 hung up \(200\)\.\n/,
  )
})

t.test('between two browsers that talk without the server', async (t) => {
  const all = await world(t)
  for (const user of ['101', '102']) all.store.users.set(user, { media: 'direct' })
  const browser = { transport: 'wss', tellsAddress: true } as const
  const [alice, bob] = [await all.phone('101', browser), await all.phone('102', browser)]
  await bob.registers()
  await alice.reaches(bob)
  const live = contextOf(all).live
  const [call] = live?.calls() ?? []
  t.match(await live?.call(call?.id ?? ''), { state: 'up', legs: [{ way: 'direct', stats: null }, { way: 'direct' }] })
  t.same(
    (await showCall(contextOf(all), call?.id ?? '')).legs.map(({ chain }) => chain),
    ['direct', 'direct'],
  )
  const told = /from browser to browser, as both users may \(media: direct\), so nothing is known of it here\.\n$/
  t.match(await explained(all), told)
  await alice.hangsUp()
  await bob.isHungUpOn()
  t.match(await explained(all), told)
  await all.nothingIsLeft(t)
})
