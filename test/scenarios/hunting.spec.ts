import t, { type Test } from 'tap'
import type { PhoneNetwork } from '../../src/api/plan/network.ts'
import { forward, group, own, part, rule } from '../dialplan/plans.ts'
import { explained } from '../support/virtual/explained.ts'
import { brings, MAIN, OUT_THERE, type Outside, outside } from '../support/virtual/outside.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { pracks, ringsReliably } from '../support/virtual/reliable.ts'

const USERS = ['101', '102', '103', '104', '105']

interface House extends Outside {
  of(user: string): VirtualPhone
}

/** Five users with a phone each, of which those named are registered. */
async function house(
  t: Test,
  phoneNetwork: Partial<PhoneNetwork>,
  registered: readonly string[] = USERS,
): Promise<House> {
  const all = await outside(t, { users: USERS, phoneNetwork })
  const phones = new Map<string, VirtualPhone>([['101', all.alice]])
  for (const user of USERS.slice(1)) phones.set(user, await all.phone(user))
  for (const user of registered) await phones.get(user)?.registers()
  return Object.assign(all, {
    of(user: string) {
      const phone = phones.get(user)
      if (!phone) throw new Error(`nobody is called ${user}`)
      return phone
    },
  })
}

/** It is told to stop, and does. */
async function stops(phone: VirtualPhone): Promise<void> {
  phone.answersTo(await phone.seesRequest('CANCEL'), 200)
  phone.responds(487)
}

async function talk(caller: VirtualPhone, called: VirtualPhone): Promise<void> {
  called.answers()
  await caller.talks()
  await called.sees('ACK')
  caller.says('hello')
  await called.hears('hello')
  called.says('good day')
  await caller.hears('good day')
  await caller.hangsUp()
  await called.isHungUpOn()
}

t.test('always: the user’s own phone stays silent', async (t) => {
  const { of, records, nothingIsLeft } = await house(t, { forwards: [forward('102', { always: 'user:103' })] })
  await of('101').calls('102')
  await of('103').rings()
  await talk(of('101'), of('103'))
  t.notOk(of('102').hasSeen('INVITE'))
  t.match((await records())[0], { to: '102', answeredBy: '103' })
  await nothingIsLeft(t)
})

t.test('busy, by 486, 600 and 603; and do not disturb', async (t) => {
  const { of, changes, nothingIsLeft } = await house(t, { forwards: [forward('102', { busy: 'user:103' })] })
  for (const status of [486, 600, 603]) {
    await of('101').calls('102')
    await of('102').rings()
    of('102').responds(status)
    await of('103').rings()
    await talk(of('101'), of('103'))
  }
  changes({ forwards: [forward('102', { busy: 'user:103', dnd: true })] })
  await of('101').calls('102')
  await of('103').rings()
  await talk(of('101'), of('103'))
  t.notOk(of('102').hasSeen('INVITE'))
  changes({ forwards: [forward('102', { dnd: true })] })
  await of('101').calls('102', { sees: '486 INVITE' })
  await nothingIsLeft(t)
})

t.test('no answer: after the user’s own time, then the colleague rings for the server’s', async (t) => {
  const all = await house(t, { forwards: [forward('102', { noAnswer: 'user:103', after: 12 })] })
  const { of, clock, records, nothingIsLeft } = all
  await of('101').calls('102')
  await of('102').rings()
  await clock.advance(11_900)
  t.notOk(of('103').hasSeen('INVITE'))
  await clock.advance(200)
  await stops(of('102'))
  await of('103').rings()
  await clock.advance(59_000)
  t.notOk(of('103').hasSeen('CANCEL'))
  await of('101').sees('480 INVITE')
  await stops(of('103'))
  t.match((await records())[0], { outcome: 'no-answer' })
  t.match(await explained(all), /Nobody answered, so the call goes on to 103 \(rule "forward 102"\)/)
  await nothingIsLeft(t)
})

t.test('offline: no phone registered, or one that is gone', async (t) => {
  const { of, clock, nothingIsLeft } = await house(t, { forwards: [forward('102', { offline: 'user:103' })] }, ['103'])
  await of('101').calls('102')
  await of('103').rings()
  await talk(of('101'), of('103'))
  await of('102').registers()
  of('102').close()
  const since = clock.now()
  await of('101').calls('102')
  await of('103').rings()
  t.ok(clock.now() - since < 1_000)
  await talk(of('101'), of('103'))
  await nothingIsLeft(t)
})

t.test('offline to the outside, where nobody is left in the house', async (t) => {
  const { of, itsp, nothingIsLeft } = await house(
    t,
    { forwards: [forward('102', { offline: `number:${OUT_THERE}` })] },
    [],
  )
  await of('101').calls('102')
  await itsp.rings()
  await talk(of('101'), itsp)
  await nothingIsLeft(t)
})

t.test('a chain of colleagues, each for another cause', async (t) => {
  const all = await house(
    t,
    {
      forwards: [
        forward('102', { busy: 'user:103' }),
        forward('103', { noAnswer: 'user:104', after: 5 }),
        forward('104', { offline: 'user:105' }),
      ],
    },
    ['102', '103', '105'],
  )
  const { of, records, nothingIsLeft } = all
  await of('101').calls('102')
  await of('102').rings()
  of('102').responds(486)
  await of('103').rings()
  await stops(of('103'))
  await of('105').rings()
  await talk(of('101'), of('105'))
  t.match((await records())[0], { to: '102', answeredBy: '105', legs: [{ user: '101' }, { user: '105' }] })
  await nothingIsLeft(t)
})

t.test('a circle that no one saw when the plan was made: the caller hears of it, and nobody rings twice', async (t) => {
  const who = part('who')
  const all = await house(t, {
    routes: [rule('by digits', '0305(?P<who>\\d{3})', [`user:${who}`])],
    forwards: [forward('102', { busy: 'number:0305103' }), forward('103', { always: 'number:0305102' })],
  })
  const { of, records, nothingIsLeft } = all
  await of('101').calls('103')
  await of('102').rings()
  of('102').responds(486)
  const refusal = await of('101').seesResponse('482 INVITE')
  t.ok(refusal)
  t.match((await records())[0], { reason: /circle/ })
  for (const user of ['102', '103']) t.notOk(of(user).hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test('a group together: one answers, the others are told that somebody has', async (t) => {
  const { of, nothingIsLeft } = await house(t, { groups: [group('sales', ['102', '103', '104'])] }, ['102', '103'])
  await of('101').calls('sales')
  await of('102').rings()
  await of('103').rings()
  of('103').answers()
  await of('101').talks()
  await of('103').sees('ACK')
  t.match((await of('102').seesRequest('CANCEL')).headers.first('reason'), /SIP;cause=200/)
  of('102').responds(487)
  await of('101').hangsUp()
  await of('103').isHungUpOn()
  await nothingIsLeft(t)
})

t.test(
  'in turn: each for its step, those who are off are passed over, and the caller is not rung itself',
  async (t) => {
    const all = await house(
      t,
      { groups: [group('sales', ['101', '102', '103', '104'], { order: 'in-turn', step: 10 })] },
      ['101', '102', '104'],
    )
    const { of, clock, records, nothingIsLeft } = all
    await of('101').calls('sales')
    await of('102').rings()
    await clock.advance(9_900)
    t.notOk(of('104').hasSeen('INVITE'))
    await stops(of('102'))
    await of('104').rings()
    await stops(of('104'))
    await of('101').sees('480 INVITE')
    t.notOk(of('101').hasSeen('INVITE'))
    t.match((await records())[0], { outcome: 'no-answer' })
    await nothingIsLeft(t)
  },
)

t.test('an answer that crosses the end of a member’s step is hung up, and the next one talks', async (t) => {
  const { of, clock, nothingIsLeft } = await house(t, {
    groups: [group('sales', ['102', '103'], { order: 'in-turn', step: 10 })],
  })
  await of('101').calls('sales')
  await of('102').rings()
  await clock.advance(9_999)
  of('102').answers()
  await of('102').sees('CANCEL')
  await of('102')
    .sees('ACK')
    .catch(() => t.fail('it is not acknowledged'))
  await of('102').isHungUpOn()
  await of('103').rings()
  await talk(of('101'), of('103'))
  await nothingIsLeft(t)
})

t.test('longest idle: who talked last comes last, and who talks now is not the one who waits', async (t) => {
  const { of, itsp, clock, phone, nothingIsLeft } = await house(t, {
    groups: [group('sales', ['102', '103', '104'], { order: 'longest-idle', step: 10 })],
    numbers: [own(MAIN, ['group:sales'])],
  })
  for (const user of ['102', '103', '104']) {
    await of('101').calls('sales')
    await of(user).rings()
    await talk(of('101'), of(user))
    await clock.advance(1_000)
  }
  await of('101').calls('sales')
  await of('102').rings()
  of('102').answers()
  await of('101').talks()
  await of('102').sees('ACK')
  await clock.advance(1_000)
  await brings(itsp, MAIN)
  await of('103').rings()
  t.notOk(of('102').hasSeen('INVITE'))
  of('103').responds(486)
  await of('104').rings()
  of('104').responds(486)
  // It is on the phone since before all the others were.
  await of('102').rings()
  of('102').responds(486)
  await itsp.sees('486 INVITE').catch(() => itsp.sees('480 INVITE'))
  await of('101').hangsUp()
  await of('102').isHungUpOn()
  t.ok(phone)
  await nothingIsLeft(t)
})

t.test('who is called out by an own call is not idle either', async (t) => {
  const { of, itsp, clock, nothingIsLeft } = await house(t, {
    groups: [group('sales', ['102', '103'], { order: 'longest-idle', step: 10 })],
    numbers: [own(MAIN, ['group:sales'])],
  })
  await of('102').calls(OUT_THERE)
  await itsp.rings()
  await talk(of('102'), itsp)
  await clock.advance(1_000)
  await brings(itsp, MAIN)
  await of('103').rings()
  t.notOk(of('102').hasSeen('INVITE'))
  await talk(itsp, of('103'))
  await nothingIsLeft(t)
})

for (const early of [false, true]) {
  t.test(`an app after nobody answered${early ? ', and after early media of a phone' : ''}`, async (t) => {
    const { of, clock, records, nothingIsLeft } = await house(t, {
      numbers: [own(MAIN, ['user:102'], { after: 5, noAnswer: 'app:tone', busy: 'app:tone' })],
    })
    await of('101').calls(MAIN)
    await of('102').seesRequest('INVITE')
    of('102').responds(early ? 183 : 180, { sdp: early ? of('102').sdp() : null })
    const progress = await of('101').seesResponse(`${early ? 183 : 180} INVITE`)
    await stops(of('102'))
    const answer = await of('101').talks()
    if (early) t.equal(String(answer.body), String(progress.body), 'what the caller was told stands')
    const since = of('101').audio.heard.length
    await clock.advance(2_000)
    t.ok(of('101').audio.heard.length - since > 90, 'the tone is heard')
    await of('101').hangsUp()
    t.match((await records())[0], { answeredBy: 'tone', outcome: 'answered', legs: [{ user: '101' }] })
    await nothingIsLeft(t)
  })
}

t.test('an app after nobody answered a caller without an offer', async (t) => {
  const { of, clock, nothingIsLeft } = await house(t, {
    numbers: [own(MAIN, ['user:102'], { after: 5, noAnswer: 'app:tone' })],
  })
  await of('101').calls(MAIN, { sdp: null })
  t.equal((await of('102').rings()).body.length, 0)
  await stops(of('102'))
  await of('101').talks({ sdp: of('101').sdp() })
  await clock.advance(1_000)
  t.ok(of('101').audio.heard.length > 40)
  await of('101').hangsUp()
  await nothingIsLeft(t)
})

t.test('an app for a trunk’s caller after a group; the caller hangs up, and the app ends by itself', async (t) => {
  const { of, itsp, nothingIsLeft } = await house(t, {
    groups: [group('sales', ['102', '103'], { order: 'in-turn', step: 5 })],
    numbers: [own(MAIN, ['group:sales'], { noAnswer: 'app:tone' })],
  })
  for (const hangsUp of [true, false]) {
    await brings(itsp, MAIN)
    await of('102').rings()
    await stops(of('102'))
    await of('103').rings()
    await stops(of('103'))
    await itsp.talks()
    if (hangsUp) await itsp.hangsUp()
    else await itsp.isHungUpOn()
  }
  await nothingIsLeft(t)
})

t.test('a caller without an offer goes from phone to phone', async (t) => {
  const { of, nothingIsLeft } = await house(t, {
    groups: [group('sales', ['102', '103'], { order: 'in-turn', step: 5 })],
  })
  await of('101').calls('sales', { sdp: null })
  await of('102').rings()
  await stops(of('102'))
  const invite = await of('103').rings()
  t.equal(invite.body.length, 0)
  of('103').answers()
  await of('101').talks({ sdp: of('101').sdp() })
  await of('103').sees('ACK')
  of('101').says('hello')
  await of('103').hears('hello')
  await of('101').hangsUp()
  await of('103').isHungUpOn()
  await nothingIsLeft(t)
})

t.test('early media of one phone, then the next: reliable, and not', async (t) => {
  for (const reliably of [false, true]) {
    const { of, nothingIsLeft } = await house(t, {
      groups: [group('sales', ['102', '103'], { order: 'in-turn', step: 5 })],
    })
    await of('101').calls('sales', reliably ? { headers: [['Supported', '100rel']] } : {})
    await of('102').seesRequest('INVITE')
    if (reliably) ringsReliably(of('102'), 183, 1, of('102').sdp())
    else of('102').responds(183, { sdp: of('102').sdp() })
    const progress = await of('101').seesResponse('183 INVITE')
    if (reliably) {
      pracks(of('101'), progress)
      await of('101').sees('200 PRACK')
      of('102').answersTo(await of('102').seesRequest('PRACK'), 200)
    }
    of('102').says('please wait')
    await of('101').hears('please wait')
    await stops(of('102'))
    await of('103').seesRequest('INVITE')
    of('103').responds(183, { sdp: of('103').sdp() })
    const next = await of('101').seesResponse('183 INVITE')
    if (reliably) {
      pracks(of('101'), next)
      await of('101').sees('200 PRACK')
    }
    of('103').says('one moment')
    await of('101').hears('one moment')
    await talk(of('101'), of('103'))
    await nothingIsLeft(t)
  }
})

t.test(
  'the caller gives up in every turn of a hunt: whoever rings then is stopped, and nobody rings after',
  async (t) => {
    for (const turn of [0, 1, 2]) {
      const { of, clock, records, nothingIsLeft } = await house(t, {
        groups: [group('sales', ['102', '103', '104'], { order: 'in-turn', step: 5 })],
        routes: [rule('in', 'hunt', ['group:sales'], { noAnswer: 'app:tone' })],
      })
      await of('101').calls('hunt')
      const users = ['102', '103', '104']
      for (const user of users.slice(0, turn)) {
        await of(user).rings()
        await stops(of(user))
      }
      const last = of(users[turn] ?? '')
      await last.rings()
      of('101').cancels()
      await of('101').sees('487 INVITE')
      await stops(last)
      await clock.advance(30_000)
      for (const user of users.slice(turn + 1)) t.notOk(of(user).hasSeen('INVITE'))
      t.match((await records())[0], { outcome: 'cancelled' })
      await nothingIsLeft(t)
    }
  },
)

t.test('the caller gives up at the very moment at which the turn goes over', async (t) => {
  for (const early of [-2, -1, 0, 1, 2, 3]) {
    const { of, clock, nothingIsLeft } = await house(t, {
      routes: [rule('in', 'hunt', ['user:102', 'trunk:one'], { after: 5, number: OUT_THERE })],
      forwards: [forward('102', { noAnswer: `number:${OUT_THERE}`, after: 5 })],
    })
    await of('101').calls('hunt')
    const since = clock.now()
    await of('102').rings()
    await clock.advance(since + 5_000 + early - clock.now())
    of('101').cancels()
    await of('101').sees('487 INVITE')
    await nothingIsLeft(t)
  }
})

t.test(
  'a phone without an answer to anything, then one that has another codec: it is turned into the caller’s',
  async (t) => {
    const { of, phone, nothingIsLeft } = await house(
      t,
      { forwards: [forward('102', { noAnswer: 'user:103', after: 5 })] },
      ['102'],
    )
    const carol = await phone('103', { codecs: ['8 PCMA/8000'] })
    await carol.registers()
    await of('101').calls('102', { sdp: of('101').sdp({ codecs: ['0 PCMU/8000'] }) })
    await of('102').rings()
    await stops(of('102'))
    await carol.rings()
    carol.answers()
    t.match(String((await of('101').talks()).body), /RTP\/AVP 0/)
    await carol.sees('ACK')
    await of('101').hangsUp()
    await carol.isHungUpOn()
    await nothingIsLeft(t)
  },
)

t.test('a phone that has moved (302) while a hunt is on: where it points is rung, then the hunt goes on', async (t) => {
  const { of, clock, nothingIsLeft } = await house(t, {
    groups: [group('sales', ['102', '103'], { order: 'in-turn', step: 5 })],
  })
  await of('101').calls('sales')
  await of('102').rings()
  of('102').responds(302, { headers: [['Contact', '<sip:104@10.0.0.1>']] })
  await of('104').rings()
  await clock.advance(5_000)
  await stops(of('104'))
  await of('103').rings()
  await talk(of('101'), of('103'))
  await nothingIsLeft(t)
})

t.test('a plan that changes while a call hunts: it goes on by the new one, and never in a circle', async (t) => {
  const { of, changes, nothingIsLeft } = await house(t, {
    forwards: [forward('102', { noAnswer: 'user:103', after: 5 })],
  })
  await of('101').calls('102')
  await of('102').rings()
  changes({ forwards: [forward('102', { noAnswer: 'user:104', after: 5 }), forward('104', { always: 'user:102' })] })
  await stops(of('102'))
  const final = await of('101')
    .sees('480 INVITE')
    .catch(() => of('101').sees('482 INVITE'))
  t.ok(final)
  t.notOk(of('102').hasSeen('INVITE'))
  await nothingIsLeft(t)
})
