import t from 'tap'
import { PHONE, PROVIDER_NET, ROUTER, SERVER, startHouse, unlessHouse } from '../support/behindNat.ts'
import { startItsp } from '../support/itsp/itsp.ts'
import { unless } from '../support/tools.ts'
import { connect, heard } from './conversation.ts'
import { scene } from './people.ts'

const skip = unless('baresip', 'kamailio', 'kamcmd') || unlessHouse()

t.test('a phone behind a NAT and one outside call each other', { skip }, async (t) => {
  const house = await startHouse()
  t.teardown(() => house.stop())
  const people = await scene(t, { host: SERVER, under: house.outside })
  const alice = await people.baresip('101', { tone: 440, address: PHONE, under: house.inside })
  const bob = await people.baresip('102', { tone: 880, under: house.outside })
  await connect(alice, bob, '102')
  await alice.listens(2)
  await bob.listens(2)
  t.match(await people.server.cli('device', 'list', '101'), ROUTER, 'the server sees the router')
  await alice.hangsUp()
  await bob.ends()
  heard(t, alice, 880, 2)
  heard(t, bob, 440, 2)
  await bob.calls('101')
  await alice.rings()
  await alice.answers()
  await bob.talks()
  await bob.listens(1)
  await bob.hangsUp()
  heard(t, bob, 440, 1)
})

t.test('the provider and its phones are outside', { skip }, async (t) => {
  const house = await startHouse()
  t.teardown(() => house.stop())
  const itsp = await startItsp({ customer: null, customers: [ROUTER], net: PROVIDER_NET, under: house.outside })
  t.teardown(() => itsp.stop())
  const people = await scene(t, { host: SERVER, under: house.outside })
  t.ok(people)
  const far = await itsp.network.phone('+4930555', { tone: 880 })
  await far.calls('+4930556')
  t.match(await far.ends(), /^404 /)
})
