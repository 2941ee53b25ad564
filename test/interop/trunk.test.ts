import t from 'tap'
import { unlessBuilt } from '../support/offhook.ts'
import { unless } from '../support/tools.ts'
import { FAR, FAR_TONE, heardBoth, NEAR_TONE, talk, trunkScene } from './trunks.ts'

const skip = unless('kamailio', 'kamcmd', 'baresip') || unlessBuilt('trunk')

t.test('a trunk that registers: a call out and one in', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar)
  await people.goesOut('city')
  await people.server.cli('number', 'add', itsp.numbers.account, '--to', 'user:101', '--trunk', 'city')
  await people.registered(itsp.registrar)
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE })
  await near.registers()

  await talk(t, near, far, FAR)
  heardBoth(t, near, far)
  const invite = itsp.registrar.captured('INVITE').at(-1)
  t.match(invite?.header('Proxy-Authorization'), /^Digest username="4930990"/, 'proved by its password')
  t.match(await people.lastCall(), { outcome: 'answered' })

  const [contact = ''] = await itsp.registrar.contacts(itsp.account.username)
  t.match(contact, /^sip:[^@]{16,}@127\.0\.0\.1:\d+/, 'registered as nobody can guess')
  t.notMatch(contact, /4930990|101/)
  await talk(t, far, near, itsp.numbers.account)
  heardBoth(t, near, far)
  t.match(await people.lastCall(), { outcome: 'answered', answeredBy: '101' })
})

t.test('a trunk by address: a call out and one in, without a password', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('lan', itsp.trunk)
  await people.goesOut('lan')
  await people.server.cli('number', 'add', itsp.numbers.address, '--to', 'user:101', '--trunk', 'lan')
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE, by: itsp.trunk })
  await near.registers()

  await talk(t, near, far, FAR)
  heardBoth(t, near, far)
  t.equal(itsp.trunk.captured('REGISTER').length, 0)
  await talk(t, far, near, itsp.numbers.address)
  heardBoth(t, near, far)
})

for (const calledNumberIn of ['to', 'p-called-party-id', 'request-uri'] as const) {
  t.test(`the number called stands in ${calledNumberIn}`, { skip }, async (t) => {
    const people = await trunkScene(t, { calledNumberIn })
    const { itsp } = people
    await people.trunk('city', itsp.registrar)
    await people.server.cli('number', 'add', itsp.numbers.account, '--to', 'user:101', '--trunk', 'city')
    await people.registered(itsp.registrar)
    const near = await people.baresip('101', { tone: NEAR_TONE })
    const far = await itsp.network.phone(FAR, { tone: FAR_TONE })
    await near.registers()
    await far.calls(itsp.numbers.account)
    await near.rings()
    t.match(
      near.output().slice(near.output().lastIndexOf('INVITE sip:')),
      /From: [^\n]*4930555@/,
      'the phone shows who calls',
    )
    await far.hangsUp()
    const anonymous = await itsp.network.phone('anonymous', { tone: FAR_TONE })
    await anonymous.calls(itsp.numbers.account)
    await near.rings()
    t.match(
      near.output().slice(near.output().lastIndexOf('INVITE sip:')),
      /From: [^\n]*anonymous/i,
      'or that it does not say',
    )
    await anonymous.hangsUp()
  })
}

t.test('calls that end before they are answered', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('lan', itsp.trunk)
  await people.goesOut('lan')
  await people.server.cli('number', 'add', itsp.numbers.address, '--to', 'user:101')
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE, by: itsp.trunk })
  await near.registers()

  await near.calls(FAR)
  await far.rings()
  await near.hangsUp()
  await far.ends()
  t.equal((await itsp.trunk.captures('CANCEL')).method, 'CANCEL', 'given up by the caller here')
  await near.calls(FAR)
  await far.rings()
  await far.hangsUp()
  t.match(await near.ends(), /^486 |^603 /, 'declined there')
  await far.calls(itsp.numbers.address)
  await near.rings()
  await near.hangsUp()
  t.match(await far.ends(), /^486 |^603 /, 'declined here')
  await far.calls(itsp.numbers.address)
  await near.rings()
  await far.hangsUp()
  await near.ends()
  t.strictSame(await people.activeCalls(), [])
})

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
    // It was given up there, or answers late: then it is ended.
    await other.answers().catch(() => {})
    await far.answers()
    await near.talks()
    await other.ends()
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

t.test('what is wrong is told plainly', { skip }, async (t) => {
  const people = await trunkScene(t, { numbers: 'plain' })
  const { itsp } = people
  const { cli } = people.server

  await people.trunk('city', itsp.registrar)
  const good = await people.trunkTest('city')
  t.equal(good.code, 0, good.says)

  await cli('trunk', 'set', 'city', '--password', 'guessed')
  const wrong = await people.trunkTest('city')
  t.equal(wrong.code, 1)
  t.match(wrong.says, /password/i, 'a wrong password')
  t.notMatch(wrong.says, 'guessed', 'which is not printed')

  await cli('trunk', 'set', 'city', '--password', itsp.account.password, '--username', '4930991')
  const unknown = await people.trunkTest('city')
  t.equal(unknown.code, 1)
  t.match(unknown.says, /4930991/, 'an unknown account')

  await cli('trunk', 'add', 'nowhere', '--preset', 'generic', '--host', 'nowhere.example')
  const nowhere = await people.trunkTest('nowhere')
  t.equal(nowhere.code, 1)
  t.match(nowhere.says, /nowhere\.example/, 'a name that does not exist')

  await people.trunk('lan', itsp.trunk)
  await itsp.trunk.behaves('silent')
  const silent = await people.trunkTest('lan')
  t.equal(silent.code, 1)
  t.match(silent.says, /answer/i, 'a server that does not answer')
})

t.test('an address that the provider does not know', { skip }, async (t) => {
  const people = await trunkScene(t, { customers: ['127.0.0.9'] })
  await people.trunk('lan', people.itsp.trunk)
  const { code, says } = await people.trunkTest('lan')
  t.equal(code, 1)
  t.match(says, /403|address/i)
})
