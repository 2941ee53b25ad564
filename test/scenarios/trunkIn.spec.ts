import t, { type Test } from 'tap'
import { forward, group, own, rule } from '../dialplan/plans.ts'
import {
  allOut,
  bringing,
  brings,
  MAIN,
  OTHER_PROVIDER,
  OUT_THERE,
  type Outside,
  outside,
  outsideNetwork,
  PROVIDER,
  provider,
  STRANGER,
  trunkAt,
} from '../support/virtual/outside.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { SERVER } from '../support/virtual/world.ts'

const ACCOUNT = { username: 'acme', password: 'secret', register: true }

interface House extends Outside {
  readonly bob: VirtualPhone
}

/** 102 is registered, and our main number is its. */
async function house(t: Test, how: Parameters<typeof outside>[1] = {}): Promise<House> {
  const all = await outside(t, { users: ['101', '102', '103', '104'], ...how })
  const bob = await all.phone('102')
  await bob.registers()
  return Object.assign(all, { bob })
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

t.test('a call in, by the address of the provider: no challenge, and who calls is shown', async (t) => {
  const { itsp, bob, records, nothingIsLeft } = await house(t)
  await brings(itsp, MAIN, { headers: [['P-Asserted-Identity', `"Ada" <sip:${OUT_THERE}@203.0.113.5>`]] })
  const invite = await bob.rings()
  t.equal(invite.from.uri.kind === 'sip' && invite.from.uri.user, OUT_THERE)
  t.equal(invite.from.displayName, 'Ada')
  await itsp.sees('180 INVITE')
  await talk(itsp, bob)
  t.match((await records())[0], {
    from: OUT_THERE,
    to: MAIN,
    answeredBy: '102',
    outcome: 'answered',
    endedBy: 'caller',
  })
  await nothingIsLeft(t)
})

t.test('the number that was called, in whatever way the provider writes it', async (t) => {
  const { itsp, bob, pbx, nothingIsLeft } = await house(t)
  for (const written of [
    MAIN,
    '004930123450',
    '030123450',
    '%2B4930123450',
    '+49-30-123450',
    '+4930123450;npdi',
    '4930123450',
  ]) {
    await brings(itsp, written)
    await bob.rings()
    t.equal(pbx.usage.callsUp(`number:${MAIN}`), 1)
    bob.responds(486)
    await itsp.sees('486 INVITE')
  }
  await nothingIsLeft(t)
})

t.test('a number of nobody is a 404, and so are users by their names, and emergencies', async (t) => {
  const { itsp, bob, records, nothingIsLeft } = await house(t)
  for (const called of ['+4930000000', '102', '101', '110', '112', '*43', OUT_THERE, 'bob', '%00', 'x'.repeat(500)]) {
    await brings(itsp, called, { to: 'x', sees: '404 INVITE' })
  }
  t.notOk(bob.hasSeen('INVITE'))
  t.match((await records())[0], { outcome: 'not-found' })
  await nothingIsLeft(t)
})

t.test('a call in, by the Contact that was registered; the number stands in To', async (t) => {
  const { itsp, bob, pbx, nothingIsLeft } = await house(t, { trunk: ACCOUNT })
  const contact = itsp.registry.bound()[0] ?? ''
  t.match(pbx.outside.trunks[0], { registration: { state: 'registered' } })
  t.match(contact, /^sip:[0-9a-f]{32}@10\.0\.0\.1/)
  const [, user = ''] = /^sip:([^@]+)@/.exec(contact) ?? []
  await brings(itsp, user, { to: MAIN })
  await bob.rings()
  await talk(itsp, bob)
  // One that is none of ours.
  await brings(itsp, user, { to: '+4930000000', sees: '404 INVITE' })
  await nothingIsLeft(t)
})

t.test('who knows the Contact is nobody elsewhere: challenged, and nobody rings', async (t) => {
  const { itsp, bob, phone, network, nothingIsLeft } = await house(t, { trunk: ACCOUNT })
  const [, user = ''] = /^sip:([^@]+)@/.exec(itsp.registry.bound()[0] ?? '') ?? []
  const stranger = await phone('stranger', { address: STRANGER })
  stranger.sends(bringing(stranger, user, { to: MAIN }))
  await stranger.sees('401 INVITE')
  t.notOk(bob.hasSeen('INVITE'))
  t.notOk(network.unreachable.size)
  await nothingIsLeft(t)
})

t.test(
  'what strangers write of themselves proves nothing: From, To, P-Asserted-Identity, Via, Contact, Route',
  async (t) => {
    const { itsp, bob, alice, phone, nothingIsLeft } = await house(t)
    const stranger = await phone('stranger', { address: STRANGER, claims: PROVIDER })
    const asserted: [string, string][] = [
      ['P-Asserted-Identity', `<sip:${OUT_THERE}@${PROVIDER}>`],
      ['Remote-Party-ID', `<sip:101@${SERVER}>`],
      ['Route', `<sip:${PROVIDER};lr>`],
      ['Record-Route', `<sip:${PROVIDER};lr>`],
      ['P-Called-Party-ID', `<sip:${MAIN}@${SERVER}>`],
      ['Authorization', 'Digest username="101", realm="x", nonce="y", uri="z", response="0"'],
    ]
    for (const called of [MAIN, '102', OUT_THERE, '*43', '110']) {
      for (const caller of [OUT_THERE, '101', 'acme', 'anonymous']) {
        stranger.sends(bringing(stranger, called, { caller, headers: asserted }))
        await clockless(stranger)
      }
    }
    for (const at of [itsp, bob, alice]) t.notOk(at.hasSeen('INVITE'))
    await nothingIsLeft(t)

    async function clockless(at: VirtualPhone): Promise<void> {
      // Its answers go where its Via says that it is, and to where it really is (RFC 3581).
      await at.sees('401 INVITE', 20_000)
    }
  },
)

t.test('a provider’s address that is allowed by a subnet, and one that is not', async (t) => {
  const all = await house(t, { trunk: { allowIp: ['203.0.113.64/28'] } })
  const { bob, nothingIsLeft } = all
  const inside = await provider(all, { address: '203.0.113.70' })
  await brings(inside, MAIN)
  await bob.rings()
  await talk(inside, bob)
  const outsideOf = await provider(all, { address: '203.0.113.80' })
  outsideOf.sends(bringing(outsideOf, MAIN))
  await outsideOf.sees('401 INVITE')
  await nothingIsLeft(t)
})

t.test('a number that is one trunk’s alone is not to be had by another', async (t) => {
  const all = await outside(t, {
    phoneNetwork: {
      trunks: [trunkAt('one', PROVIDER), trunkAt('two', OTHER_PROVIDER)],
      numbers: [own(MAIN, ['user:102'], { trunk: 'two' })],
    },
  })
  const { itsp, nothingIsLeft } = all
  await brings(itsp, MAIN, { sees: '404 INVITE' })
  const second = await provider(all, { address: OTHER_PROVIDER })
  await brings(second, MAIN, { sees: '480 INVITE' })
  await nothingIsLeft(t)
})

t.test('two trunks of one provider: the number decides whose call it is', async (t) => {
  const other = '+4930123459'
  const { itsp, bob, records, nothingIsLeft } = await house(t, {
    phoneNetwork: {
      trunks: [trunkAt('one', PROVIDER), trunkAt('two', PROVIDER)],
      numbers: [own(MAIN, ['user:102'], { trunk: 'one' }), own(other, ['user:102'], { trunk: 'two' })],
    },
  })
  await brings(itsp, other)
  await bob.rings()
  itsp.cancels()
  await itsp.sees('487 INVITE')
  t.match((await records())[0], { legs: [{ role: 'caller', user: 'trunk:two' }] })
  await nothingIsLeft(t)
})

t.test('a trunk that is full hears busy; when a call ends there is room', async (t) => {
  const { itsp, bob, alice, nothingIsLeft } = await house(t, { trunk: { maxCalls: 1 } })
  await brings(itsp, MAIN)
  await bob.rings()
  const ringing = itsp.outgoing
  await brings(itsp, MAIN, { sees: '486 INVITE' })
  await alice.calls(OUT_THERE, { sees: '503 INVITE' })
  itsp.outgoing = ringing
  await talk(itsp, bob)
  await brings(itsp, MAIN)
  await bob.rings()
  await talk(itsp, bob)
  await nothingIsLeft(t)
})

t.test('a number of a group: all its members ring; one who has it sent on is passed over', async (t) => {
  const { itsp, alice, bob, phone, nothingIsLeft } = await house(t, {
    phoneNetwork: {
      numbers: [own(MAIN, ['group:sales'])],
      groups: [group('sales', ['101', '102', '103'])],
      forwards: [forward('103', { dnd: true })],
    },
  })
  await alice.registers()
  const carol = await phone('103')
  await carol.registers()
  await brings(itsp, MAIN)
  await alice.rings()
  await bob.rings()
  t.notOk(carol.hasSeen('INVITE'))
  alice.answers()
  await itsp.talks()
  await alice.sees('ACK')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await itsp.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a number of a list: the next where the one before is offline, refuses or does not answer', async (t) => {
  const { itsp, alice, bob, clock, nothingIsLeft } = await house(t, {
    phoneNetwork: { numbers: [own(MAIN, ['user:104', 'user:101', 'user:102'], { after: 10 })] },
  })
  await alice.registers()
  await brings(itsp, MAIN)
  await alice.rings()
  await clock.advance(10_100)
  alice.answersTo(await alice.seesRequest('CANCEL'), 200)
  alice.responds(487)
  await bob.rings()
  await talk(itsp, bob)
  await brings(itsp, MAIN)
  await alice.rings()
  alice.responds(486)
  await bob.rings()
  bob.responds(603)
  await itsp.sees('603 INVITE')
  await nothingIsLeft(t)
})

t.test('the table of callers: who calls decides; in whatever form the provider writes them', async (t) => {
  const { itsp, alice, bob, nothingIsLeft } = await house(t, {
    phoneNetwork: {
      numbers: [own(MAIN, ['user:102'])],
      callers: [{ number: MAIN, caller: OUT_THERE, to: 'user:101' }],
    },
  })
  await alice.registers()
  for (const caller of [OUT_THERE, '004930987654', '030987654']) {
    await brings(itsp, MAIN, { caller })
    await alice.rings()
    alice.responds(486)
    await itsp.sees('486 INVITE')
  }
  for (const how of [
    { caller: '+4930111' },
    { caller: 'anonymous' },
    { headers: [['Privacy', 'id']] as const },
    { headers: [['P-Asserted-Identity', '<sip:+4930111222@x>']] as const },
  ]) {
    await brings(itsp, MAIN, how)
    await bob.rings()
    bob.responds(486)
    await itsp.sees('486 INVITE')
  }
  await nothingIsLeft(t)
})

t.test('availability: never, scheduled and after hours, with the fallback or busy', async (t) => {
  // 2026-01-05, where the clock begins, is a Monday, 09:00 UTC.
  const office = { name: 'office', tz: 'Etc/UTC', open: ['mon-fri 08:00-17:00'], closed: [], special: [] }
  const { itsp, alice, bob, clock, changes, nothingIsLeft } = await house(t, {
    phoneNetwork: { schedules: [office], numbers: [own(MAIN, ['user:102'], { availability: 'never' })] },
  })
  await alice.registers()
  await brings(itsp, MAIN, { sees: '486 INVITE' })
  const scheduled = own(MAIN, ['user:102'], { availability: 'scheduled', schedule: 'office', fallback: 'user:101' })
  changes({ numbers: [scheduled] })
  await brings(itsp, MAIN)
  await bob.rings()
  bob.responds(486)
  await itsp.sees('486 INVITE')
  await clock.advance(8 * 3_600_000)
  await alice.registers()
  await bob.registers()
  await brings(itsp, MAIN)
  await alice.rings()
  alice.responds(486)
  await itsp.sees('486 INVITE')
  changes({ numbers: [{ ...scheduled, availability: 'after-hours' }] })
  await brings(itsp, MAIN)
  await bob.rings()
  bob.responds(486)
  await itsp.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('overflow: the first calls go to the fallback, those beyond to the number’s own destination', async (t) => {
  const { itsp, alice, bob, nothingIsLeft } = await house(t, {
    phoneNetwork: {
      numbers: [own(MAIN, ['user:102'], { availability: 'overflow', overCalls: 1, fallback: 'user:101' })],
    },
  })
  await alice.registers()
  await brings(itsp, MAIN)
  await alice.rings()
  const first = itsp.outgoing
  await brings(itsp, MAIN)
  await bob.rings()
  bob.responds(486)
  await itsp.sees('486 INVITE')
  itsp.outgoing = first
  await talk(itsp, alice)
  await nothingIsLeft(t)
})

t.test('a rule while so many calls are up does not count the call that asks', async (t) => {
  const { itsp, alice, bob, nothingIsLeft } = await house(t, {
    phoneNetwork: {
      numbers: [],
      routes: [
        rule('overflow', '.*', ['user:102'], { from: 'trunk:one', overCalls: 1, overCallsOf: 'trunk:one' }),
        rule('overflow of all', '.*', ['user:104'], { from: 'trunk:one', overCalls: 1, overCallsOf: 'any' }),
        rule('in', '.*', ['user:101'], { from: 'trunk:one' }),
      ],
    },
  })
  await alice.registers()
  await brings(itsp, MAIN)
  await alice.rings()
  const first = itsp.outgoing
  await brings(itsp, MAIN)
  await bob.rings()
  bob.responds(486)
  await itsp.sees('486 INVITE')
  itsp.outgoing = first
  await talk(itsp, alice)
  await nothingIsLeft(t)
})

t.test('a call from a trunk never goes out by a rule for `any`; by one of its own it does', async (t) => {
  const { itsp, changes, nothingIsLeft } = await house(t, {
    phoneNetwork: { routes: [rule('everything', '.*', ['trunk:one'])], numbers: [] },
  })
  await brings(itsp, OUT_THERE, { sees: '404 INVITE' })
  t.notOk(itsp.hasSeen('INVITE'))
  changes({ routes: [rule('transit', '.*', ['trunk:one'], { from: 'trunk:one' })] })
  await brings(itsp, OUT_THERE)
  const invite = await itsp.rings()
  t.equal(invite.uri.kind === 'sip' && invite.uri.user, OUT_THERE)
  itsp.responds(486)
  await itsp.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('transit counts a call once for each trunk that carries it', async (t) => {
  const { itsp, pbx, clock, nothingIsLeft, ...all } = await outside(t, {
    phoneNetwork: {
      trunks: [trunkAt('one', PROVIDER), trunkAt('two', OTHER_PROVIDER)],
      numbers: [own(MAIN, [`number:${OUT_THERE}`])],
      routes: [rule('transit', '[+]4930555', ['trunk:two'], { from: 'trunk:one' }), allOut('two')],
    },
  })
  const second = await provider({ ...all, clock, pbx, nothingIsLeft }, { address: OTHER_PROVIDER })
  await brings(itsp, '+4930555')
  await second.rings()
  t.equal(pbx.usage.callsUp('trunk:one'), 1)
  t.equal(pbx.usage.callsUp('trunk:two'), 1)
  second.answers()
  await itsp.talks()
  await second.sees('ACK')
  await clock.advance(90_000)
  await itsp.hangsUp()
  await second.isHungUpOn()
  t.equal(pbx.usage.minutesToday('trunk:two'), 2)
  t.equal(pbx.usage.minutesToday('trunk:one'), 0, 'a cap of a trunk is on calls out')
  await brings(itsp, MAIN)
  await second.rings()
  t.equal(pbx.usage.callsUp('trunk:one'), 1)
  t.equal(pbx.usage.callsUp(`number:${MAIN}`), 1)
  second.responds(486)
  await itsp.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test(
  'a number that sends its calls on outside: by rules for `any`, in the number’s name, never premium',
  async (t) => {
    const { itsp, records, changes, nothingIsLeft } = await house(t, {
      phoneNetwork: { numbers: [own(MAIN, ['number:+491711234567'])] },
    })
    await brings(itsp, MAIN)
    const invite = await itsp.rings()
    t.match(invite.headers.first('diversion'), /\+4930123450/)
    t.equal(invite.from.uri.kind === 'sip' && invite.from.uri.user, OUT_THERE)
    itsp.responds(486)
    await itsp.sees('486 INVITE')
    changes({ numbers: [own(MAIN, ['number:+499001234567'])] })
    await brings(itsp, MAIN, { sees: '403 INVITE' })
    t.match((await records())[0], { outcome: 'denied' })
    t.notOk(itsp.hasSeen('INVITE'))
    await nothingIsLeft(t)
  },
)

t.test('an INVITE twice, one without an offer, one that asks for what we do not have', async (t) => {
  const { itsp, bob, nothingIsLeft } = await house(t)
  await brings(itsp, MAIN, { sdp: null })
  t.equal((await bob.rings()).body.length, 0)
  bob.answers()
  await itsp.talks({ sdp: itsp.sdp() })
  await bob.sees('ACK')
  await itsp.hangsUp()
  await bob.isHungUpOn()
  await brings(itsp, MAIN, { headers: [['Require', 'x-unheard-of']], sees: '420 INVITE' })
  await brings(itsp, MAIN, { sdp: 'v=0\r\nnonsense', sees: '488 INVITE' }).catch(() => itsp.sees('400 INVITE'))
  await brings(itsp, MAIN)
  const once = itsp.outgoing
  if (once) itsp.sends(once)
  await bob.rings()
  itsp.cancels()
  await itsp.sees('487 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  t.notOk(bob.hasSeen('INVITE'))
  await nothingIsLeft(t)
})

t.test(
  'a trunk that is taken away: its address is a stranger’s from then on, and calls that are up go on',
  async (t) => {
    const { itsp, bob, changes, nothingIsLeft } = await house(t)
    await brings(itsp, MAIN)
    await bob.rings()
    bob.answers()
    await itsp.talks()
    await bob.sees('ACK')
    changes({ trunks: [] })
    itsp.says('still here')
    await bob.hears('still here')
    itsp.sends(bringing(itsp, MAIN))
    await itsp.sees('401 INVITE')
    await itsp.hangsUp()
    await bob.isHungUpOn()
    changes(outsideNetwork([trunkAt('one', PROVIDER)]))
    await brings(itsp, MAIN)
    await bob.rings()
    await talk(itsp, bob)
    await nothingIsLeft(t)
  },
)

t.test('a GRUU, a SUBSCRIBE, a REGISTER and a MESSAGE of a provider are as anybody’s', async (t) => {
  const { itsp, nothingIsLeft } = await house(t)
  for (const method of ['SUBSCRIBE', 'REGISTER', 'MESSAGE']) {
    itsp.send(method, `sip:102@${SERVER}`, { to: `<sip:102@${SERVER}>`, headers: [['Contact', itsp.contact]] })
    await itsp.sees(`401 ${method}`)
  }
  await nothingIsLeft(t)
})
