import t from 'tap'
import { createLive } from '../../src/live.ts'
import { PortPool } from '../../src/rtp/ports/ports.ts'
import { type World, world } from '../support/virtual/world.ts'

function liveOf({ clock, pbx, engine }: World) {
  return createLive({
    clock,
    pbx,
    engine,
    ports: PortPool.create(10000, 10003),
    mediaThreads: 1,
    domains: [],
    web: null,
  })
}

t.test('the admin sees a call with its legs, and hangs it up', async (t) => {
  const all = await world(t)
  const { phone, records, nothingIsLeft } = all
  const live = liveOf(all)
  const alice = await phone('101')
  const bob = await phone('102')
  await bob.registers()
  t.match(live.devices('102'), [{ user: '102', source: { address: '10.0.0.12' }, transport: 'udp', roundTrip: null }])
  await alice.calls('102')
  await bob.rings()
  const [ringing] = live.calls()
  t.match(ringing, { from: '101', to: '102', state: 'ringing', answeredAt: null, parties: ['101', '102'] })
  bob.answers()
  await alice.talks()
  alice.says('hello')
  await bob.hears('hello')
  const shown = await live.call(ringing?.id ?? '')
  t.match(shown, { state: 'up', answeredBy: '102' })
  t.match(shown?.legs, [
    { role: 'caller', user: '101', codec: 'pcmu/8000', stats: { received: { packets: 1 } } },
    { role: 'callee', user: '102', stats: { sent: { packets: 1 } } },
  ])
  t.equal(await live.hangUp('no such call'), false)
  t.equal(await live.hangUp(ringing?.id ?? ''), true)
  await alice.isHungUpOn()
  await bob.isHungUpOn()
  t.match((await records())[0], { endedBy: 'admin', outcome: 'answered' })
  await nothingIsLeft(t)
})

t.test('a ringing call is hung up too, and the caller is told', async (t) => {
  const all = await world(t)
  const live = liveOf(all)
  const alice = await all.phone('101')
  const bob = await all.phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  await live.hangUp(live.calls()[0]?.id ?? '')
  await alice.sees('480 INVITE')
  bob.answersTo(await bob.seesRequest('CANCEL'), 200)
  bob.responds(487)
  await all.nothingIsLeft(t)
})

t.test('a removed user’s phones are forgotten at once', async (t) => {
  const all = await world(t)
  const live = liveOf(all)
  const alice = await all.phone('101')
  const bob = await all.phone('102')
  await bob.registers()
  all.store.users.remove('102')
  live.userChanged('102')
  t.same(live.devices(null), [])
  await alice.calls('102', { sees: '404 INVITE' })
  await all.nothingIsLeft(t)
})

t.test('the server is stopped in mid-call: both are hung up on', async (t) => {
  const all = await world(t)
  const alice = await all.phone('101')
  const bob = await all.phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  await all.clock.advance(10)
  all.pbx.close()
  await alice.sees('BYE')
  await bob.sees('BYE')
  t.match((await all.records())[0], { endedBy: 'server', reason: 'the server was stopped' })
})
