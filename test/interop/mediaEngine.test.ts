import t from 'tap'
import type { MediaEvent } from '../../src/media/engine.ts'
import { createWorkerEngine } from '../../src/media/thread/workerEngine.ts'
import type { Log } from '../../src/platform/log.ts'
import { nodeNetwork } from '../../src/platform/nodeNetwork.ts'
import { systemClock } from '../../src/platform/systemClock.ts'
import { PortPool } from '../../src/rtp/ports/ports.ts'
import { createHandshakes } from '../../src/webrtc/dtls/localHandshakes.ts'
import type { EngineBench, MakeBench } from '../contracts/engineScene.ts'
import { engineSoundContract } from '../contracts/engineSound.ts'
import { mediaEngineContract } from '../contracts/mediaEngine.ts'
import { RtpPhone } from '../contracts/rtpPhone.ts'
import { fields } from '../rtp/rtpBytes.ts'
import { silentLog } from '../support/silentLog.ts'

const HOST = '127.0.0.1'
const LOW = 30100
/** Of WebRTC, apart from those. */
const WEBRTC = 29000
const DEADLINE = 5000

/** The worker engine on the sockets of this machine. */
function workerBench(threads: number, { log = silentLog, high = LOW + 5 }: { log?: Log; high?: number } = {}) {
  const ports = PortPool.create(LOW, high)
  const engine = createWorkerEngine({
    threads,
    ports,
    webrtcPorts: PortPool.createSingle(WEBRTC, WEBRTC + 99),
    handshakes: () => createHandshakes(),
    ownAddresses: [HOST],
    clock: systemClock,
    log,
  })
  const looks = new Set<() => void>()
  const bench: EngineBench = {
    engine,
    low: LOW,
    high,
    network: nodeNetwork,
    address: HOST,
    phoneAddress: HOST,
    stirred() {
      for (const look of looks) look()
    },
    until: (holds, what) =>
      new Promise((resolve, reject) => {
        const late = systemClock.after(DEADLINE, () => reject(new Error(`${what} did not come within ${DEADLINE} ms`)))
        const look = () => {
          if (!holds()) return
          looks.delete(look)
          late.cancel()
          resolve()
        }
        looks.add(look)
        look()
      }),
    end: () => engine.shutdown(),
  }
  return { ...bench, ports }
}

const shared = workerBench(1, { high: LOW + 199 })
t.teardown(shared.end)
const make: MakeBench = (use) => (use === 'alone' ? workerBench(1) : { ...shared, end: async () => {} })
mediaEngineContract('the worker engine', make)
engineSoundContract('the worker engine', make)

t.test('an address that is not ours is refused', async (t) => {
  const { engine, end } = workerBench(1)
  t.teardown(end)
  await t.rejects(engine.open([{ id: 'a', call: 'call', address: '192.0.2.1' }]), { name: 'MediaError', code: 'BIND' })
  t.equal(engine.legs, 0)
})

t.test('legs on two threads are linked: packets, keys and the end cross', async (t) => {
  const bench = workerBench(2)
  const { engine, until, stirred, end } = bench
  t.teardown(end)
  const [alice, bob] = [
    await RtpPhone.at(bench.network, HOST, 0xa11ce, stirred),
    await RtpPhone.at(bench.network, HOST, 0xb0b, stirred),
  ]
  t.teardown(() => [alice, bob].map((phone) => phone.close()))
  const [a] = await engine.open([{ id: 'a', call: 'one', address: HOST }])
  const [b] = await engine.open([{ id: 'b', call: 'two', address: HOST }])
  if (!a || !b) throw new Error('the legs were not opened')
  const pcma = [{ codec: 'pcma/8000/1', receive: 8, send: 8, fmtp: null }]
  engine.update('a', alice.sdp())
  engine.update('b', bob.sdp({ formats: pcma }))
  engine.link('link', 'a', 'b')
  engine.link('link', 'a', 'b')
  // What one half knows of the other comes to it after the answers to both.
  const talks = async (says: () => void, heard: () => number) => {
    const before = heard()
    await until(() => {
      if (heard() === before) says()
      return heard() > before
    }, 'a word')
  }
  const turns = setInterval(stirred, 20)
  t.teardown(() => clearInterval(turns))
  await talks(
    () => alice.says('hello', a),
    () => bob.heard.length,
  )
  await talks(
    () => bob.says('hi', b, { type: 8 }),
    () => alice.heard.length,
  )
  t.equal(bob.heard.map(fields).at(-1)?.type, 8, 'in the codec of the other')
  t.equal(alice.heard.map(fields).at(-1)?.type, 0)
  await talks(
    () => alice.says(String.fromCharCode(5, 0x8a, 3, 0x20), a, { type: 101, timestamp: 4711 }),
    () => bob.heard.length,
  )
  t.equal(bob.heard.map(fields).at(-1)?.payload.length, 160, 'a key as a tone')
  await engine.close('b')
  t.match(await engine.stats('a'), { leg: 'a' })
  engine.link('echo', 'a', 'a')
  await talks(
    () => alice.says('still here', a),
    () => alice.words.filter((word) => word === 'still here').length,
  )
})

t.test('a thread that dies takes only its own legs, and another takes its place', async (t) => {
  const errors: object[] = []
  const log = { ...silentLog, error: (facts: object) => errors.push(facts) }
  const { engine, until, stirred, ports, end } = workerBench(2, { log })
  t.teardown(end)
  const events: MediaEvent[] = []
  engine.on((event) => {
    events.push(event)
    stirred()
  })
  const [doomed] = await engine.open([{ id: 'a', call: 'one', address: HOST }])
  await engine.open([{ id: 'b', call: 'two', address: HOST }])
  engine.update('a', {
    rtp: null,
    rtcp: null,
    formats: [{ codec: 'our own mistake', receive: 0, send: 0, fmtp: null }],
    ptime: null,
    rtcpMux: false,
    sends: true,
    receives: true,
    keysInMedia: true,
    secure: null,
  })
  const closing = engine.stats('a')
  await until(() => events.length > 0, 'the end of the leg')
  t.match(events, [{ type: 'ended', leg: 'a', reason: /our own mistake/ }])
  t.equal(await closing, null, 'what was asked of it is answered')
  t.equal(engine.legs, 1)
  t.notOk(ports.owns(doomed?.port ?? 0), 'its ports are free')
  t.match(errors, [{ legs: 1, reason: /our own mistake/ }])
  t.match(await engine.stats('b'), { leg: 'b' })
  t.match(await engine.open([{ id: 'c', call: 'one', address: HOST }]), [{ leg: 'c' }], 'the call may go on elsewhere')
})

t.test('an engine that is shut down leaves no port in use', async (t) => {
  const { engine, ports } = workerBench(2)
  const [a] = await engine.open([{ id: 'a', call: 'one', address: HOST }])
  await engine.shutdown()
  t.notOk(ports.owns(a?.port ?? 0))
})
