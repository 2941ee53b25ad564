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
