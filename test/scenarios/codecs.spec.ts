import t, { type Test } from 'tap'
import { aToMu, muToA, pcmu } from '../../src/codecs/g711.ts'
import { g722 } from '../../src/codecs/g722/g722.ts'
import { dominantFrequency, gaps } from '../support/audio.ts'
import { bodyOf } from '../support/virtual/body.ts'
import { type TwoPhones, type TwoPhonesOptions, talking, twoPhones } from '../support/virtual/people.ts'
import { jumps, mouth, octetsOf, soundOf } from '../support/virtual/speech.ts'

const PCMU = '0 PCMU/8000'
const PCMA = '8 PCMA/8000'
const G722 = '9 G722/8000'
const G729 = '18 G729/8000'
const DTMF = '101 telephone-event/8000'

/** Octets of a packet of 20 ms; the same for the three codecs. */
const PACKET = 160

/** The codecs that an SDP names, the preferred first, and the telephone events last, if there are any. */
function codecsIn(message: { readonly body: Uint8Array }): string {
  return [...bodyOf(message).matchAll(/^a=rtpmap:\d+ ([^/]+)/gm)].map(([, name]) => name).join(' ')
}

/** Two phones, of which only `codecs` may be spoken with users that have any. */
async function limited(t: Test, codecs: Record<string, readonly string[]>, how: TwoPhonesOptions): Promise<TwoPhones> {
  const all = await twoPhones(t, how)
  for (const [user, only] of Object.entries(codecs)) all.store.users.set(user, { codecs: only })
  return all
}

t.test('a callee is offered its own codecs alone, and the caller answered with its own', async (t) => {
  const { alice, bob, nothingIsLeft } = await limited(
    t,
    { 102: ['g722'] },
    { alice: { codecs: [PCMU, DTMF] }, bob: { codecs: [PCMU, G722, DTMF] } },
  )
  await alice.calls('102')
  t.equal(codecsIn(await bob.rings()), 'G722 telephone-event')
  bob.answers({ sdp: bob.sdp({ codecs: [G722, DTMF] }) })
  t.equal(codecsIn(await alice.talks()), 'PCMU telephone-event')
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('the order is the admin’s, whatever the caller’s, and follows a change with the next call', async (t) => {
  const all = await limited(t, { 102: ['pcma', 'pcmu'] }, { alice: { codecs: [PCMU, G722, PCMA, DTMF] } })
  const { alice, bob, store, pbx, nothingIsLeft } = all
  const offered = async (): Promise<string> => {
    await alice.calls('102')
    const invite = await bob.rings()
    bob.responds(486)
    await alice.sees('486 INVITE')
    return codecsIn(invite)
  }
  t.equal(await offered(), 'PCMA PCMU telephone-event')
  store.users.set('102', { codecs: ['g722', 'pcmu'] })
  pbx.userChanged('102')
  t.equal(await offered(), 'G722 PCMU telephone-event')
  store.users.set('102', { codecs: null })
  pbx.userChanged('102')
  t.match(await offered(), /^PCMU G722 PCMA telephone-event/, 'the caller’s again')
  await nothingIsLeft(t)
})

t.test('a caller’s own order is what the callee is offered first, and what it is answered with', async (t) => {
  const { alice, bob, store, nothingIsLeft } = await limited(
    t,
    { 101: ['pcma'] },
    { alice: { codecs: [PCMU, PCMA, DTMF] } },
  )
  await alice.calls('102')
  t.match(codecsIn(await bob.rings()), /^PCMA /, 'what needs no transcoding')
  bob.answers()
  t.equal(codecsIn(await alice.talks()), 'PCMA telephone-event')
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  store.users.set('101', { codecs: ['pcma', 'pcmu'] })
  await alice.calls('102')
  t.match(codecsIn(await bob.rings()), /^PCMA PCMU telephone-event/)
  bob.answers({ sdp: bob.sdp({ codecs: [PCMU, DTMF] }) })
  t.equal(codecsIn(await alice.talks()), 'PCMU telephone-event', 'the best that both speak')
  await bob.sees('ACK')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a refresh by the callee does not bring back what the caller may not speak', async (t) => {
  const { alice, bob, nothingIsLeft } = await limited(
    t,
    { 101: ['pcma'] },
    { alice: { codecs: [PCMU, PCMA] }, bob: { codecs: [PCMA, PCMU] } },
  )
  await alice.calls('102')
  await bob.rings()
  const sdp = bob.sdp()
  bob.answers({ sdp })
  t.equal(codecsIn(await alice.talks()), 'PCMA')
  await bob.sees('ACK')
  t.equal(codecsIn(await bob.reinvites(sdp)), 'PCMA')
  t.notOk(alice.hasSeen('INVITE'), 'it concerns the callee alone')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('an app speaks with a user as its codecs say', async (t) => {
  const { alice, nothingIsLeft } = await limited(t, { 101: ['pcma', 'pcmu'] }, {})
  await alice.calls('*43', { sees: '100 INVITE' })
  t.equal(codecsIn(await alice.talks()), 'PCMA PCMU telephone-event')
  await alice.hangsUp()
  await nothingIsLeft(t)
})

t.test('whoever makes no offer gets one of its own codecs', async (t) => {
  const { alice, bob, nothingIsLeft } = await limited(t, { 101: ['g722'], 102: ['pcma', 'pcmu'] }, {})
  await alice.calls('102', { sdp: null })
  await bob.rings()
  bob.answers()
  const answer = await alice.talks({ sdp: alice.sdp({ codecs: [G722, DTMF] }) })
  t.equal(codecsIn(answer), 'G722 telephone-event')
  t.equal(codecsIn(await bob.seesRequest('ACK')), 'PCMA PCMU telephone-event')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('no codec left is 488: of the caller’s own, and for the phones of the callee', async (t) => {
  const { alice, bob, store, records, nothingIsLeft } = await limited(
    t,
    { 101: ['opus', 'g722'] },
    { alice: { codecs: [G729, PCMU, DTMF] } },
  )
  await alice.calls('102', { sees: '488 INVITE' })
  const reason = 'The offer has none of the codecs set for this user: opus, g722.'
  t.match((await records())[0], { outcome: 'failed', status: 488, reason })
  store.users.set('101', { codecs: ['g729'] })
  store.users.set('102', { codecs: ['pcma'] })
  await alice.calls('102', { sees: '488 INVITE' })
  const [record] = await records()
  t.match(record, { outcome: 'failed', status: 488, reason: 'the phones have no codec in common' })
  t.match(record?.events, [{}, { type: 'unreachable', user: '102', why: 'codecs' }, {}])
  t.notOk(bob.hasSeen('INVITE'), 'nobody rang')
  await nothingIsLeft(t)
})

t.test('PCMU and PCMA are turned into each other octet by octet', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await talking(t, {
    alice: { codecs: [PCMU, DTMF] },
    bob: { codecs: [PCMA, DTMF] },
  })
  // Every octet there is, and not in their order.
  const every = Uint8Array.from({ length: 8 * PACKET }, (_, at) => (7 * at) & 0xff)
  for (let at = 0; at < every.length; at += PACKET) {
    alice.says(Buffer.from(every.subarray(at, at + PACKET)).toString('latin1'), 0)
    bob.says(Buffer.from(every.subarray(at, at + PACKET)).toString('latin1'), 8)
    await clock.advance(20)
  }
  t.same(
    octetsOf(bob.audio.heard, 8),
    every.map((octet) => muToA[octet] ?? 0),
  )
  t.same(
    octetsOf(alice.audio.heard, 0),
    every.map((octet) => aToMu[octet] ?? 0),
  )
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('PCMU and G.722 are transcoded, each tone heard as it was', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await talking(t, {
    alice: { codecs: [PCMU, DTMF] },
    bob: { codecs: [G722, DTMF] },
  })
  const [from, to] = [mouth(alice, pcmu, 0, 440), mouth(bob, g722, 9, 1000)]
  for (let packet = 0; packet < 100; packet++) {
    from.next()
    to.next()
    await clock.advance(20)
  }
  for (const { heard } of [alice.audio, bob.audio]) {
    t.ok(heard.length >= 90 && heard.length <= 100, `${heard.length} packets of 100, for some are still on the way`)
  }
  const [hears, heard] = [soundOf(bob.audio.heard, g722, 9), soundOf(alice.audio.heard, pcmu, 0)]
  t.equal(dominantFrequency(hears), 440)
  t.same(gaps(hears, 440), [])
  t.equal(dominantFrequency(heard), 1000)
  t.same(gaps(heard, 1000), [])
  t.same([...jumps(alice.audio.heard), ...jumps(bob.audio.heard)], [])
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a re-INVITE changes the codec of one leg; the other one hears the same stream go on', async (t) => {
  const { alice, bob, clock, nothingIsLeft } = await talking(t, {
    alice: { codecs: [PCMU, G722, DTMF] },
    bob: { codecs: [PCMU, DTMF] },
  })
  const arrivals: number[] = []
  const talk = async (packets: number, ...mouths: readonly { next(): void }[]): Promise<void> => {
    for (let packet = 0; packet < packets; packet++) {
      const before = bob.audio.heard.length
      for (const mouth of mouths) mouth.next()
      await clock.advance(20)
      arrivals.push(bob.audio.heard.length - before)
    }
  }
  const narrow = mouth(alice, pcmu, 0, 440)
  const answers = mouth(bob, pcmu, 0, 1000)
  await talk(50, narrow, answers)
  t.equal(bob.audio.heard.length, 50)
  alice.asks('INVITE', { sdp: alice.sdp({ codecs: [G722, DTMF] }) })
  await talk(3, narrow, answers)
  t.match(codecsIn(await bob.seesRequest('INVITE')), /^G722 .*PCMU/)
  bob.answers()
  await talk(1, narrow, answers)
  const answer = await alice.seesResponse('200 INVITE', 0)
  alice.acknowledges(answer)
  t.equal(codecsIn(answer), 'G722 telephone-event')
  await bob.sees('ACK')
  await talk(50, mouth(alice, g722, 9, 440), answers)
  t.ok(Math.max(...arrivals) <= 2, 'no burst')
  const heard = bob.audio.heard
  t.ok(heard.length >= 94 && heard.length <= 104, `${heard.length} packets of 104`)
  t.same(jumps(heard), [])
  const pauses = heard.slice(1).flatMap(({ timestamp }, at) => {
    const passed = timestamp - (heard[at]?.timestamp ?? 0)
    return passed === PACKET ? [] : [passed]
  })
  t.ok(pauses.length <= 1 && pauses.every((passed) => passed > 0 && passed <= 800), `one pause: ${pauses} samples`)
  t.same([...new Set(heard.map(({ payloadType }) => payloadType))], [0])
  t.equal(dominantFrequency(soundOf(heard.slice(50), pcmu, 0)), 440)
  t.same(jumps(alice.audio.heard), [], 'nor for the one that changed')
  t.equal(dominantFrequency(soundOf(alice.audio.heard.slice(50), g722, 9)), 1000)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
})
