import t from 'tap'
import type { LimitEntry } from '../../src/dialplan/plan.ts'
import { forward, own, rule } from '../dialplan/plans.ts'
import { explained } from '../support/virtual/explained.ts'
import {
  ABROAD,
  allOut,
  brings,
  MAIN,
  OTHER_PROVIDER,
  OUT_THERE,
  type Outside,
  outside,
  PROVIDER,
  provider,
  trunkAt,
} from '../support/virtual/outside.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'

function limit(subject: string, given: Partial<LimitEntry>): LimitEntry {
  return { subject, calls: null, callsPerDay: null, minutesPerDay: null, night: null, ...given }
}

const PREMIUM = '09001234567'

async function answered(caller: VirtualPhone, called: VirtualPhone): Promise<void> {
  await called.rings()
  called.answers()
  await caller.talks()
  await called.sees('ACK')
}

async function talks({ alice, itsp, clock }: Outside, span: number): Promise<void> {
  await alice.calls(OUT_THERE)
  await answered(alice, itsp)
  await clock.advance(span)
  await alice.hangsUp()
  await itsp.isHungUpOn()
}

/** Both sides send a packet each 20 s, so that nobody takes the call for dead. */
async function talkingFor({ clock }: Outside, span: number, ...phones: VirtualPhone[]): Promise<void> {
  for (let at = 0; at < span; at += 20_000) {
    for (const phone of phones) phone.says(`${at}`)
    await clock.advance(Math.min(20_000, span - at))
  }
}

t.test('calls at once: one more is denied, says which cap in the record, and goes when one has ended', async (t) => {
  const all = await outside(t, { phoneNetwork: { limits: [limit('user:101', { calls: 1 })] } })
  const { alice, itsp, records, nothingIsLeft } = all
  await alice.calls(OUT_THERE)
  const first = alice.outgoing
  await answered(alice, itsp)
  const dialog = alice.dialog
  await alice.calls(OUT_THERE, { sees: '480 INVITE' })
  t.match((await records())[0], {
    ...{ outcome: 'denied', status: 480, reason: 'user:101 has 1 of 1 calls at once' },
    uses: [],
  })
  t.notOk(itsp.hasSeen('INVITE'))
  // Within the house there is no cap.
  await alice.calls('102', { sees: '480 INVITE' })
  t.match((await records())[0], { outcome: 'offline' })
  alice.outgoing = first
  alice.dialog = dialog
  await alice.hangsUp()
  await itsp.isHungUpOn()
  await talks(all, 1_000)
  await nothingIsLeft(t)
})

t.test('a cap for any: each user has its own count, and a user’s own cap wins', async (t) => {
  const all = await outside(t, {
    phoneNetwork: { limits: [limit('any', { calls: 1 }), limit('user:103', { calls: 2 })] },
  })
  const { alice, itsp, phone, nothingIsLeft } = all
  const bob = await phone('102')
  const carol = await phone('103')
  for (const [who, ...outcomes] of [
    [alice, '100', '480'],
    [bob, '100', '480'],
    [carol, '100', '100', '480'],
  ] as const) {
    for (const outcome of outcomes) {
      await who.calls(OUT_THERE, { sees: `${outcome} INVITE` })
      if (outcome === '100') await itsp.rings()
    }
  }
  for (const who of [alice, bob, carol]) who.cancels()
  await all.clock.advance(200_000)
  await nothingIsLeft(t)
})

t.test('calls a day: until midnight, and a restart forgets none', async (t) => {
  const all = await outside(t, {
    file: `${t.testdir()}/data.db`,
    phoneNetwork: { limits: [limit('user:101', { callsPerDay: 3 })] },
  })
  const { alice, itsp, records, restart, clock, nothingIsLeft } = all
  await talks(all, 1_000)
  await alice.calls(OUT_THERE)
  await itsp.rings()
  itsp.responds(486)
  await alice.sees('486 INVITE')
  await clock.advance(5_000)
  await restart()
  await clock.advance(1_000)
  await talks(all, 1_000)
  await alice.calls(OUT_THERE, { sees: '480 INVITE' })
  t.match((await records())[0], { outcome: 'denied', reason: 'user:101 has 3 of 3 calls a day' })
  // It is 09:00 UTC.
  await clock.advance(14 * 3_600_000)
  await alice.calls(OUT_THERE, { sees: '480 INVITE' })
  await clock.advance(3_600_000)
  await talks(all, 1_000)
  await nothingIsLeft(t)
})

t.test('a call that two trunks refuse, and the third takes, is one call of the day', async (t) => {
  const all = await outside(t, {
    phoneNetwork: {
      trunks: [trunkAt('one', PROVIDER), trunkAt('two', OTHER_PROVIDER)],
      limits: [limit('user:101', { callsPerDay: 1 })],
    },
  })
  const { alice, itsp, pbx, clock, nothingIsLeft } = all
  const second = await provider(all, { address: OTHER_PROVIDER })
  await clock.advance(10_000)
  await alice.calls(OUT_THERE)
  await itsp.seesRequest('INVITE')
  itsp.responds(503)
  await answered(alice, second)
  t.equal(pbx.usage.callsToday('user:101'), 1)
  t.equal(pbx.usage.callsUp('user:101'), 1)
  t.equal(pbx.usage.callsUp('trunk:one'), 0)
  await alice.hangsUp()
  await second.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('the minutes of a day: a call ends when they are used up, and there is no other until midnight', async (t) => {
  const all = await outside(t, {
    file: `${t.testdir()}/data.db`,
    phoneNetwork: { limits: [limit('user:101', { minutesPerDay: 3 })] },
  })
  const { alice, itsp, records, restart, clock, nothingIsLeft } = all
  await talks(all, 50_000)
  await clock.advance(1_000)
  await restart()
  await clock.advance(1_000)
  await alice.calls(OUT_THERE)
  await answered(alice, itsp)
  await talkingFor(all, 110_000, alice, itsp)
  t.notOk(alice.hasSeen('BYE'))
  await clock.advance(10_500)
  t.ok(alice.hasSeen('BYE'))
  await alice.isHungUpOn()
  await itsp.isHungUpOn()
  t.match((await records())[0], { endedBy: 'server', reason: 'the minutes of the day are used up' })
  await alice.calls(OUT_THERE, { sees: '480 INVITE' })
  t.match((await records())[0], { outcome: 'denied', reason: 'user:101 has 3 of 3 minutes a day' })
  await clock.advance(15 * 3_600_000)
  await talks(all, 1_000)
  await nothingIsLeft(t)
})

t.test('two calls at once use the minutes up twice as fast', async (t) => {
  const all = await outside(t, { phoneNetwork: { limits: [limit('user:101', { minutesPerDay: 4 })] } })
  const { alice, itsp, phone, clock, nothingIsLeft } = all
  const other = await phone('101')
  await alice.calls(OUT_THERE)
  await answered(alice, itsp)
  const first = itsp.dialog
  itsp.dialog = null
  await other.calls(ABROAD)
  await answered(other, itsp)
  t.ok(first)
  await talkingFor(all, 115_000, alice, other, itsp)
  t.notOk(alice.hasSeen('BYE'))
  await clock.advance(6_000)
  t.ok(alice.hasSeen('BYE'))
  await alice.isHungUpOn()
  await other.isHungUpOn()
  await itsp.isHungUpOn()
  await itsp.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a call over midnight goes on, on the minutes of the new day', async (t) => {
  const all = await outside(t, { phoneNetwork: { limits: [limit('user:101', { minutesPerDay: 5 })] } })
  const { alice, itsp, clock, nothingIsLeft } = all
  await clock.advance(15 * 3_600_000 - 120_000)
  await alice.calls(OUT_THERE)
  await answered(alice, itsp)
  await talkingFor(all, 5.5 * 60_000, alice, itsp)
  t.notOk(alice.hasSeen('BYE'), 'two minutes of the old day, and of the new')
  await talkingFor(all, 95_000, alice, itsp)
  t.ok(alice.hasSeen('BYE'))
  await alice.isHungUpOn()
  await itsp.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a cap of minutes that is set while they talk holds for them, too', async (t) => {
  const all = await outside(t)
  const { alice, itsp, changes, nothingIsLeft } = all
  await alice.calls(OUT_THERE)
  await answered(alice, itsp)
  await talkingFor(all, 90_000, alice, itsp)
  changes({ limits: [limit('any', { minutesPerDay: 3 })] })
  await talkingFor(all, 95_000, alice, itsp)
  t.ok(alice.hasSeen('BYE'))
  await alice.isHungUpOn()
  await itsp.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a trunk’s caps: the next trunk takes the call; where there is none, the caller hears so', async (t) => {
  const all = await outside(t, {
    phoneNetwork: {
      trunks: [trunkAt('one', PROVIDER), trunkAt('two', OTHER_PROVIDER)],
      limits: [limit('trunk:one', { calls: 1 }), limit('trunk:two', { calls: 1 })],
    },
  })
  const { alice, itsp, phone, records, nothingIsLeft } = all
  const second = await provider(all, { address: OTHER_PROVIDER })
  const bob = await phone('102')
  const carol = await phone('103')
  await alice.calls(OUT_THERE)
  await itsp.rings()
  await bob.calls(OUT_THERE)
  await second.rings()
  await carol.calls(OUT_THERE, { sees: '503 INVITE' })
  t.match((await records())[0], { outcome: 'denied', reason: 'trunk:two has 1 of 1 calls at once' })
  itsp.responds(486)
  await alice.sees('486 INVITE')
  second.responds(486)
  await bob.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('the night lock', async (t) => {
  const all = await outside(t, { phoneNetwork: { limits: [limit('any', { night: '22:00-06:00' })] } })
  const { alice, records, clock, nothingIsLeft } = all
  await talks(all, 1_000)
  await clock.advance(13 * 3_600_000)
  await alice.calls(OUT_THERE, { sees: '403 INVITE' })
  t.match((await records())[0], { outcome: 'denied', reason: 'night lock 22:00-06:00 of user:101' })
  await clock.advance(8 * 3_600_000)
  await talks(all, 1_000)
  await nothingIsLeft(t)
})

t.test('premium and international numbers: denied, in the record and in words', async (t) => {
  const all = await outside(t, { allow: ['internal', 'national'] })
  const { alice, itsp, records, nothingIsLeft } = all
  for (const [number, words] of [
    [ABROAD, 'international calls are not allowed to 101'],
    ['0033142685300', 'international calls are not allowed to 101'],
    [PREMIUM, 'premium calls are not allowed to 101'],
    ['+881612345678', 'premium calls are not allowed to 101'],
  ] as const) {
    await alice.calls(number, { sees: '403 INVITE' })
    t.match((await records())[0], { outcome: 'denied', status: 403, reason: words }, number)
    t.match(await explained(all), new RegExp(words))
  }
  t.notOk(itsp.hasSeen('INVITE'))
  await talks(all, 1_000)
  await nothingIsLeft(t)
})

t.test('what a rule makes of a number counts, not what was dialled', async (t) => {
  const { alice, itsp, records, nothingIsLeft } = await outside(t, {
    allow: ['internal', 'national'],
    phoneNetwork: {
      routes: [
        rule('prefix', '9.*', ['trunk:one'], { strip: 1 }),
        rule('trick', '5', ['trunk:one'], { number: PREMIUM }),
        allOut('one'),
      ],
    },
  })
  await alice.calls(`9${ABROAD}`, { sees: '403 INVITE' })
  await alice.calls(`900${ABROAD.slice(1)}`, { sees: '403 INVITE' })
  await alice.calls('5', { sees: '403 INVITE' })
  t.match((await records())[0], { reason: /premium/ })
  t.notOk(itsp.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('who is called by a user that sends its calls outside pays by that user’s caps', async (t) => {
  const all = await outside(t, {
    allow: ['internal', 'national'],
    phoneNetwork: {
      forwards: [forward('102', { always: `number:${ABROAD}` })],
      limits: [limit('user:102', { callsPerDay: 1 })],
    },
  })
  const { itsp, changes, records, nothingIsLeft } = all
  await brings(itsp, MAIN, { sees: '403 INVITE' })
  t.match((await records())[0], { outcome: 'denied', reason: 'international calls are not allowed to 102' })
  changes({ forwards: [forward('102', { always: `number:${OUT_THERE}` })] })
  await brings(itsp, MAIN)
  await itsp.rings()
  itsp.responds(486)
  await itsp.sees('486 INVITE')
  await brings(itsp, MAIN, { sees: '480 INVITE' })
  t.match((await records())[0], { outcome: 'denied', reason: 'user:102 has 1 of 1 calls a day' })
  await nothingIsLeft(t)
})

t.test('an alarm when a cap is near: an event of the call, in words', async (t) => {
  const all = await outside(t, { phoneNetwork: { limits: [limit('user:101', { callsPerDay: 5 })] } })
  const { alice, itsp, nothingIsLeft } = all
  for (let call = 1; call <= 5; call++) {
    await alice.calls(OUT_THERE)
    await itsp.rings()
    itsp.responds(486)
    await alice.sees('486 INVITE')
    const near = /A cap is nearly reached: user:101 has (\d) of 5 calls a day\./.exec(await explained(all))
    t.equal(near?.[1], call >= 4 ? String(call) : undefined, `after ${call}`)
  }
  await nothingIsLeft(t)
})

t.test('emergency calls: no rule, class, cap, night or own number stands in their way', async (t) => {
  const all = await outside(t, {
    allow: ['internal'],
    trunk: { maxCalls: 1, callsPerSecond: 1 },
    users: ['101', '102', '103', '112'],
    phoneNetwork: {
      routes: [rule('none', '.*', ['reject:403'])],
      limits: [
        limit('any', { calls: 0, callsPerDay: 0, minutesPerDay: 0, night: '00:00-24:00' }),
        limit('trunk:one', { calls: 0, callsPerDay: 0, minutesPerDay: 0, night: '00:00-24:00' }),
      ].map((entry) => ({ ...entry, night: '00:00-23:59' })),
    },
  })
  const { alice, itsp, phone, clock, nothingIsLeft } = all
  const bob = await phone('102')
  await alice.calls('112', { headers: [['Privacy', 'id']] })
  const invite = await itsp.seesRequest('INVITE')
  t.equal(invite.uri.kind === 'sip' && invite.uri.user, '112')
  t.equal(invite.from.uri.kind === 'sip' && invite.from.uri.user, '+4930123451', 'they can be called back')
  itsp.responds(180)
  itsp.answers()
  await alice.talks()
  await itsp.sees('ACK')
  // The trunk has no room, and is called too often; and a call for help goes out all the same.
  await bob.calls('110')
  await itsp.rings()
  itsp.responds(486)
  await bob.sees('486 INVITE')
  for (let minute = 0; minute < 3; minute++) {
    alice.says('help')
    itsp.says('help')
    await clock.advance(50_000)
  }
  t.notOk(alice.hasSeen('BYE'), 'no cap ends it')
  alice.asks('BYE')
  await itsp.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('an emergency call is tried over a trunk that counts as down, after those that are up', async (t) => {
  const all = await outside(t, {
    phoneNetwork: { trunks: [trunkAt('one', PROVIDER), trunkAt('two', OTHER_PROVIDER)] },
  })
  const { alice, itsp, clock, pbx, nothingIsLeft } = all
  itsp.automatic = ({ method }) => (method === 'OPTIONS' ? { status: 503 } : null)
  await clock.advance(60_000)
  const second = await provider(all, { address: OTHER_PROVIDER })
  await clock.advance(40_000)
  t.match(pbx.outside.trunks, [{ state: 'down' }, { state: 'up' }])
  await alice.calls('112')
  await second.seesRequest('INVITE')
  t.notOk(itsp.hasSeen('INVITE'))
  second.responds(503)
  await itsp.seesRequest('INVITE')
  itsp.responds(180)
  alice.cancels()
  await alice.sees('487 INVITE')
  itsp.answersTo(await itsp.seesRequest('CANCEL'), 200)
  itsp.responds(487)
  // What is no emergency waits until it is up.
  second.automatic = itsp.automatic
  await clock.advance(60_000)
  await alice.calls(OUT_THERE, { sees: '503 INVITE' })
  t.notOk(itsp.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('no trunk at all: an emergency call fails in words', async (t) => {
  const { alice, records, nothingIsLeft } = await outside(t, { phoneNetwork: { trunks: [], routes: [] } })
  await alice.calls('112', { sees: '503 INVITE' })
  t.match((await records())[0], { reason: /no trunk that could take an emergency call/ })
  await nothingIsLeft(t)
})

t.test('a number of ours is no way around the caps of who calls it', async (t) => {
  const { alice, itsp, records, nothingIsLeft } = await outside(t, {
    allow: ['internal'],
    phoneNetwork: { numbers: [own(MAIN, [`number:${OUT_THERE}`])] },
  })
  await alice.calls(OUT_THERE, { sees: '403 INVITE' })
  // It is the admin who sends the number there.
  await alice.calls(MAIN)
  await itsp.rings()
  itsp.responds(486)
  await alice.sees('486 INVITE')
  t.same((await records())[0]?.uses, [])
  await nothingIsLeft(t)
})
