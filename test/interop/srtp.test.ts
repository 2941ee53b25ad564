import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { issue, makeAuthority } from '../../src/certificates/issue.ts'
import { systemRandom } from '../../src/platform/random.ts'
import { until } from '../support/deadline.ts'
import { unlessTls } from '../support/itsp/kamailio.ts'
import { unlessBuilt } from '../support/offhook.ts'
import type { Baresip } from '../support/phones/baresip.ts'
import { unless } from '../support/tools.ts'
import { FAR, FAR_TONE, heardBoth, NEAR_TONE, type TrunkScene, talk, trunkScene } from './trunks.ts'

// baresip encrypts by libsrtp, with keys in SDP (RFC 4568), and takes nothing else.

const skip = unless('kamailio', 'kamcmd', 'baresip') || unlessBuilt('trunk')
const WARNING = /encrypted by keys that go with the signalling, which is not: set --transport tls/

/** 101 and a telephone far away, with a trunk between them whose audio is encrypted. */
async function twoEnds(
  people: TrunkScene,
  srtp: boolean,
  ...flags: string[]
): Promise<{ near: Baresip; far: Baresip }> {
  const { itsp } = people
  await people.trunk('city', itsp.registrar, '--srtp', ...flags)
  await people.goesOut('city')
  await people.server.cli('number', 'add', itsp.numbers.account, '--to', 'user:101')
  await people.registered(itsp.registrar)
  const near = await people.baresip('101', { tone: NEAR_TONE })
  const far = await itsp.network.phone(FAR, { tone: FAR_TONE, srtp })
  await near.registers()
  return { near, far }
}

async function called(t: Test, near: Baresip, far: Baresip): Promise<void> {
  await near.calls(FAR)
  await far.rings()
  await far.answers()
  await near.talks()
  await near.listens(2)
  await far.listens(2)
  heardBoth(t, near, far)
}

async function holdsAndResumes(holder: Baresip, held: Baresip): Promise<void> {
  await holder.holds()
  await held.audioIs('recvonly')
  await holder.resumes()
  await held.audioIs('sendrecv')
  await holder.receives(50)
  await held.receives(50)
}

t.test('calls in and out, held and resumed by either side, with reports', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { near, far } = await twoEnds(people, true)
  await talk(t, far, near, people.itsp.numbers.account)
  heardBoth(t, near, far)
  await called(t, near, far)
  await holdsAndResumes(near, far)
  await holdsAndResumes(far, near)
  const sealed = await until(15_000, 'a report of the far end', async () => {
    const leg = (await people.lastCall()).legs.find(({ user }) => user === 'trunk:city')
    return leg?.stats && leg.stats.rtcpReceived > 0 ? leg : undefined
  })
  t.match(sealed, { stats: { transport: 'srtp' }, chain: /srtp/ })
  t.equal((await far.packets()).lost, 0)
  await near.hangsUp()
  await far.ends()
  t.match(await people.server.cli('dialplan', 'check', '--json'), WARNING)
})

t.test('over TLS, where nobody reads the keys', { skip: skip || unlessTls() }, async (t) => {
  const name = 'sip.provider.example'
  const authority = await makeAuthority('Test', ['provider.example'], new Date(), systemRandom)
  const certificate = await issue(authority, { dns: [name], addresses: [] }, new Date(), systemRandom)
  const file = join(t.testdir(), 'authority.pem')
  writeFileSync(file, authority.chain)
  const people = await trunkScene(t, { certificate }, { args: ['--tls-ca', file] })
  people.names.set(name, { type: 'A', address: people.itsp.registrar.host })
  const { near, far } = await twoEnds(people, true, '--transport', 'tls', '--host', name)
  await called(t, near, far)
  await holdsAndResumes(near, far)
  await near.hangsUp()
  await far.ends()
  t.notMatch(await people.server.cli('dialplan', 'check', '--json'), WARNING)
})

t.test('a far end that does not encrypt is not called, and does not get through', { skip }, async (t) => {
  const people = await trunkScene(t)
  const { near, far } = await twoEnds(people, false)
  await near.calls(FAR)
  t.match(await near.ends(), /^488 /)
  await far.ends()
  await far.calls(people.itsp.numbers.account)
  t.match(await far.ends(), /^488 /)
  t.match(await people.lastCall(), { outcome: 'failed', status: 488, reason: /no encrypted audio/ })
})
