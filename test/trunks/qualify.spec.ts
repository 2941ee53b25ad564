import t from 'tap'
import { Qualify } from '../../src/trunks/qualify.ts'
import { answers, silent } from '../support/virtual/provider.ts'
import { at, type Ours, ours, SETTINGS, THEM } from './ours.ts'

function qualifying(side: Ours, target = at(THEM)) {
  const states: string[] = []
  const failed: string[] = []
  const qualify = new Qualify({
    settings: SETTINGS,
    every: 60,
    link: side.link,
    servers: { resolve: async () => [target], failed: ({ address }) => void failed.push(address) },
    changed: (state) => void states.push(`${state} at ${Math.round(side.clock.now() / 1000)}`),
  })
  return { qualify, states, failed }
}

t.test('any answer but 503 and 408 is up; the round trip is measured', async (t) => {
  for (const status of [200, 401, 403, 404, 405, 480, 500]) {
    const side = await ours()
    side.network.impairment = { ...side.network.impairment, delay: 20 }
    side.provider.manner = answers(status)
    const { qualify, states } = qualifying(side)
    t.equal(qualify.state, 'unknown')
    qualify.start()
    await side.clock.advance(100)
    t.strictSame(states, ['up at 0'], String(status))
    t.equal(qualify.roundTrip, 40)
    t.equal(qualify.problem, null)
    await side.clock.advance(600_000)
    const asked = side.provider.take().length
    t.ok(asked >= 10 && asked <= 12, `${asked} in ten minutes`)
    t.equal(states.length, 1)
    qualify.close()
    side.close()
    t.equal(side.left(), 0, 'no timer is left')
  }
})

t.test('one failure is asked again after 5 s, two are down, and one answer is up', async (t) => {
  const side = await ours()
  const { qualify, states, failed } = qualifying(side)
  qualify.start()
  await side.clock.advance(100)
  side.provider.manner = answers(503)
  await side.clock.advanceUntil(() => qualify.problem !== null, 70_000)
  t.match(qualify.problem, /udp 203\.0\.113\.5:5060 is out of order: it answers 503/)
  t.equal(qualify.state, 'up')
  t.strictSame(failed, [THEM])
  side.provider.manner = answers(200)
  await side.clock.advance(5_100)
  t.equal(qualify.problem, null)
  t.equal(states.length, 1, 'nobody was told')
  side.provider.manner = silent
  await side.clock.advance(90_000)
  t.equal(qualify.state, 'down')
  t.match(qualify.problem, /does not answer/)
  t.equal(qualify.roundTrip, null)
  side.provider.manner = answers(404)
  await side.clock.advance(61_000)
  t.equal(qualify.state, 'up')
  t.strictSame(
    states.map((text) => text.split(' ')[0]),
    ['up', 'down', 'up'],
  )
  qualify.close()
})

t.test('what is registered or carries calls is not asked, and is up', async (t) => {
  const side = await ours()
  const { qualify, states } = qualifying(side)
  side.provider.manner = silent
  qualify.start()
  await side.clock.advance(1_000)
  for (let n = 0; n < 100; n++) {
    qualify.proved()
    await side.clock.advance(50_000)
  }
  t.equal(new Set(side.provider.take().map(({ cSeq }) => cSeq.number)).size, 1)
  t.strictSame(states, ['up at 1'])
  qualify.close()
})

t.test('nobody listens, or no name resolves', async (t) => {
  const side = await ours()
  side.provider.stop()
  const tcp = qualifying(side, at(THEM, 'tcp')).qualify
  tcp.start()
  await side.clock.advance(6_000)
  t.equal(tcp.state, 'down')
  t.equal(tcp.problem, 'nobody listens on tcp 203.0.113.5:5060')
  const nowhere = new Qualify({
    ...{ settings: SETTINGS, every: 60, link: side.link, changed: () => {} },
    servers: {
      resolve: () => Promise.reject(new Error('no name server answers')),
      failed: () => t.fail('none failed'),
    },
  })
  nowhere.start()
  await side.clock.advance(6_000)
  t.equal(nowhere.problem, 'the name provider.example does not resolve: no name server answers')
  const stuck = new Qualify({
    ...{ settings: SETTINGS, every: 60, link: side.link, changed: () => {} },
    servers: { resolve: () => new Promise(() => {}), failed: () => t.fail('none failed') },
  })
  stuck.start()
  await side.clock.advance(16_000)
  t.equal(stuck.state, 'down')
  for (const one of [tcp, nowhere, stuck]) one.close()
  await side.clock.advance(600_000)
})
