import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { dominantFrequency } from '../support/audio.ts'
import { runSipp, type Sipp, type SippOptions, type SippResult, startSipp } from '../support/phones/sipp.ts'
import {
  ackAnswer,
  ackFailure,
  calls,
  cancels,
  type Flow,
  hangsUp,
  maybe,
  pause,
  receive,
  receiveAnswer,
  receiveRequest,
  registers,
  reInvites,
  responds,
  respondsCancelled,
  type Step,
  scenario,
  stream,
} from '../support/phones/sippScenario.ts'
import { unless } from '../support/tools.ts'
import { type Scene, scene } from './people.ts'

const skip = unless('sipp')

const ringing: Step = responds(180, 'Ringing')
const answers = [responds(200, 'OK', 'sendrecv'), receiveRequest('ACK')]
const hearsBye = [receiveRequest('BYE'), responds(200, 'OK')]

/** SIPp as one user of the scene. */
function sippOf(people: Scene, user: '101' | '102', dials = '102'): Omit<SippOptions, 'scenario'> {
  return { dir: people.dir('sipp'), server: people.server.address('udp'), users: [{ ...people.users[user], dials }] }
}

/** SIPp registers as 102 and waits there for a call that goes as `flow` says, after the INVITE has come. */
async function callee(t: Test, people: Scene, flow: Flow, ...extra: string[]): Promise<Sipp> {
  const bob = sippOf(people, '102')
  const registration = await startSipp({ ...bob, scenario: scenario('registers', registers(), receive(200)) })
  passed(t, await registration.finish(), 'bob registers')
  const invited = scenario('is called', receiveRequest('INVITE'), ...flow)
  return startSipp({ ...bob, port: registration.port, scenario: invited, extra })
}

function passed(t: Test, { problem, failed, successful }: SippResult, what: string): void {
  t.equal(problem, '', what)
  t.ok(successful > 0 && failed === 0, `${what}: ${successful} passed, ${failed} failed`)
}

/** Runs caller and callee to their ends. */
async function plays(t: Test, people: Scene, bob: Sipp, ...flow: Flow): Promise<void> {
  const alice = await runSipp({ ...sippOf(people, '101'), scenario: scenario('calls', calls(), maybe(100), ...flow) })
  passed(t, alice, 'the caller')
  passed(t, await bob.finish(), 'the callee')
}

for (const transport of ['udp', 'tcp'] as const) {
  t.test(`registers over ${transport}`, { skip }, async (t) => {
    const people = await scene(t)
    const alice = { ...sippOf(people, '101'), transport, server: people.server.address(transport) }
    passed(
      t,
      await runSipp({ ...alice, scenario: scenario('registers', registers(), receive(200)) }),
      'with the password',
    )
    const wrong = [{ user: '101', password: 'not-it' }]
    const refused = scenario('is refused', registers(), receive(401))
    passed(t, await runSipp({ ...alice, users: wrong, scenario: refused }), 'and is refused without')
  })
}

t.test('takes MD5 where it stands before SHA-256', { skip }, async (t) => {
  const people = await scene(t)
  await people.server.cli('user', 'set', '101', '--digest', 'MD5,SHA-256')
  const result = await runSipp({ ...sippOf(people, '101'), scenario: scenario('registers', registers(), receive(200)) })
  passed(t, result, 'registers')
})

t.test('many register at once', { skip }, async (t) => {
  const people = await scene(t)
  const users = Array.from({ length: 60 }, (_, i) => ({ user: `${2000 + i}`, password: `p${i}` }))
  const csv = join(people.dir('import'), 'users.csv')
  writeFileSync(csv, ['user,password', ...users.map(({ user, password }) => `${user},${password}`), ''].join('\n'))
  await people.server.cli('user', 'import', csv)
  const crowd = { ...sippOf(people, '101'), users, extra: ['-r', '200'] }
  const result = await runSipp({ ...crowd, scenario: scenario('registers', registers(), receive(200)) })
  passed(t, result, 'all of them')
  t.equal(result.successful, 60)
})

t.test('a call', { skip }, async (t) => {
  const people = await scene(t)
  const bob = await callee(t, people, [ringing, answers, hearsBye])
  await plays(t, people, bob, receive(180), receiveAnswer(), ackAnswer(), pause(200), hangsUp(), receive(200))
})

t.test('a caller who gives up', { skip }, async (t) => {
  const people = await scene(t)
  const cancelled = [receiveRequest('CANCEL'), responds(200, 'OK'), respondsCancelled(), receiveRequest('ACK')]
  const bob = await callee(t, people, [ringing, cancelled])
  await plays(t, people, bob, receive(180), cancels(), receive(200), receive(487), ackFailure())
})

for (const [status, reason] of [
  [486, 'Busy Here'],
  [603, 'Decline'],
] as const) {
  t.test(`a callee who says ${status}`, { skip }, async (t) => {
    const people = await scene(t)
    const bob = await callee(t, people, [ringing, responds(status, reason), receiveRequest('ACK')])
    await plays(t, people, bob, maybe(180), receive(status), ackFailure())
  })
}

t.test('numbers that cannot be reached', { skip }, async (t) => {
  const people = await scene(t)
  const refused = (status: number) => scenario(`gets ${status}`, calls(), maybe(100), receive(status), ackFailure())
  passed(t, await runSipp({ ...sippOf(people, '101', '999'), scenario: refused(404) }), 'no such user')
  passed(t, await runSipp({ ...sippOf(people, '101', '103'), scenario: refused(480) }), 'a user without a phone')
})

t.test('re-INVITE: held and resumed', { skip }, async (t) => {
  const people = await scene(t)
  const modified = (sdp: 'sendrecv' | 'sendonly' | 'recvonly') => [
    receiveRequest('INVITE'),
    responds(200, 'OK', sdp),
    receiveRequest('ACK'),
  ]
  const bob = await callee(t, people, [ringing, answers, modified('recvonly'), modified('sendrecv'), hearsBye])
  const modifies = (sdp: 'sendrecv' | 'sendonly') => [reInvites(sdp), maybe(100), receiveAnswer(), ackAnswer()]
  const talk = [receive(180), receiveAnswer(), ackAnswer()]
  await plays(t, people, bob, talk, modifies('sendonly'), modifies('sendrecv'), hangsUp(), receive(200))
})

t.test('the echo test with RTP: every packet comes back', { skip }, async (t) => {
  const people = await scene(t)
  const dir = people.dir('stream')
  writeFileSync(join(dir, 'tone.ulaw'), Buffer.alloc(8000, 0x55))
  const talk = [calls(), maybe(100), maybe(180), receiveAnswer(), ackAnswer(), stream(join(dir, 'tone.ulaw'))]
  const echoes = scenario('echoes', ...talk, pause(1200), hangsUp(), receive(200))
  passed(t, await runSipp({ ...sippOf(people, '101', '*43'), scenario: echoes }), 'the call')
  const stats = { received: { packets: 50 }, sent: { packets: 50 }, lost: 0 }
  t.match(await people.lastCall(), { outcome: 'answered', endedBy: 'caller', legs: [{ user: '101', stats }] })
})

t.test('RTP both ways: a phone hears itself by way of SIPp', { skip: unless('sipp', 'baresip') }, async (t) => {
  const people = await scene(t)
  const bob = await callee(t, people, [ringing, answers, hearsBye], '-rtp_echo')
  const alice = await people.baresip('101', { tone: 440 })
  await alice.registers()
  await alice.calls('102')
  await alice.talks()
  await alice.listens(2)
  await alice.hangsUp()
  t.equal(dominantFrequency(alice.recording()), 440)
  passed(t, await bob.finish(), 'the callee')
})
