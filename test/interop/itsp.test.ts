import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Itsp, type ItspOptions, type Kamailio, startItsp } from '../support/itsp/itsp.ts'
import { type Baresip, startBaresip } from '../support/phones/baresip.ts'
import { unless } from '../support/tools.ts'
import { heard } from './conversation.ts'

// The provider that test/interop/trunk.test.ts has Offhook talk to is tried here with a real phone in Offhook's place.

const skip = unless('kamailio', 'kamcmd', 'baresip')
const CUSTOMER = '127.0.0.1'
const FAR = '+4930555'

async function provider(t: Test, options: Partial<ItspOptions> = {}): Promise<Itsp> {
  const itsp = await startItsp({ customer: null, customers: [CUSTOMER], ...options })
  t.teardown(async () => {
    if (!t.passing()) console.error(itsp.output())
    await itsp.stop()
  })
  return itsp
}

/** A phone with the account's password, or none. */
async function customer(
  t: Test,
  itsp: Itsp,
  server: Kamailio,
  given: { password?: string; registration?: boolean } = {},
): Promise<Baresip> {
  const dir = mkdtempSync(join(tmpdir(), 'customer-'))
  const { registration = server !== itsp.trunk } = given
  const user = server === itsp.trunk ? itsp.numbers.address : itsp.account.username
  const { password = itsp.account.password } = given
  const account = { user, password, server: server.address, transport: 'udp' } as const
  const phone = await startBaresip({ dir, account, tone: 440, address: CUSTOMER, registration })
  t.teardown(async () => {
    if (!t.passing()) console.error(phone.output())
    await phone.stop()
    rmSync(dir, { recursive: true })
  })
  await phone.registers()
  return phone
}

async function talk(t: Test, caller: Baresip, callee: Baresip, number: string): Promise<void> {
  await caller.calls(number)
  await callee.rings()
  await callee.answers()
  await caller.talks()
  await caller.listens(1)
  await callee.listens(1)
  await caller.hangsUp()
  await callee.ends()
  t.ok(true, `a call to ${number}`)
}

t.test('an account registers and calls, and is called', { skip }, async (t) => {
  const itsp = await provider(t)
  const phone = await customer(t, itsp, itsp.registrar)
  t.equal((await itsp.registrar.contacts(itsp.account.username)).length, 1, 'registered')
  const far = await itsp.network.phone(FAR, { tone: 880 })

  await talk(t, phone, far, FAR)
  heard(t, phone, 880, 1)
  heard(t, far, 440, 1)
  const invite = await itsp.registrar.captures('INVITE', 2)
  t.match(invite.header('Proxy-Authorization'), /^Digest username="4930990"/, 'the second INVITE has the credentials')
  t.match(invite.header('From'), /sip:4930990@/)
  t.match(invite.body, /^v=0\r\n/)
  t.equal((await itsp.registrar.captures('BYE')).method, 'BYE', 'in a dialog that it stays in')

  await talk(t, far, phone, itsp.numbers.account)
  heard(t, phone, 880, 1)
  heard(t, far, 440, 1)
})

t.test('a customer by address calls and is called, without a password', { skip }, async (t) => {
  const itsp = await provider(t)
  const phone = await customer(t, itsp, itsp.trunk)
  const far = await itsp.network.phone(FAR, { tone: 880, by: itsp.trunk })
  await talk(t, phone, far, '030555')
  heard(t, phone, 880, 1)
  heard(t, far, 440, 1)
  t.equal((await itsp.trunk.captures('INVITE')).header('Proxy-Authorization'), null)
  await t.rejects(itsp.trunk.captures('INVITE', 2, 0), 'and the first INVITE is all')

  await itsp.trunk.sends(itsp.numbers.address, phone.sip)
  await talk(t, far, phone, itsp.numbers.address)
  heard(t, phone, 880, 1)
})

t.test('an address that is not on the list is forbidden', { skip }, async (t) => {
  const itsp = await provider(t, { customers: ['127.0.0.9'] })
  const phone = await customer(t, itsp, itsp.trunk)
  await phone.calls(FAR)
  t.match(await phone.ends(), /^403 /)
})

for (const wrongPassword of [401, 403] as const) {
  t.test(`a wrong password: ${wrongPassword}`, { skip }, async (t) => {
    const itsp = await provider(t, { wrongPassword })
    const phone = await customer(t, itsp, itsp.registrar, { password: 'guessed', registration: false })
    await phone.calls(FAR)
    t.match(await phone.ends(), wrongPassword === 401 ? /^407 / : /^403 /, 'a call')
    // Not awaited: it would wait for the success that never comes.
    customer(t, itsp, itsp.registrar, { password: 'guessed' }).catch(() => {})
    t.match((await itsp.registrar.captures('REGISTER', 2)).header('Authorization'), /^Digest /, 'it tries to register')
    t.strictSame(await itsp.registrar.contacts(itsp.account.username), [])
  })
}

t.test('numbers in the forms that it wants', { skip }, async (t) => {
  const itsp = await provider(t, { numbers: 'plain' })
  const phone = await customer(t, itsp, itsp.trunk)
  await itsp.network.phone(FAR, { tone: 880 })
  for (const wrong of [FAR, '030555', '004930555']) {
    await phone.calls(wrong)
    t.match(await phone.ends(), /^484 /, wrong)
  }
  await phone.calls('49307')
  t.match(await phone.ends(), /^404 /, 'a number that nobody has')
  await itsp.trunk.refuses('+49308', 486)
  await phone.calls('49308')
  t.match(await phone.ends(), /^486 /, 'a number that is told to be busy')
  await itsp.trunk.refuses('+49308', null)
  await phone.calls('49308')
  t.match(await phone.ends(), /^404 /, 'and no longer')
})

t.test('its faults', { skip }, async (t) => {
  const itsp = await provider(t)
  const phone = await customer(t, itsp, itsp.trunk)
  const far = await itsp.network.phone(FAR, { tone: 880 })
  for (const [behaviour, status] of [
    ['unavailable', /^503 /],
    ['forbids', /^403 /],
  ] as const) {
    await itsp.trunk.behaves(behaviour)
    await phone.calls(FAR)
    t.match(await phone.ends(), status, behaviour)
  }
  await itsp.trunk.behaves('silent')
  const before = itsp.trunk.captured('INVITE').length
  await phone.calls(FAR)
  await itsp.trunk.captures('INVITE', before + 2)
  t.ok(true, 'silent: the INVITE is sent again')
  await phone.hangsUp()

  await itsp.trunk.behaves('mute')
  await phone.calls(FAR)
  await far.rings()
  await far.answers()
  await phone.talks()
  t.notMatch(
    phone.output().slice(phone.output().lastIndexOf('INVITE sip:')),
    /SIP\/2.0 1\d\d/,
    'mute: nothing provisional',
  )
  await phone.hangsUp()
  await far.ends()
})

for (const keepsRegistrations of [true, false]) {
  t.test(`a restart ${keepsRegistrations ? 'keeps' : 'loses'} registrations`, { skip }, async (t) => {
    const itsp = await provider(t, { keepsRegistrations })
    const phone = await customer(t, itsp, itsp.registrar)
    const far = await itsp.network.phone(FAR, { tone: 880 })
    await itsp.registrar.stops()
    await itsp.registrar.starts()
    t.equal((await itsp.registrar.contacts(itsp.account.username)).length, keepsRegistrations ? 1 : 0)
    if (keepsRegistrations) return talk(t, far, phone, itsp.numbers.account)
    await far.calls(itsp.numbers.account)
    t.match(await far.ends(), /^480 /)
    // The phone network's numbers are known as before.
    await talk(t, phone, far, FAR)
  })
}

t.test('what a called customer sees', { skip }, async (t) => {
  const itsp = await provider(t, { calledNumberIn: 'p-called-party-id' })
  const phone = await customer(t, itsp, itsp.registrar)
  const far = await itsp.network.phone(FAR, { tone: 880 })
  await far.calls(itsp.numbers.account)
  await phone.rings()
  const invite = phone.output().slice(phone.output().lastIndexOf('INVITE sip:'))
  t.match(invite, /^INVITE sip:4930990-0x\w+@127\.0\.0\.1/, 'its own contact is called')
  t.match(invite, 'P-Asserted-Identity: <sip:+4930555@itsp.test>')
  t.match(invite, 'P-Called-Party-ID: <sip:+493099011@itsp.test>')
  await far.hangsUp()
  const anonymous = await itsp.network.phone('anonymous', { tone: 880 })
  await anonymous.calls(itsp.numbers.account)
  await phone.rings()
  const withheld = phone.output().slice(phone.output().lastIndexOf('INVITE sip:'))
  t.match(withheld, 'Privacy: id')
  t.notMatch(withheld, 'P-Asserted-Identity')
  await anonymous.hangsUp()
})

t.test('a second registrar', { skip }, async (t) => {
  const itsp = await provider(t, { second: true })
  const phone = await customer(t, itsp, itsp.second)
  const far = await itsp.network.phone(FAR, { tone: 880, by: itsp.second })
  await talk(t, phone, far, FAR)
  await talk(t, far, phone, itsp.numbers.account)
  t.strictSame(await itsp.registrar.contacts(itsp.account.username), [])
})
