import t from 'tap'
import { type PhoneSetup, world } from '../support/virtual/world.ts'

const TCP: PhoneSetup = { transport: 'tcp' }

t.test('a phone whose port is closed is offline at once, and from then on without being called', async (t) => {
  const { phone, clock, network, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  bob.close()
  let before = clock.now()
  await alice.calls('102', { sees: '480 INVITE' })
  t.ok(clock.now() - before < 600, `known after ${clock.now() - before} ms`)
  const invites: string[] = []
  network.onPacket = (_from, to, bytes) => {
    if (to.address === '10.0.0.12') invites.push(Buffer.from(bytes).toString('latin1').slice(0, 6))
  }
  before = clock.now()
  await alice.calls('102', { sees: '480 INVITE' })
  t.ok(clock.now() - before < 100, `now at once: ${clock.now() - before} ms`)
  t.notOk(invites.includes('INVITE'))
  await nothingIsLeft(t)
})

t.test('when it is back at its port it rings again; when it registers, wherever it is', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const before = await phone('102', { address: '10.0.0.20' })
  await before.registers()
  before.close()
  await alice.calls('102', { sees: '480 INVITE' })
  const after = await phone('102', { address: '10.0.0.20' })
  await alice.calls('102')
  await after.rings()
  after.responds(486)
  await alice.sees('486 INVITE')
  after.close()
  await alice.calls('102', { sees: '480 INVITE' })
  const again = await phone('102', { address: '10.0.0.20' })
  await again.registers()
  await alice.calls('102')
  await again.rings()
  again.responds(486)
  await alice.sees('486 INVITE')
  await nothingIsLeft(t)
})

t.test('the other phones of the user ring all the same', async (t) => {
  const { phone, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const gone = await phone('102')
  const desk = await phone('102')
  await gone.registers()
  await desk.registers()
  gone.close()
  for (let time = 0; time < 2; time++) {
    await alice.reaches(desk)
    await alice.hangsUp()
    await desk.isHungUpOn()
    desk.dialog = null
  }
  await nothingIsLeft(t)
})

t.test('a phone that is slow is not taken for gone, nor one that cannot be asked', async (t) => {
  const { phone, clock, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const slow = await phone('102')
  await slow.registers()
  await alice.calls('102')
  await slow.seesRequest('INVITE')
  await clock.advance(4_000)
  slow.responds(486)
  await alice.sees('486 INVITE')
  const behindNat = await phone('103', { address: '203.0.113.7', port: 61234, claims: '192.168.1.5', claimsPort: 5060 })
  await behindNat.registers()
  behindNat.close()
  const before = clock.now()
  await alice.calls('103', { sees: '480 INVITE' })
  t.ok(clock.now() - before >= 5_000, 'a NAT that lets nobody in says nothing of the phone')
  await clock.advance(3_700_000)
  await nothingIsLeft(t)
})

t.test('a host that is gone without a word is given up after 5 s', async (t) => {
  const { phone, clock, network, nothingIsLeft } = await world(t)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  network.unreachable.add(bob.local.address)
  const before = clock.now()
  await alice.calls('102', { sees: '480 INVITE' })
  t.ok(clock.now() - before >= 5_000 && clock.now() - before < 5_100)
  await nothingIsLeft(t)
})

t.test(
  'a TCP phone whose connection is reset while it is called, before it rings or after, is offline at once',
  async (t) => {
    for (const rings of [false, true]) {
      const { phone, clock, nothingIsLeft } = await world(t)
      const alice = await phone('101')
      const bob = await phone('102', TCP)
      await bob.registers()
      await alice.calls('102')
      if (rings) await bob.rings()
      else await bob.seesRequest('INVITE')
      await clock.advance(100)
      const before = clock.now()
      bob.disconnects()
      await alice.sees('480 INVITE')
      t.ok(clock.now() - before < 50)
      await nothingIsLeft(t)
    }
  },
)
