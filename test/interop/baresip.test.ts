import t from 'tap'
import { unless } from '../support/tools.ts'
import { connect, heard } from './conversation.ts'
import { scene } from './people.ts'

const skip = unless('baresip')

for (const [transport, ending] of [
  ['udp', 'caller'],
  ['tcp', 'callee'],
] as const) {
  t.test(`two phones talk over ${transport}, the ${ending} hangs up`, { skip }, async (t) => {
    const people = await scene(t)
    const alice = await people.baresip('101', { tone: 440, transport })
    const bob = await people.baresip('102', { tone: 880, transport })
    await connect(alice, bob, '102')
    await alice.listens(5)
    await bob.listens(5)

    const up = { from: '101', to: '102', answeredBy: '102', state: 'up' }
    t.match(await people.activeCalls(), [up], 'the call is on the list')
    const legs = ['101', '102'].map((user) => ({ user, codec: 'pcmu/8000/1', stats: { lost: 0 } }))
    t.match(await people.lastCall(), { ...up, legs }, 'and is shown with its legs')
    t.equal((await alice.packets()).lost, 0, 'no report says that what alice sent was lost')
    t.equal((await bob.packets()).lost, 0, 'nor what bob sent')

    const [first, second] = ending === 'caller' ? [alice, bob] : [bob, alice]
    await first.hangsUp()
    await second.ends()
    heard(t, alice, 880, 5)
    heard(t, bob, 440, 5)
    t.strictSame(await people.activeCalls(), [], 'no call is left')
    t.match(await people.lastCall(), { outcome: 'answered', endedBy: ending, legs }, 'but its record')
  })
}

t.test('one phone on UDP, the other on TCP', { skip }, async (t) => {
  const people = await scene(t)
  const alice = await people.baresip('101', { tone: 440, transport: 'udp' })
  const bob = await people.baresip('102', { tone: 880, transport: 'tcp' })
  await connect(alice, bob, '102')
  await alice.listens(1)
  await bob.listens(1)
  await alice.hangsUp()
  await bob.ends()
  heard(t, alice, 880, 1)
  heard(t, bob, 440, 1)
})

for (const [codecs, codec, sampleRate] of [
  ['PCMA', 'pcma/8000/1', 8000],
  ['G722/16000/1', 'g722/8000/1', 16000],
] as const) {
  t.test(`with ${codecs}`, { skip }, async (t) => {
    const people = await scene(t)
    const alice = await people.baresip('101', { tone: 440, codecs, sampleRate })
    const bob = await people.baresip('102', { tone: 880, codecs, sampleRate })
    await connect(alice, bob, '102')
    await alice.listens(1)
    await bob.listens(1)
    t.match(await people.lastCall(), { legs: [{ codec }, { codec }] })
    await alice.hangsUp()
    await bob.ends()
    heard(t, alice, 880, 1)
    heard(t, bob, 440, 1)
  })
}

t.test('the echo test: a phone hears itself', { skip }, async (t) => {
  const people = await scene(t)
  const alice = await people.baresip('101', { tone: 440 })
  await alice.registers()
  await alice.calls('*43')
  await alice.talks()
  await alice.listens(3)
  await alice.hangsUp()
  heard(t, alice, 440, 3)
})

t.test('hold and resume, from either side', { skip }, async (t) => {
  const people = await scene(t)
  const alice = await people.baresip('101', { tone: 440 })
  const bob = await people.baresip('102', { tone: 880 })
  await connect(alice, bob, '102')
  await alice.listens(1)
  await bob.listens(1)
  for (const [holder, held] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    await holder.holds()
    await held.audioIs('recvonly')
    t.match(await people.activeCalls(), [{ state: 'held' }], 'the server knows')
    await holder.resumes()
    await held.audioIs('sendrecv')
    await alice.receives(50)
    await bob.receives(50)
  }
  await bob.hangsUp()
  await alice.ends()
})

t.test('a call that is declined, one that is given up, and one hung up by the admin', { skip }, async (t) => {
  const people = await scene(t)
  const alice = await people.baresip('101', { tone: 440 })
  const bob = await people.baresip('102', { tone: 880 })
  await alice.registers()
  await bob.registers()

  await alice.calls('102')
  await bob.rings()
  await bob.hangsUp()
  t.match(await alice.ends(), /^(486|603) /, 'declined')

  await alice.calls('102')
  await bob.rings()
  await alice.hangsUp()
  await bob.ends()

  await connect(alice, bob, '102')
  const [call] = await people.activeCalls()
  await people.server.cli('call', 'hangup', call?.id ?? '')
  await alice.ends()
  await bob.ends()
  t.match(await people.lastCall(), { outcome: 'answered', endedBy: 'admin' })
})

t.test('who was registered is called after the server was killed', { skip }, async (t) => {
  const people = await scene(t)
  const alice = await people.baresip('101', { tone: 440 })
  const bob = await people.baresip('102', { tone: 880 })
  await alice.registers()
  await bob.registers()
  await people.crashes()
  await alice.calls('102')
  await bob.rings()
  await bob.answers()
  await alice.talks()
  await alice.hangsUp()
  await bob.ends()
})
