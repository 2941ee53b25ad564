import t from 'tap'
import { talking, twoPhones } from '../support/virtual/people.ts'
import { type PhoneSetup, world } from '../support/virtual/world.ts'

const TCP: PhoneSetup = { transport: 'tcp' }

t.test('a held phone that answers no more is noticed', async (t) => {
  const { alice, bob, records, nothingIsLeft } = await talking(t)
  alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=inactive'] }) })
  bob.answersTo(await bob.seesRequest('INVITE'), 200, {
    headers: [['Contact', bob.contact]],
    sdp: bob.sdp({ lines: ['a=inactive'] }),
  })
  alice.acknowledges(await alice.seesResponse('200 INVITE'))
  alice.answersTo(await alice.seesRequest('OPTIONS', 70_000), 200)
  alice.answersTo(await alice.seesRequest('BYE', 70_000), 200)
  t.match((await records())[0], { endedBy: 'server', reason: /102/ })
  await nothingIsLeft(t)
})

t.test('a phone that dies while the other one talks is noticed, one that is only mute is left alone', async (t) => {
  const { clock, alice, bob, records, nothingIsLeft } = await talking(t)
  const talkFor = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      alice.says('hello?')
      await clock.advance(1_000)
    }
  }
  await talkFor(65)
  bob.answersTo(await bob.seesRequest('OPTIONS'), 200)
  await talkFor(50)
  t.notOk(alice.hasSeen('BYE'), 'mute, but it answers')
  t.notOk(alice.hasSeen('OPTIONS'), 'who talks is not asked')
  await talkFor(45)
  alice.answersTo(await alice.seesRequest('BYE'), 200)
  t.match((await records())[0], { endedBy: 'server', reason: /102/ })
  await nothingIsLeft(t)
})

t.test('a caller whose connection breaks while it rings: the call has failed', async (t) => {
  const { phone, clock, records, nothingIsLeft } = await world(t)
  const alice = await phone('101', TCP)
  const bob = await phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.seesRequest('INVITE')
  alice.disconnects()
  await clock.advance(10)
  bob.responds(180)
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await bob.sees('ACK')
  t.match(await records(), [{ outcome: 'failed', status: 503, reason: '101 could not be reached any more' }])
  await nothingIsLeft(t)
})

t.test(
  'a connection that breaks and cannot be made anew: the call ends though one phone is gone for good',
  async (t) => {
    const { phone, clock, records, nothingIsLeft } = await world(t)
    const alice = await phone('101')
    const bob = await phone('102', { ...TCP, address: '203.0.113.7', claims: '192.168.1.5', claimsPort: 5060 })
    await bob.registers()
    await alice.reaches(bob)
    bob.disconnects()
    await clock.advance(100)
    alice.says('hello?')
    await alice.hangsUp()
    t.match((await records())[0], { outcome: 'answered', endedBy: 'caller' })
    await nothingIsLeft(t)
  },
)

t.test('a phone that is switched off while it rings is given up with the call', async (t) => {
  const { alice, bob, network, clock, records, nothingIsLeft } = await twoPhones(t)
  await alice.calls('102')
  await bob.rings()
  network.unreachable.add(bob.local.address)
  await alice.sees('480 INVITE', 61_000)
  t.match((await records())[0], { outcome: 'no-answer' })
  await clock.advance(0)
  await nothingIsLeft(t)
})

t.test(
  'a phone that is gone when the other hangs up: that one is told at once, the BYE repeated in vain',
  async (t) => {
    const { alice, bob, network, clock, nothingIsLeft } = await talking(t)
    network.unreachable.add(bob.local.address)
    const byes: number[] = []
    const before = clock.now()
    network.onPacket = (_from, to, bytes) => {
      if (to.address === bob.local.address && bytes.toString().startsWith('BYE')) byes.push(clock.now() - before)
    }
    await alice.hangsUp()
    t.ok(clock.now() - before < 10)
    await nothingIsLeft(t)
    t.equal(byes.length, 11, 'as often as timers E and F want')
  },
)

t.test('a phone that no route leads to any more (what ICMP says of it) does not keep the call waiting', async (t) => {
  const { alice, bob, network, clock, records, nothingIsLeft } = await twoPhones(t)
  network.noRouteTo.add(bob.local.address)
  const before = clock.now()
  await alice.calls('102', { sees: '480 INVITE' })
  t.ok(clock.now() - before < 100, 'known at once, not after 5 s')
  t.match((await records())[0], { outcome: 'offline' })
  await nothingIsLeft(t)
})

t.test('a re-INVITE to a phone that no route leads to ends the call for both', async (t) => {
  const { alice, bob, network, records, nothingIsLeft } = await talking(t)
  network.noRouteTo.add(bob.local.address)
  alice.asks('INVITE', { sdp: alice.sdp() })
  await alice.isHungUpOn()
  t.ok(alice.received.some((message) => message.kind === 'response' && message.status >= 300))
  t.match((await records())[0], { endedBy: 'server', reason: /102/ })
  await nothingIsLeft(t)
})

t.test('a phone that answers a BYE no more does not keep anything waiting for it', async (t) => {
  const { alice, bob, nothingIsLeft } = await talking(t)
  await bob.hangsUp()
  await alice.seesRequest('BYE')
  await nothingIsLeft(t)
})
