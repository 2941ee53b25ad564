import t, { type Test } from 'tap'
import { readStun } from '../../src/webrtc/ice/stunMessage.ts'
import { type IceEnd, introduced, type Net, net, strangers } from './iceEnd.ts'

/** Both send a word that the other one takes. */
async function talk(t: Test, { clock }: Net, a: IceEnd, b: IceEnd): Promise<void> {
  const word = `word ${clock.now()}`
  a.says(word)
  b.says(word)
  await clock.advance(500)
  t.equal(b.heard.at(-1), word)
  t.equal(a.heard.at(-1), word)
}

t.test('two agents that can reach each other do so in a few round trips', async (t) => {
  const place = net()
  const { server, browser } = await introduced(place)
  await place.clock.advance(10)
  t.same(
    [server.told, browser.told],
    [
      ['selected 10.0.0.2:5000', 'connected'],
      ['selected 10.0.0.1:5000', 'connected'],
    ],
  )
  await place.clock.advance(200)
  t.ok(server.agent.selected?.nominatedAt, 'the browser has nominated the pair')
  t.ok(browser.agent.selected?.nominatedAt)
  await talk(t, place, server, browser)
  await place.clock.advance(60_000)
  t.same(server.told.length, 2, 'and nothing changes in a minute')
  t.equal(server.agent.checks + browser.agent.checks, 0)
  server.close()
  browser.close()
  t.equal(place.clock.timers, 0, 'nothing stays')
})

t.test('behind a NAT that lets in answers alone, it is found by its checks, where they come from', async (t) => {
  const place = net()
  const { server, browser } = await introduced(place, {}, { addresses: ['192.168.1.5'], nat: '203.0.113.9' })
  await place.clock.advance(100)
  t.equal(server.way, '10.0.0.1:5000 > 203.0.113.9:5000')
  await talk(t, place, server, browser)
})

t.test('without any candidate, or with names alone, it is found by its checks, too', async (t) => {
  const place = net()
  const { server, browser } = await strangers(place)
  server.learns(browser, { candidates: [] })
  t.equal(server.agent.checks, 0)
  browser.learns(server)
  await place.clock.advance(100)
  await talk(t, place, server, browser)
})

t.test('its checks may come before its description does: they are answered, and remembered', async (t) => {
  const place = net()
  const { server, browser } = await strangers(place, { role: 'controlling' }, { role: 'controlled' })
  browser.learns(server)
  await place.clock.advance(50)
  t.equal(server.way, null)
  t.ok(server.agent.isPeer(server.base, { address: '10.0.0.2', port: 5000 }), 'it knew our password')
  server.learns(browser, { candidates: [] })
  await place.clock.advance(10)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000', 'without waiting for the next')
  await place.clock.advance(300)
  t.ok(browser.agent.selected?.nominatedAt, 'and we have nominated it')
})

t.test('who made the offer nominates: the browser, or we', async (t) => {
  for (const role of ['controlling', 'controlled'] as const) {
    const place = net()
    const nominating = new Set<string>()
    place.network.onPacket = (from, _, bytes) => {
      if (readStun(bytes)?.useCandidate) nominating.add(from.address)
    }
    const other = role === 'controlling' ? 'controlled' : 'controlling'
    const { server, browser } = await introduced(place, { role: other }, { role })
    await place.clock.advance(1000)
    t.same([...nominating], [role === 'controlling' ? '10.0.0.2' : '10.0.0.1'])
    await talk(t, place, server, browser)
  }
})

t.test('of several ways the best is nominated, though another worked first', async (t) => {
  const place = net()
  const browserAddresses = ['10.0.0.2', '10.0.1.2']
  const { server, browser } = await strangers(
    place,
    { role: 'controlling', addresses: ['10.0.0.1', '10.0.1.1'] },
    { role: 'controlled', addresses: browserAddresses },
  )
  const [best, second] = browser.candidates
  if (!best || !second) throw new Error('two candidates')
  place.network.impairment = { delay: 10, jitter: 0, loss: 0, duplicate: 0 }
  browser.learns(server)
  server.learns(browser, { candidates: [second, best] })
  await place.clock.advance(1000)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
  t.equal(browser.way, '10.0.0.2:5000 > 10.0.0.1:5000')
  await talk(t, place, server, browser)
})

t.test('where one way is closed, the other one is taken', async (t) => {
  for (const role of ['controlling', 'controlled'] as const) {
    const place = net()
    place.network.unreachable.add('10.0.0.2')
    const { server, browser } = await introduced(
      place,
      { role, addresses: ['10.0.0.1', '10.0.1.1'] },
      { role: role === 'controlling' ? 'controlled' : 'controlling', addresses: ['10.0.0.2', '10.0.1.2'] },
    )
    await place.clock.advance(2000)
    t.match(server.way, / > 10\.0\.1\.2:5000$/)
    await talk(t, place, server, browser)
  }
})

t.test('both took themselves for the same: the greater tie-breaker chooses (RFC 8445 §7.3.1.1)', async (t) => {
  const outcomes = new Set<string>()
  for (const role of ['controlling', 'controlled'] as const) {
    for (let seed = 0; seed < 8; seed++) {
      const place = net()
      // So far that several checks are under way when the first refusal comes.
      place.network.impairment = { delay: 45, jitter: 0, loss: 0, duplicate: 0 }
      let refusals = 0
      const nominating: string[] = []
      place.network.onPacket = (from, _, bytes) => {
        const message = readStun(bytes)
        if (message?.errorCode === 487) refusals++
        if (message?.useCandidate) nominating.push(from.address)
      }
      const addresses = ['10.0.0.1', '10.0.1.1']
      const { server, browser } = await introduced(place, { role, seed, addresses }, { role, seed: seed + 100 })
      await place.clock.advance(2000)
      t.equal(new Set(nominating).size, 1, 'one of them nominates')
      t.ok(refusals <= 12, `${refusals} refusals`)
      outcomes.add(nominating[0] === '10.0.0.2' ? 'browser' : 'server')
      await talk(t, place, server, browser)
      server.close()
      browser.close()
    }
  }
  t.same([...outcomes].sort(), ['browser', 'server'], 'now one, now the other')
})

t.test('a peer that only answers is checked and nominated by us', async (t) => {
  const place = net()
  const { server, browser } = await strangers(place, {}, { role: 'controlled' })
  // An agent that has learnt nothing does what a lite one does: it answers, and no more.
  server.learns(browser, { lite: true })
  await place.clock.advance(1000)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
  t.ok(server.agent.selected?.nominatedAt)
})

t.test('three in ten packets lost, some twice, in any order: it takes a while, and works', async (t) => {
  let slowest = 0
  for (let seed = 1; seed <= 40; seed++) {
    const place = net(seed)
    place.network.impairment = { delay: 20, jitter: 120, loss: 0.3, duplicate: 0.1 }
    const roles = seed % 2 === 0 ? (['controlling', 'controlled'] as const) : (['controlled', 'controlling'] as const)
    const [role, other] = roles
    const { server, browser } = await introduced(
      place,
      { role, seed, addresses: ['10.0.0.1', '10.0.1.1'] },
      { role: other, seed: seed + 1000, addresses: ['192.168.1.5'], nat: '203.0.113.9' },
    )
    const isUp = ({ agent }: IceEnd): boolean => agent.selected !== null && agent.selected.nominatedAt !== null
    t.ok(await place.clock.advanceUntil(() => isUp(server) && isUp(browser), 20_000), `seed ${seed}`)
    slowest = Math.max(slowest, place.clock.now())
    server.close()
    browser.close()
  }
  t.comment(`the slowest took ${Math.round(slowest)} ms`)
  t.ok(slowest < 10_000)
})

t.test('what may not be a peer is neither checked nor believed', async (t) => {
  const place = net()
  const mayBePeer = ({ address }: { readonly address: string }): boolean => !address.startsWith('127.')
  const { server, browser } = await strangers(place, { mayBePeer }, { addresses: ['127.0.0.1', '10.0.0.2'] })
  const sentTo = new Set<string>()
  place.network.onPacket = (from, to) => {
    if (from.address === '10.0.0.1') sentTo.add(to.address)
  }
  server.learns(browser)
  await place.clock.advance(1000)
  t.same([...sentTo], ['10.0.0.2'])
  browser.learns(server)
  await place.clock.advance(1000)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
  t.notOk(server.agent.isPeer(server.base, { address: '127.0.0.1', port: 5000 }))
})

t.test('the same description again changes nothing', async (t) => {
  const place = net()
  const { server, browser } = await introduced(place)
  await place.clock.advance(1000)
  let packets = 0
  place.network.onPacket = () => packets++
  server.learns(browser)
  browser.learns(server)
  await place.clock.advance(1000)
  t.equal(packets, 0)
  t.same(server.told, ['selected 10.0.0.2:5000', 'connected'])
})

t.test('a peer that nominates every way it checks (aggressively) gets the best', async (t) => {
  const place = net()
  const { server, browser } = await strangers(place, {}, { addresses: ['10.0.0.2', '10.0.1.2', '10.0.2.2'] })
  server.learns(browser)
  for (const at of [2, 1, 0]) {
    browser.asks(server, { socket: at, useCandidate: true })
    await place.clock.advance(30)
  }
  await place.clock.advance(100)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
})
