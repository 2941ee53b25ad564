import t from 'tap'
import { type PhoneSetup, type World, world } from '../support/virtual/world.ts'

const NEW = '10.7.0.1'
const AT_NEW: PhoneSetup = { server: { address: NEW, port: 5060 }, domain: NEW, address: '10.7.0.20' }

/** Interfaces are looked at every few seconds. */
const NOTICED = 6_000

async function comes({ host, clock }: World, address: string): Promise<void> {
  host.addresses.push(address)
  await clock.advance(NOTICED)
}

async function goes({ host, network, clock }: World, address: string): Promise<void> {
  host.addresses.splice(host.addresses.indexOf(address), 1)
  network.unreachable.add(address)
  await clock.advance(NOTICED)
}

const listening = ({ pbx }: World): string[] => pbx.transport.endpoints.map(({ address, port }) => `${address}:${port}`)

t.test('a new address is listened on, is us, and is what its phones see', async (t) => {
  const all = await world(t)
  const alice = await all.phone('101')
  await comes(all, NEW)
  t.same(listening(all), ['10.0.0.1:5060', '10.7.0.1:5060'])
  const bob = await all.phone('102', AT_NEW)
  const carol = await all.phone('103', { ...AT_NEW, address: '10.7.0.21', transport: 'tcp' })
  await bob.registers()
  await carol.registers()
  for (const phone of [bob, carol]) {
    await alice.reaches(phone)
    t.match(phone.incoming?.headers.first('contact'), /@10\.7\.0\.1:5060/)
    t.match(Buffer.from(phone.incoming?.body ?? []).toString(), /c=IN IP4 10\.7\.0\.1/)
    alice.says('hello')
    await phone.hears('hello')
    phone.says('hi')
    await alice.hears('hi')
    await alice.hangsUp()
    await phone.isHungUpOn()
  }
  await carol.registers({ contact: '*', expires: 0 })
  await all.nothingIsLeft(t)
})

t.test('an address that goes is let go of, and is us no more', async (t) => {
  const all = await world(t, { addresses: ['10.0.0.1', NEW] })
  const bob = await all.phone('102', { ...AT_NEW, transport: 'tcp' })
  await bob.registers()
  t.equal(all.pbx.transport.connections, 1)
  await goes(all, NEW)
  t.same(listening(all), ['10.0.0.1:5060'])
  t.equal(all.pbx.transport.connections, 0)
  const alice = await all.phone('101')
  alice.send('OPTIONS', `sip:${NEW}`, { to: `<sip:${NEW}>` })
  await alice.sees('404 OPTIONS')
  all.network.unreachable.delete(NEW)
  await comes(all, NEW)
  await bob.reconnects()
  await bob.registers()
  await alice.reaches(bob)
  await alice.hangsUp()
  await bob.isHungUpOn()
  await bob.registers({ contact: '*', expires: 0 })
  await all.nothingIsLeft(t)
})

t.test(
  'a call over an address that is gone moves to another one, if the phone can be reached from there',
  async (t) => {
    const all = await world(t, { addresses: ['10.0.0.1', NEW] })
    const alice = await all.phone('101')
    const bob = await all.phone('102', AT_NEW)
    await bob.registers()
    await alice.reaches(bob)
    await goes(all, NEW)
    const seen: string[] = []
    all.network.onPacket = (from, to) => {
      if (to.address === bob.local.address) seen.push(`${from.address}:${from.port}`)
    }
    alice.asks('INFO', { sdp: 'x' })
    const info = await bob.seesRequest('INFO')
    t.match(info.headers.first('via'), /UDP 10\.0\.0\.1:5060/)
    t.same([...new Set(seen)], ['10.0.0.1:5060'])
    await all.clock.advance(0)
    bob.sendBytes('')
    await alice.hangsUp()
    await bob.seesRequest('BYE')
    await all.nothingIsLeft(t)
  },
)

t.test('a call that lost its address and its phone ends', async (t) => {
  const all = await world(t, { addresses: ['10.0.0.1', NEW] })
  const alice = await all.phone('101')
  const bob = await all.phone('102', { ...AT_NEW, transport: 'tcp', claimsPort: 5060 })
  await bob.registers()
  await alice.reaches(bob)
  await goes(all, NEW)
  all.network.unreachable.add(bob.local.address)
  for (let second = 0; second < 130 && !alice.hasSeen('BYE'); second++) {
    alice.says('hello?')
    await all.clock.advance(1_000)
  }
  await alice.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test(
  'without any address there is nothing to listen on, and with the first it goes on, on the same port',
  async (t) => {
    const all = await world(t)
    const alice = await all.phone('101')
    await alice.registers()
    await goes(all, '10.0.0.1')
    t.same(listening(all), [])
    all.network.unreachable.delete('10.0.0.1')
    await comes(all, '10.0.0.1')
    t.same(listening(all), ['10.0.0.1:5060'])
    await alice.calls('*43', { sees: '200 INVITE' })
    await all.nothingIsLeft(t)
  },
)
