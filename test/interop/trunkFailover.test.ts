import t from 'tap'
import { unlessBuilt } from '../support/offhook.ts'
import { unless } from '../support/tools.ts'
import { FAR, FAR_TONE, heardBoth, NEAR_TONE, talk, trunkScene } from './trunks.ts'

const skip = unless('kamailio', 'kamcmd', 'baresip') || unlessBuilt('trunk')

t.test('the next trunk takes a call', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar)
  await people.trunk('lan', itsp.trunk)
  await people.goesOut('city', 'lan')
  await people.registered(itsp.registrar)
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE })
  // The same number, but reached by the first trunk alone.
  const other = await itsp.network.phone(FAR, { tone: FAR_TONE })
  await itsp.registrar.reaches(FAR, other.sip)
  await itsp.trunk.reaches(FAR, far.sip)
  await near.registers()

  await t.test('when the first refuses by 503', async (t) => {
    await itsp.registrar.refuses(FAR, 503)
    await talk(t, near, far, FAR)
    await itsp.registrar.refuses(FAR, null)
  })

  await t.test('not when the number is busy', async (t) => {
    const before = itsp.trunk.captured('INVITE').length
    await itsp.registrar.refuses(FAR, 486)
    await near.calls(FAR)
    t.match(await near.ends(), /^486 /)
    t.equal(itsp.trunk.captured('INVITE').length, before)
    await itsp.registrar.refuses(FAR, null)
  })

  await t.test('when nothing came back in time; a late answer gets ACK and BYE', async (t) => {
    await itsp.registrar.behaves('mute')
    await near.calls(FAR)
    await other.rings()
    const start = performance.now()
    await far.rings()
    t.ok(performance.now() - start < 6000, 'within four seconds, and a little')
    await far.answers()
    await near.talks()
    const byes = itsp.registrar.captured('BYE').length
    await other.answers()
    await other.ends()
    t.equal(
      (await itsp.registrar.captures('BYE', byes + 1)).header('Proxy-Authorization'),
      null,
      'BYE, and no secret in it',
    )
    await near.listens(1)
    await near.hangsUp()
    await far.ends()
    await itsp.registrar.behaves('normal')
  })

  await t.test('when the first is stopped in mid-ring, before a 180', async () => {
    await itsp.registrar.behaves('mute')
    await near.calls(FAR)
    await other.rings()
    await itsp.registrar.stops()
    await far.rings()
    await far.answers()
    await near.talks()
    await near.listens(1)
    await near.hangsUp()
    await far.ends()
    await itsp.registrar.starts()
    await itsp.registrar.behaves('normal')
  })
})

t.test('a registration survives a restart of the provider, which forgot it', { skip }, async (t) => {
  const people = await trunkScene(t, { expires: 10 })
  const { itsp } = people
  await people.trunk('city', itsp.registrar)
  await people.server.cli('number', 'add', itsp.numbers.account, '--to', 'user:101')
  await people.registered(itsp.registrar)
  await itsp.registrar.stops()
  await itsp.registrar.starts()
  t.strictSame(await itsp.registrar.contacts(itsp.account.username), [], 'forgotten')
  await people.registered(itsp.registrar, 1, 45_000)
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE })
  await near.registers()
  await talk(t, far, near, itsp.numbers.account)
})

t.test('the name of the provider loses an address', { skip }, async (t) => {
  const people = await trunkScene(t, { second: true })
  const { itsp, names } = people
  const name = 'sip.provider.example'
  names.set(name, { type: 'A', address: itsp.registrar.host, ttl: 5 })
  await people.trunk('city', itsp.registrar, '--host', name)
  await people.goesOut('city')
  await people.server.cli('number', 'add', itsp.numbers.account, '--to', 'user:101')
  await people.registered(itsp.registrar)
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE, by: itsp.second })
  await near.registers()
  await talk(t, near, far, FAR)
  t.equal(itsp.second.captured('INVITE').length, 0)

  names.set(name, { type: 'A', address: itsp.second.host, ttl: 5 })
  await people.registered(itsp.second, 1, 30_000)
  await talk(t, near, far, FAR)
  t.not(itsp.second.captured('INVITE').length, 0, 'called over the other address')
  await talk(t, far, near, itsp.numbers.account)
})

t.test('SRV records: the second server where the first is stopped', { skip }, async (t) => {
  const people = await trunkScene(t, { second: true })
  const { itsp, names } = people
  for (const [label, { host }] of [
    ['one', itsp.registrar],
    ['two', itsp.second],
  ] as const) {
    names.set(`${label}.provider.example`, { type: 'A', address: host })
  }
  const at = { type: 'SRV', port: itsp.registrar.port } as const
  names.set(
    '_sip._udp.provider.example',
    { ...at, target: 'one.provider.example', priority: 1 },
    { ...at, target: 'two.provider.example', priority: 2 },
  )
  await people.trunk('city', itsp.registrar, '--host', 'provider.example')
  await people.goesOut('city')
  await people.registered(itsp.registrar)
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE, by: itsp.second })
  await near.registers()
  await itsp.registrar.stops()
  await talk(t, near, far, FAR)
  heardBoth(t, near, far)
  await itsp.registrar.starts()
})
