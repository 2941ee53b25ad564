import { readFileSync } from 'node:fs'
import t from 'tap'
import { codecNames } from '../../src/api/codecNames.ts'
import { Subnets } from '../../src/platform/address.ts'
import { checkTrunk, presets, readPreset } from '../../src/trunks/presets.ts'
import type { TrunkEntry } from '../../src/trunks/trunk.ts'
import { entry, preset, trunk } from './trunks.ts'

const account = { username: '49301234', password: 'secret' }

t.test('the providers that we know', async (t) => {
  const names = ['fritzbox', 'generic', 'sipgate', 'telekom', 'telnyx', 'twilio', 'voipms']
  t.strictSame([...presets().keys()], names)
  for (const [name, { settings, example, hosts, usualHost, sources, unverified }] of presets()) {
    t.doesNotThrow(() => new Subnets(settings.allowIp), `${name} names subnets`)
    for (const codec of settings.codecs ?? []) t.ok(codecNames.includes(codec), `${name} speaks ${codec}`)
    for (const host of [example, usualHost ?? example])
      t.equal(checkTrunk(entry({ ...account, host }), preset(name)), null, `${name} takes ${host}`)
    if (name !== 'generic') t.ok(sources.length > 0 && unverified.length > 0, `${name} says where its facts are from`)
    if (hosts.length > 0)
      t.match(checkTrunk(entry({ ...account, host: 'sip.example.com' }), preset(name)), /is no host of/)
  }
})

t.test('what the admin says wins; all else is the preset’s', async (t) => {
  const twilio = trunk('twilio', {
    host: 'acme.pstn.twilio.com',
    allowIp: ['10.0.0.1', '54.172.60.0/30'],
    dtmf: 'info',
  })
  t.match(twilio, { transport: 'udp', register: false, numberFormat: 'e164', codecs: ['pcmu', 'pcma'], dtmf: 'info' })
  t.equal(twilio.allowIp.filter((cidr) => cidr === '54.172.60.0/30').length, 1)
  t.ok(twilio.allowIp.includes('10.0.0.1'))
  const given = { transport: 'tls', callerIdHeader: 'rpid', numberFormat: 'raw', codecs: ['opus'], ptime: 40 } as const
  t.match(trunk('generic', { ...given, sessionTimers: false, register: true }), {
    ...given,
    sessionTimers: false,
    register: true,
  })
})

t.test('who registers', async (t) => {
  const cases: readonly (readonly [string, Partial<TrunkEntry>, boolean])[] = [
    ['generic', account, false],
    ['generic', { ...account, register: true }, true],
    ['telnyx', {}, false],
    ['telnyx', account, true],
    ['telnyx', { ...account, register: false }, false],
    ['voipms', account, true],
    ['sipgate', account, true],
    ['twilio', account, false],
  ]
  for (const [name, given, registers] of cases)
    t.equal(trunk(name, given).register, registers, `${name} ${JSON.stringify(given)}`)
})

t.test('what a preset needs is told with its mend', async (t) => {
  const problem = (name: string, given: Partial<TrunkEntry>) => checkTrunk(entry(given), preset(name))
  t.equal(
    problem('twilio', { host: 'acme.twilio.com' }),
    'acme.twilio.com is no host of Twilio Elastic SIP Trunking; write one like your-trunk.pstn.twilio.com, or take --preset generic',
  )
  for (const host of ['pstn.twilio.com', 'acme.pstn.twilio.com.evil.net', 'acmepstn.twilio.com', '.pstn.twilio.com'])
    t.match(problem('twilio', { host }), /is no host of/, host)
  for (const host of [
    'ACME.pstn.twilio.com',
    'acme.pstn.frankfurt.twilio.com',
    '127.0.0.5',
    '2001:db8::1',
    'itsp.test',
  ])
    t.equal(problem('twilio', { host }), null, host)
  t.match(problem('generic', { host: 'a:5060' }), /--port/)
  const twilio = { host: 'acme.pstn.twilio.com' }
  t.match(problem('twilio', { ...twilio, ...account, register: true }), /leave out --register/)
  t.equal(problem('sipgate', { host: 'sipgate.de' }), 'sipgate needs a username: give it with --username')
  t.equal(
    problem('sipgate', { host: 'sipgate.de', username: '1' }),
    'sipgate needs a password: give it with --password',
  )
  t.match(problem('generic', { password: 'x' }), /add --username/)
  t.match(problem('generic', { register: true }), /add --username and --password/)
  t.match(problem('voipms', { host: 'paris.voip.ms', username: '1' }), /add --password/)
  t.equal(problem('voipms', { host: 'paris.voip.ms', username: '1', register: false }), null)
})

t.test('docs/trunks.md has them all', async (t) => {
  const text = readFileSync('docs/trunks.md', 'utf8')
  for (const name of presets().keys()) t.match(text, `| \`${name}\` |`)
})

t.test('a preset with a mistake is named', async (t) => {
  t.throws(() => readPreset('acme', 'title: Acme\nregister: maybe\n'), { message: /^config\/trunks\/acme\.yaml: / })
})
