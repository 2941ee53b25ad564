import t from 'tap'
import { PHONE, PROVIDER_NET, ROUTER, SERVER, startHouse, unlessHouse } from '../support/behindNat.ts'
import { unlessBuilt } from '../support/offhook.ts'
import { unless } from '../support/tools.ts'
import { connect, heard } from './conversation.ts'
import { scene } from './people.ts'
import { FAR, FAR_TONE, heardBoth, NEAR_TONE, talk, trunkScene } from './trunks.ts'

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

t.test(
  'a phone behind a NAT calls out over a trunk, and is called',
  { skip: skip || unlessBuilt('trunk') },
  async (t) => {
    const house = await startHouse()
    t.teardown(() => house.stop())
    const { outside: under } = house
    const people = await trunkScene(t, { net: PROVIDER_NET, under }, { host: SERVER, under })
    const { itsp } = people
    await people.trunk('city', itsp.registrar)
    await people.goesOut('city')
    await people.server.cli('number', 'add', itsp.numbers.account, '--to', 'user:101')
    await people.registered(itsp.registrar)
    const near = await people.baresip('101', { tone: NEAR_TONE, address: PHONE, under: house.inside })
    const far = await itsp.network.phone(FAR, { tone: FAR_TONE })
    await near.registers()
    await talk(t, near, far, FAR)
    heardBoth(t, near, far)
    t.notMatch(itsp.output(), PHONE, 'the provider never hears of the address behind the NAT')
    await talk(t, far, near, itsp.numbers.account)
    heardBoth(t, near, far)
  },
)
