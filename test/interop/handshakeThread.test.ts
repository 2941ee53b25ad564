import { Worker } from 'node:worker_threads'
import t from 'tap'
import { createHandshakes } from '../../src/webrtc/dtls/localHandshakes.ts'
import { type Born, createThreadedHandshakes } from '../../src/webrtc/dtls/thread/threadedHandshakes.ts'
import { couple, handshakesContract, hears, talker } from '../contracts/handshakes.ts'

// A real thread, as in a server: it loads werift, and may die.

const gone = 'the thread of the DTLS handshakes has ended'
const entry = new URL('../../src/webrtc/dtls/thread/thread.ts', import.meta.url)

handshakesContract('handshakes on a thread of their own', async () => {
  const handshakes = await createThreadedHandshakes()
  return { handshakes, end: () => handshakes.close() }
})

t.test(
  'a thread that dies fails what is under way, and another takes its place with the same certificate',
  async (t) => {
    const workers: Worker[] = []
    const start = (born: Born) => {
      const worker = new Worker(entry, { workerData: born, transferList: [born.port] })
      workers.push(worker)
      return worker
    }
    let deaths = 0
    const threaded = await createThreadedHandshakes({ start, onDeath: () => deaths++ })
    const others = await createHandshakes()
    const { fingerprint } = threaded
    const standing = couple(threaded, others, 'server')
    await hears(standing.a, 'done')
    const waiting = talker(threaded, { role: 'server', fingerprints: [others.fingerprint] })
    await workers[0]?.terminate()
    await hears(waiting, gone)
    t.strictSame(standing.a.told, ['done'], 'a connection that stands needs it no more')
    standing.a.handshake.close()
    const after = couple(threaded, others, 'client')
    await Promise.all([hears(after.a, 'done'), hears(after.b, 'done')])
    t.strictSame([workers.length, deaths, threaded.fingerprint], [2, 1, fingerprint])
    threaded.close()
    await hears(after.b, 'closed')
    others.close()
  },
)

t.test('a thread that does not come up is an error', async (t) => {
  const start = () => new Worker('throw new Error("no library")', { eval: true })
  await t.rejects(createThreadedHandshakes({ start }), { message: 'no library' })
})
