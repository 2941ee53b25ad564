import t, { type Test } from 'tap'
import { dominantFrequency, gaps, heardFor } from '../support/audio.ts'
import type { Phone } from '../support/phones/phone.ts'
import { scene } from './people.ts'

/** That all of `phone`'s last call, of at least `seconds`, was a tone of `hz` without holes. */
function heard(t: Test, phone: Phone, hz: number, seconds: number): void {
  const recording = phone.recording()
  t.equal(dominantFrequency(recording), hz, `heard ${hz} Hz`)
  t.strictSame(gaps(recording, hz), [], 'without a gap')
  t.ok(heardFor(recording, hz) > (seconds - 0.2) * 1000, `for ${heardFor(recording, hz)} ms`)
}

for (const transport of ['udp', 'tcp'] as const) {
  t.test(`two phones talk over ${transport}`, async (t) => {
    const { server, ...people } = await scene(t)
    const alice = await people.baresip('101', { tone: 440, transport })
    const bob = await people.baresip('102', { tone: 880, transport })
    await alice.registers()
    await bob.registers()

    await alice.calls('102')
    await bob.rings()
    await bob.answers()
    await alice.talks()
    await alice.listens(5)
    await bob.listens(5)

    const [call] = await activeCalls(server)
    t.match(call, { from: '101', to: '102', answeredBy: '102', state: 'up' }, 'the call is on the list')
    const shown = await server.json('call', 'show', call?.id ?? '')
    t.match(shown, {
      id: call?.id,
      legs: [
        { user: '101', codec: 'pcmu/8000/1' },
        { user: '102', codec: 'pcmu/8000/1' },
      ],
    })
    t.strictSame({ alice: (await alice.packets()).lost, bob: (await bob.packets()).lost }, { alice: 0, bob: 0 })

    if (transport === 'udp') {
      await alice.hangsUp()
      await bob.ends()
    } else {
      await bob.hangsUp()
      await alice.ends()
    }
    heard(t, alice, 880, 5)
    heard(t, bob, 440, 5)
    t.strictSame(await activeCalls(server), [], 'no call is left')
    t.match(await server.json('call', 'show', call?.id ?? ''), {
      outcome: 'answered',
      endedBy: transport === 'udp' ? 'caller' : 'callee',
    })
  })
}

t.test('the echo test: a phone hears itself', async (t) => {
  const people = await scene(t)
  const alice = await people.baresip('101', { tone: 440 })
  await alice.registers()
  await alice.calls('*43')
  await alice.talks()
  await alice.listens(3)
  await alice.hangsUp()
  heard(t, alice, 440, 3)
})

t.test('hold and resume', async (t) => {
  const { server, ...people } = await scene(t)
  const alice = await people.baresip('101', { tone: 440 })
  const bob = await people.baresip('102', { tone: 880 })
  await alice.registers()
  await bob.registers()
  await alice.calls('102')
  await bob.rings()
  await bob.answers()
  await alice.talks()
  await alice.listens(1)
  await bob.listens(1)

  await alice.holds()
  await bob.audioIs('recvonly')
  t.match(await activeCalls(server), [{ state: 'held' }], 'the server knows')
  await alice.resumes()
  await bob.audioIs('sendrecv')
  await alice.receives(50)
  await bob.receives(50)

  await bob.holds()
  await alice.audioIs('recvonly')
  await bob.resumes()
  await alice.audioIs('sendrecv')
  await alice.receives(50)
  await bob.receives(50)
  await bob.hangsUp()
  await alice.ends()
})

t.test('a call that is declined, one that is given up, and one hung up by the admin', async (t) => {
  const { server, ...people } = await scene(t)
  const alice = await people.baresip('101', { tone: 440 })
  const bob = await people.baresip('102', { tone: 880 })
  await alice.registers()
  await bob.registers()

  await alice.calls('102')
  await bob.rings()
  await bob.hangsUp()
  t.match(await alice.ends(), /^(486|603)/, 'declined')

  await alice.calls('102')
  await bob.rings()
  await alice.hangsUp()
  await bob.ends()

  await alice.calls('102')
  await bob.rings()
  await bob.answers()
  await alice.talks()
  const [call] = await activeCalls(server)
  await server.cli('call', 'hangup', call?.id ?? '')
  await alice.ends()
  await bob.ends()
})

interface ActiveCall {
  readonly id: string
}

async function activeCalls(server: { json(...args: string[]): Promise<unknown> }): Promise<ActiveCall[]> {
  const calls = await server.json('call', 'list', '--active')
  return Array.isArray(calls) ? calls : []
}
