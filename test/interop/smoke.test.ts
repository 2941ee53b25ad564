import t from 'tap'
import { runSipp } from '../support/phones/sipp.ts'
import {
  ackAnswer,
  calls,
  hangsUp,
  maybe,
  receive,
  receiveAnswer,
  registers,
  scenario,
} from '../support/phones/sippScenario.ts'
import { unless } from '../support/tools.ts'
import { connect, heard } from './conversation.ts'
import { scene } from './people.ts'

// Linphone's adaptive jitter buffer drops and repeats some milliseconds of its own while it settles.
const shifts = 60

// One short call with each real client: what `npm test` runs of the interop tests.

t.test('two baresip phones talk', { skip: unless('baresip') }, async (t) => {
  const people = await scene(t)
  const alice = await people.baresip('101', { tone: 440 })
  const bob = await people.baresip('102', { tone: 880 })
  await connect(alice, bob, '102')
  await alice.listens(2)
  await bob.listens(2)
  await alice.hangsUp()
  await bob.ends()
  heard(t, alice, 880, 2)
  heard(t, bob, 440, 2)
})

t.test('linphone hears itself', { skip: unless('linphonec') }, async (t) => {
  const people = await scene(t)
  const alice = await people.linphone('101', { tone: 440 })
  await alice.registers()
  await alice.calls('*43')
  await alice.talks()
  await alice.listens(2)
  await alice.hangsUp()
  heard(t, alice, 440, 2, shifts)
})

t.test('SIPp registers and calls', { skip: unless('sipp') }, async (t) => {
  const people = await scene(t)
  const alice = {
    dir: people.dir('sipp'),
    server: people.server.address('udp'),
    users: [{ ...people.users['101'], dials: '*43' }],
  }
  const registration = await runSipp({ ...alice, scenario: scenario('registers', registers(), receive(200)) })
  t.equal(registration.problem, '', 'registers')
  const flow = [calls(), maybe(100), maybe(180), receiveAnswer(), ackAnswer(), hangsUp(), receive(200)]
  const call = await runSipp({ ...alice, scenario: scenario('calls', ...flow) })
  t.equal(call.problem, '', 'calls')
})
