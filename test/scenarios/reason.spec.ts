import t from 'tap'
import { createLive } from '../../src/live.ts'
import { PortPool } from '../../src/rtp/ports/ports.ts'
import type { SipMessage } from '../../src/sip/message/message.ts'
import { bothRinging, talking, twoPhones } from '../support/virtual/people.ts'

// Who hangs up, and why, on both legs: RFC 3326, and RFC 6432 in answers.

function reasonIn(message: SipMessage): string | null {
  return message.headers.all('reason').join(' | ') || null
}

t.test('the Reason of a BYE reaches the other side, written anew', async (t) => {
  for (const [said, told] of [
    ['SIP;cause=480;text="gone"', 'SIP;cause=480;text="gone", Q.850;cause=18;text="gone"'],
    ['Q.850 ;cause=16 ;text="Normal call clearing"', 'Q.850;cause=16;text="Normal call clearing"'],
    ['Q.850;cause=34, SIP;cause=503;x=y', 'Q.850;cause=34, SIP;cause=503'],
    ['SIP;cause=nonsense', null],
    ['X.509;cause=1;text="evil"', null],
    [`SIP;cause=500;text="${'x'.repeat(4000)}"`, /^SIP;cause=500;text="x{100}", Q.850;cause=41;text="x{100}"$/],
    [null, null],
  ] as const) {
    const { alice, bob, nothingIsLeft } = await talking(t)
    bob.asks('BYE', { headers: said === null ? [] : [['Reason', said]] })
    const bye = await alice.isHungUpOn()
    if (told === null) t.equal(reasonIn(bye), null, String(said))
    else t.match(reasonIn(bye), told)
    await nothingIsLeft(t)
  }
})

t.test('the Reason of a CANCEL reaches the phone that rings', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  for (const [said, told] of [
    [
      'SIP;cause=200;text="Call completed elsewhere"',
      /^SIP;cause=200;text="Call completed elsewhere", Q.850;cause=26;/,
    ],
    [null, null],
  ] as const) {
    await alice.calls('102')
    await bob.rings()
    alice.cancels(said === null ? [] : [['Reason', said]])
    await alice.sees('487 INVITE')
    const cancel = await bob.seesRequest('CANCEL')
    if (told === null) t.equal(reasonIn(cancel), null, 'a caller that gives up leaves a missed call')
    else t.match(reasonIn(cancel), told)
    bob.answersTo(cancel, 200)
    bob.responds(487)
  }
  await nothingIsLeft(t)
})

t.test('a caller that ends the early dialog with BYE is heard too', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  const ringing = await alice.seesResponse('180 INVITE')
  alice.send('BYE', 'sip:102@10.0.0.1', {
    ...{ callId: ringing.callId, from: ringing.from.text, to: ringing.to.text },
    headers: [['Reason', 'Q.850;cause=31']],
  })
  await alice.sees('487 INVITE')
  const cancel = await bob.seesRequest('CANCEL')
  t.equal(reasonIn(cancel), 'Q.850;cause=31, SIP;cause=480')
  bob.answersTo(cancel, 200)
  bob.responds(487)
  await nothingIsLeft(t)
})

t.test('nobody answers: the phone hears why it stops, the caller the cause beside its 480', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  const refusal = await alice.seesResponse('480 INVITE', 61_000)
  t.equal(reasonIn(refusal), 'Q.850;cause=19;text="nobody answered"')
  const cancel = await bob.seesRequest('CANCEL')
  t.equal(reasonIn(cancel), 'SIP;cause=480;text="nobody answered", Q.850;cause=19;text="nobody answered"')
  bob.answersTo(cancel, 200)
  bob.responds(487)
  await nothingIsLeft(t)
})

t.test('one phone declines for all (6xx): the others hear it', async (t) => {
  const { alice, desk, kitchen, nothingIsLeft } = await bothRinging(t)
  desk.responds(603)
  await alice.sees('603 INVITE')
  const cancel = await kitchen.seesRequest('CANCEL')
  t.equal(reasonIn(cancel), 'SIP;cause=603;text="Decline", Q.850;cause=21;text="Decline"')
  kitchen.answersTo(cancel, 200)
  kitchen.responds(487)
  await nothingIsLeft(t)
})

t.test('the admin hangs up: normal clearing; the server is stopped: a failure', async (t) => {
  const hungUp = await talking(t)
  const { clock, pbx, engine } = hungUp
  const ports = PortPool.create(10000, 10003)
  const live = createLive({ clock, pbx, engine, ports, mediaThreads: 1, domains: [], web: null })
  await live.hangUp(live.calls()[0]?.id ?? '')
  for (const phone of [hungUp.alice, hungUp.bob]) {
    const bye = await phone.isHungUpOn()
    t.match(reasonIn(bye), 'SIP;cause=200;text="hung up by the admin", Q.850;cause=16;')
  }
  await hungUp.nothingIsLeft(t)
  const stopped = await talking(t)
  await stopped.clock.advance(10)
  stopped.pbx.close()
  for (const phone of [stopped.alice, stopped.bob]) {
    t.match(reasonIn(await phone.seesRequest('BYE')), 'SIP;cause=503;text="the server was stopped", Q.850;cause=41;')
  }
})

t.test('the cause that a gateway gives with its refusal reaches the caller', async (t) => {
  const { alice, bob, nothingIsLeft } = await twoPhones(t)
  for (const [said, told] of [
    ['Q.850;cause=34;text="no circuit"', 'Q.850;cause=34;text="no circuit"'],
    ['SIP;cause=200', /^Q.850;cause=17/],
    ['Q.850;cause=900', /^Q.850;cause=17/],
  ] as const) {
    await alice.calls('102')
    await bob.rings()
    bob.responds(486, { headers: [['Reason', said]] })
    t.match(reasonIn(await alice.seesResponse('486 INVITE')), told)
  }
  await nothingIsLeft(t)
})
