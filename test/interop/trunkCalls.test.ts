import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { issue, makeAuthority } from '../../src/certificates/issue.ts'
import { pcmu } from '../../src/codecs/g711.ts'
import { systemRandom } from '../../src/platform/random.ts'
import { tone } from '../support/audio.ts'
import { until } from '../support/deadline.ts'
import { unlessTls } from '../support/itsp/kamailio.ts'
import { unlessBuilt } from '../support/offhook.ts'
import { startSipp } from '../support/phones/sipp.ts'
import {
  ackAnswer,
  calls,
  hangsUp,
  maybe,
  pause,
  receive,
  receiveAnswer,
  receiveRequest,
  responds,
  scenario,
  stream,
} from '../support/phones/sippScenario.ts'
import { unless } from '../support/tools.ts'
import { heard } from './conversation.ts'
import { FAR, FAR_TONE, heardBoth, NEAR_TONE, talk, trunkScene } from './trunks.ts'

const skip = unless('kamailio', 'kamcmd', 'baresip') || unlessBuilt('trunk')

/** When its call is answered, baresip takes up its sound anew, ms. */
const RESTARTS = 40

t.test('over TCP', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar, '--transport', 'tcp')
  await people.goesOut('city')
  await people.server.cli('number', 'add', itsp.numbers.account, '--to', 'user:101')
  await people.registered(itsp.registrar)
  t.equal(itsp.registrar.captured('REGISTER').at(-1)?.protocol, 'tcp')
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE })
  await near.registers()
  await talk(t, near, far, FAR)
  heardBoth(t, near, far)
  t.equal(itsp.registrar.captured('INVITE').at(-1)?.protocol, 'tcp')
  await talk(t, far, near, itsp.numbers.account)
  heardBoth(t, near, far)
})

t.test('over TLS, to a server that proves its name', { skip: skip || unlessTls() }, async (t) => {
  const name = 'sip.provider.example'
  const authority = await makeAuthority('Test', ['provider.example'], new Date(), systemRandom)
  const certificate = await issue(authority, { dns: [name], addresses: [] }, new Date(), systemRandom)
  const file = join(t.testdir(), 'authority.pem')
  writeFileSync(file, authority.chain)
  const people = await trunkScene(t, { certificate }, { args: ['--tls-ca', file] })
  const { itsp, names } = people
  names.set(name, { type: 'A', address: itsp.registrar.host })
  await people.trunk('city', itsp.registrar, '--transport', 'tls', '--host', name)
  await people.goesOut('city')
  await people.server.cli('number', 'add', itsp.numbers.account, '--to', 'user:101')
  await people.registered(itsp.registrar)
  t.equal(itsp.registrar.captured('REGISTER').at(-1)?.protocol, 'tls')
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE })
  await near.registers()
  await talk(t, near, far, FAR)
  heardBoth(t, near, far)
  t.equal(itsp.registrar.captured('INVITE').at(-1)?.protocol, 'tls')
  await talk(t, far, near, itsp.numbers.account)
  heardBoth(t, near, far)

  names.set('evil.example', { type: 'A', address: itsp.registrar.host })
  await people.trunk('evil', itsp.registrar, '--transport', 'tls', '--host', 'evil.example')
  const { code, says } = await people.trunkTest('evil')
  t.equal(code, 1)
  t.match(says, /certificate is for another name/)
})

t.test('hold, resume and keys, over a proxy that stays in the dialog', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar)
  await people.goesOut('city')
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE })
  await near.registers()
  await near.calls(FAR)
  await far.rings()
  await far.answers()
  await near.talks()
  for (const [holder, held] of [
    [near, far],
    [far, near],
  ] as const) {
    await holder.holds()
    await held.audioIs('recvonly')
    await holder.resumes()
    await held.audioIs('sendrecv')
    await near.receives(50)
    await far.receives(50)
  }
  await near.presses('5')
  await far.hearsKeys(1)
  await far.presses('7')
  await near.hearsKeys(1)
  t.equal(`${far.keys()}${near.keys()}`, '57')
  await far.hangsUp()
  await near.ends()
})

for (const again of [false, true]) {
  const name = `what sounds before a call is answered is heard${again ? ', though 183 is sent again' : ''}`
  t.test(name, { skip: skip || unless('sipp') }, (t) => soundsEarly(t, again))
}

t.test('the server is killed: its trunk is there again', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar)
  await people.goesOut('city')
  await people.server.cli('number', 'add', itsp.numbers.account, '--to', 'user:101')
  await people.registered(itsp.registrar)
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE })
  await near.registers()
  const before = itsp.registrar.captured('REGISTER').length
  await people.crashes()
  await itsp.registrar.captures('REGISTER', before + 1)
  await talk(t, far, near, itsp.numbers.account)
  await talk(t, near, far, FAR)
  heardBoth(t, near, far)
})

t.test('it takes its leave when it is stopped, or its trunk removed', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar)
  await people.registered(itsp.registrar)
  await people.server.cli('trunk', 'remove', 'city')
  await people.registered(itsp.registrar, 0)
  await people.trunk('city', itsp.registrar)
  await people.registered(itsp.registrar)
  await people.server.stop()
  t.strictSame(await itsp.registrar.contacts(itsp.account.username), [])
})

t.test('as many calls as the trunk may carry', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar, '--max-calls', '1')
  await people.goesOut('city')
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const other = await people.baresip('102', { tone: NEAR_TONE })
  await people.server.cli('user', 'set', '102', '--allow', 'internal,national,international')
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE })
  await near.registers()
  await other.registers()
  await near.calls(FAR)
  await far.rings()
  await other.calls(FAR)
  t.match(await other.ends(), /^(480|486|503) /, 'one is too many')
  await near.hangsUp()
  await far.ends()
  await other.calls(FAR)
  await far.rings()
  await other.hangsUp()
})

t.test('a user who may not call abroad reaches no trunk', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar)
  await people.goesOut('city')
  const near = await people.baresip('102', { tone: NEAR_TONE })
  await near.registers()
  await near.calls('+15005550006')
  t.match(await near.ends(), /^403 /)
  t.equal(itsp.registrar.captured('INVITE').length, 0)
  const last = await until(8000, 'the call record', async () => people.lastCall().catch(() => undefined))
  t.match(last, { from: '102', to: '+15005550006' })
})

t.test('many calls at once, each with its own proof', { skip: skip || unless('sipp') }, async (t) => {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar)
  await people.goesOut('city')
  const count = 20
  const answers = [receiveRequest('INVITE'), responds(180, 'Ringing'), responds(200, 'OK', 'sendrecv')]
  const far = await startSipp({
    dir: people.dir('far'),
    address: itsp.network.address,
    server: itsp.registrar.address,
    users: [{ user: 'far', password: '' }],
    calls: count,
    scenario: scenario('answers', answers, receiveRequest('ACK'), receiveRequest('BYE'), responds(200, 'OK')),
  })
  await itsp.registrar.reaches(FAR, `${itsp.network.address}:${far.port}`)
  const talk = [maybe(100), maybe(180), receiveAnswer(), ackAnswer(), pause(2000), hangsUp(), receive(200)]
  const near = await startSipp({
    dir: people.dir('near'),
    server: people.server.address('udp'),
    users: [{ ...people.users['101'], dials: FAR }],
    calls: count,
    scenario: scenario('calls', calls(), talk),
  })
  t.match(await near.finish(), { successful: count, failed: 0, problem: '' })
  t.match(await far.finish(), { successful: count, failed: 0, problem: '' })
  t.strictSame(await people.activeCalls(), [], 'no call is left')
})

async function soundsEarly(t: Test, again: boolean): Promise<void> {
  const people = await trunkScene(t)
  const { itsp } = people
  await people.trunk('city', itsp.registrar)
  await people.goesOut('city')
  const dir = people.dir('far')
  const sound = tone(FAR_TONE, 10).samples
  const octets = new Uint8Array(sound.length)
  pcmu.encoder().encode(sound, octets)
  writeFileSync(join(dir, 'tone.ulaw'), octets)
  const progress = responds(183, 'Session Progress', 'sendrecv')
  const sounds = [receiveRequest('INVITE'), progress, stream(join(dir, 'tone.ulaw'))]
  const early = again ? [...sounds, pause(500), progress] : sounds
  const answers = [pause(5000), responds(200, 'OK', 'sendrecv'), receiveRequest('ACK'), receiveRequest('BYE')]
  const far = await startSipp({
    dir,
    address: itsp.network.address,
    server: itsp.registrar.address,
    users: [{ user: 'far', password: '' }],
    scenario: scenario('sounds early', early, answers, responds(200, 'OK')),
  })
  await itsp.registrar.reaches(FAR, `${itsp.network.address}:${far.port}`)
  const near = await people.baresip('101', { tone: NEAR_TONE })
  await near.registers()
  await near.calls(FAR)
  await near.listens(2)
  t.match(await people.activeCalls(), [{ state: 'ringing' }], 'not yet answered')
  await near.talks()
  await near.hangsUp()
  heard(t, near, FAR_TONE, 5, RESTARTS)
  t.equal((await far.finish()).problem, '')
}
