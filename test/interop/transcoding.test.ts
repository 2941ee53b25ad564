import t from 'tap'
import { unless } from '../support/tools.ts'
import { connect, heard } from './conversation.ts'
import { scene } from './people.ts'

const skip = unless('baresip')

/** What is made up for a packet that comes too late, as on a busy machine, is not quite the tone, ms. */
const CONCEALED = 40

const PCMU = { codecs: 'PCMU', codec: 'pcmu/8000/1', sampleRate: 8000 } as const
const PCMA = { codecs: 'PCMA', codec: 'pcma/8000/1', sampleRate: 8000 } as const
const G722 = { codecs: 'G722/16000/1', codec: 'g722/8000/1', sampleRate: 16000 } as const
const OPUS = { codecs: 'opus/48000/2', codec: 'opus/48000/2', sampleRate: 48000, channels: 2 } as const

for (const [caller, callee] of [
  [PCMU, PCMA],
  [PCMU, G722],
  [G722, PCMA],
  [PCMU, OPUS],
  [OPUS, G722],
] as const) {
  t.test(`${caller.codec} alone calls ${callee.codec} alone`, { skip }, async (t) => {
    const people = await scene(t)
    const alice = await people.baresip('101', { tone: 440, ...caller })
    const bob = await people.baresip('102', { tone: 880, ...callee })
    await connect(alice, bob, '102')
    await alice.listens(4)
    await bob.listens(4)
    const legs = [caller, callee].map(({ codec }) => ({ codec, stats: { lost: 0 } }))
    t.match(await people.lastCall(), { legs }, 'each in its own codec')
    t.equal((await alice.packets()).lost, 0, 'no report says that what alice sent was lost')
    t.equal((await bob.packets()).lost, 0, 'nor what bob sent')
    await alice.hangsUp()
    await bob.ends()
    heard(t, alice, 880, 4, CONCEALED)
    heard(t, bob, 440, 4, CONCEALED)
  })
}
