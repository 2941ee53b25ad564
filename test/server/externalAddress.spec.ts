import t, { type Test } from 'tap'
import { followExternalAddress } from '../../src/externalAddress.ts'
import { bindingResponse } from '../../src/stun/binding.ts'
import { silentLog } from '../support/silentLog.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { VirtualNetwork } from '../support/virtual/network.ts'
import { seededRandom } from '../support/virtual/random.ts'

const STUN = { address: '198.51.100.1', port: 3478 }

function scene(t: Test, wanted: string | null, resolve: (name: string) => Promise<string | null> = async () => null) {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const platform = { clock, network: network.host('0.0.0.0'), random: seededRandom(1), log: silentLog }
  const seen: string[] = []
  const started = followExternalAddress({
    ...{ platform, wanted, resolve, stunServers: [`${STUN.address}:${STUN.port}`] },
    found: (address) => seen.push(address),
  })
  t.teardown(async () => (await started)())
  return { clock, network, seen, started }
}

t.test('an address is taken as it is', async (t) => {
  const { seen, started, clock } = scene(t, '203.0.113.9')
  await started
  t.same(seen, ['203.0.113.9'])
  t.equal(clock.timers, 0, 'and nobody looks again')
})

t.test('a name is looked up, again each minute, and a failure keeps the last address', async (t) => {
  const answers = ['203.0.113.9', null, '203.0.113.9', '203.0.113.10']
  const { seen, started, clock } = scene(t, 'home.example', async () => answers.shift() ?? null)
  await started
  t.same(seen, ['203.0.113.9'])
  await clock.advance(180_000)
  t.same(seen, ['203.0.113.9', '203.0.113.10'])
})

t.test('auto asks a STUN server', async (t) => {
  const { clock, network, seen, started } = scene(t, 'auto')
  const server = await network.host(STUN.address).bindUdp(STUN, (bytes, from) => {
    const answer = bindingResponse(bytes, { address: '203.0.113.77', port: 4711 })
    if (answer) server.send(answer, from)
  })
  await clock.advance(100)
  await started
  t.same(seen, ['203.0.113.77'])
})

t.test('auto without an answer finds nothing, and does not hold up the start for long', async (t) => {
  const { clock, seen, started } = scene(t, 'auto')
  await clock.advance(1_100)
  await started
  t.same(seen, [])
})

t.test('an answer to somebody else is none', async (t) => {
  const { clock, network, seen, started } = scene(t, 'auto')
  const server = await network.host(STUN.address).bindUdp(STUN, (bytes, from) => {
    const forged = Buffer.from(bytes)
    forged[19] = (forged[19] ?? 0) ^ 1
    const answer = bindingResponse(forged, { address: '203.0.113.77', port: 4711 })
    if (answer) server.send(answer, from)
  })
  await clock.advance(1_100)
  await started
  t.same(seen, [])
})
