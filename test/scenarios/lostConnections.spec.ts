import t from 'tap'
import { type PhoneSetup, world } from '../support/virtual/world.ts'

/** A TCP phone that takes connections at the port in its Via and Contact. */
const LISTENING: PhoneSetup = { transport: 'tcp', claimsPort: 5060 }

t.test('the answer to a call whose connection has closed goes over a new one, to where its Via says', async (t) => {
  const { phone, clock, pbx, nothingIsLeft } = await world(t)
  const alice = await phone('101', LISTENING)
  const bob = await phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.seesRequest('INVITE')
  alice.disconnects()
  await clock.advance(10)
  t.equal(pbx.transport.connections, 0)
  bob.responds(180)
  await alice.sees('180')
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  t.equal(pbx.transport.connections, 1)
  alice.says('hello')
  await bob.hears('hello')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await nothingIsLeft(t)
})

t.test('a caller that nobody can connect to: the call has failed, and its phones stop ringing', async (t) => {
  const { phone, clock, network, records, nothingIsLeft } = await world(t)
  const alice = await phone('101', LISTENING)
  const bob = await phone('102')
  await bob.registers()
  await alice.calls('102')
  await bob.seesRequest('INVITE')
  network.unreachable.add(alice.local.address)
  alice.disconnects()
  await clock.advance(10)
  bob.responds(180)
  bob.answersTo(await bob.seesRequest('CANCEL', 6_000), 200)
  bob.responds(487)
  const reason = '101 could not be reached any more'
  t.match(await records(), [{ outcome: 'failed', endedBy: 'caller', status: 503, reason, answeredAt: null }])
  await nothingIsLeft(t)
})
