import t from 'tap'
import type { Endpoint } from '../../src/platform/network.ts'
import { isStun, readStun } from '../../src/webrtc/ice/stunMessage.ts'
import { type EndOptions, type IceEnd, introduced, type Net, net, strangers } from './iceEnd.ts'

const TWO_WAYS = { addresses: ['10.0.0.2', '10.0.1.2'] }

/** Two agents that have agreed on a way. */
async function connected(
  place: Net,
  server: Partial<EndOptions> = {},
  browser: Partial<EndOptions> = {},
): Promise<{ server: IceEnd; browser: IceEnd }> {
  const ends = await introduced(place, server, browser)
  await place.clock.advance(1000)
  return ends
}

/** Each says a word every 20 ms for so long, wherever its way leads; how many the other one heard. */
async function chat({ clock }: Net, a: IceEnd, b: IceEnd, span: number): Promise<{ readonly a: number; b: number }> {
  const before = { a: a.heard.length, b: b.heard.length }
  for (let at = 0; at < span; at += 20) {
    a.says('hello')
    b.says('hello')
    await clock.advance(20)
  }
  return { a: a.heard.length - before.a, b: b.heard.length - before.b }
}

t.test('a restart: what was chosen goes on until there is another, and the old password is still known', async (t) => {
  const place = net()
  const { server, browser } = await connected(place)
  const former = server.description()
  browser.restarts()
  server.restarts()
  server.learns(browser)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
  // The browser has not got our answer yet: it keeps consent by what was.
  const asked = browser.asks(server, { username: `${former.ufrag}:x`, password: former.password })
  let answered = false
  place.network.onPacket = (_, to, bytes) => {
    const message = readStun(bytes)
    if (to.address === '10.0.0.2' && message?.kind === 'success' && message.transaction === asked) answered = true
  }
  t.same(await chat(place, server, browser, 200), { a: 10, b: 10 })
  t.ok(answered)
  browser.learns(server)
  t.same(await chat(place, server, browser, 2000), { a: 100, b: 100 }, 'not a packet is lost')
  t.ok(server.agent.selected?.nominatedAt, 'a way was nominated again')
  t.same(server.told.filter((each) => each === 'connected').length, 1)
  t.notOk(server.told.includes('lost'))
})

t.test('a restart after the network changed: the new way is taken at once, the old one heard to the end', async (t) => {
  for (const role of ['controlling', 'controlled'] as const) {
    const place = net()
    const other = role === 'controlling' ? 'controlled' : 'controlling'
    const { server, browser } = await strangers(place, { role: other }, { role, ...TWO_WAYS })
    const [first, second] = browser.candidates
    if (!first || !second) throw new Error('two candidates')
    // Only the first is there.
    place.network.unreachable.add('10.0.1.2')
    server.learns(browser, { candidates: [first] })
    browser.learns(server)
    await place.clock.advance(1000)
    t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
    place.network.unreachable.delete('10.0.1.2')
    place.network.unreachable.add('10.0.0.2')
    browser.restarts()
    server.restarts()
    server.learns(browser, { candidates: [second] })
    browser.learns(server)
    await place.clock.advance(100)
    t.equal(server.way, '10.0.0.1:5000 > 10.0.1.2:5000', `${role}: in a tenth of a second`)
    // What the browser sent before it knew better.
    place.network.forge({ address: '10.0.0.2', port: 5000 }, { address: '10.0.0.1', port: 5000 }, Buffer.from('late'))
    await place.clock.advance(10)
    t.equal(server.heard.at(-1), 'late')
    await place.clock.advance(1000)
    t.ok(server.agent.selected?.nominatedAt && browser.agent.selected?.nominatedAt)
    t.same(await chat(place, server, browser, 200), { a: 10, b: 10 })
  }
})

t.test('another restart forgets the first: its password is nobody’s any more', async (t) => {
  const place = net()
  const { server, browser } = await connected(place)
  const first = server.description()
  for (let round = 0; round < 2; round++) {
    browser.restarts()
    server.restarts()
    server.learns(browser)
    browser.learns(server)
    await place.clock.advance(1000)
  }
  let answers = 0
  place.network.onPacket = (from) => {
    if (from.address === '10.0.0.1') answers++
  }
  browser.asks(server, { username: `${first.ufrag}:x`, password: first.password })
  await place.clock.advance(50)
  t.equal(answers, 0)
})

t.test('consent is asked for every 4 to 6 s, each time once, and by nothing but a new check (RFC 7675)', async (t) => {
  const place = net()
  await connected(place)
  const sent: number[] = []
  const ids = new Set<string>()
  place.network.unreachable.add('10.0.0.2')
  place.network.onPacket = (from, _, bytes) => {
    const message = readStun(bytes)
    if (from.address !== '10.0.0.1' || message?.kind !== 'request') return
    sent.push(place.clock.now())
    ids.add(message.transaction)
  }
  await place.clock.advance(25_000)
  t.ok(sent.length >= 4 && sent.length <= 6, `${sent.length} checks`)
  const between = sent.slice(1).map((at, index) => at - (sent[index] ?? 0))
  t.ok(between.every((span) => span >= 4000 && span <= 6050))
  t.equal(ids.size, sent.length)
  t.equal(new Set(between.map(Math.round)).size, between.length, 'not in step')
})

t.test('without consent for 30 s nothing is sent any more, and a packet alone brings nothing back', async (t) => {
  const place = net()
  const { server, browser } = await connected(place)
  place.network.unreachable.add('10.0.0.2')
  browser.agent.close()
  const since = place.clock.now()
  await place.clock.advanceUntil(() => server.told.includes('lost'), 60_000)
  const lasted = place.clock.now() - since
  t.ok(lasted > 23_000 && lasted <= 30_000, `${lasted} ms after the last answer that may have come`)
  t.equal(server.way, null)
  let sent = 0
  place.network.onPacket = (from) => {
    if (from.address === '10.0.0.1') sent++
  }
  await place.clock.advance(60_000)
  t.equal(sent, 0, 'not even checks')
  place.network.unreachable.clear()
  browser.sockets[0]?.send(Buffer.from('late'), { address: '10.0.0.1', port: 5000 })
  await place.clock.advance(50)
  t.equal(server.way, null, 'a packet alone is no consent')
})

t.test('consent that was lost comes back by the peer’s checks, once it answers ours', async (t) => {
  const place = net()
  const { server, browser } = await connected(place, {}, { addresses: ['192.168.1.5'], nat: '203.0.113.9' })
  place.network.unreachable.add('203.0.113.9')
  await place.clock.advance(40_000)
  t.equal(server.way, null)
  // It asks, yet nothing reaches it.
  browser.asks(server)
  await place.clock.advance(50)
  t.equal(server.way, null)
  place.network.unreachable.clear()
  browser.asks(server)
  await place.clock.advance(50)
  t.equal(server.way, '10.0.0.1:5000 > 203.0.113.9:5000')
  t.same(server.told, ['selected 203.0.113.9:5000', 'connected', 'lost', 'selected 203.0.113.9:5000'])
})

t.test('and by a restart', async (t) => {
  const place = net()
  const { server, browser } = await connected(place)
  place.network.unreachable.add('10.0.0.2')
  await place.clock.advance(40_000)
  t.equal(server.way, null)
  place.network.unreachable.clear()
  browser.restarts()
  server.restarts()
  server.learns(browser)
  browser.learns(server)
  await place.clock.advance(200)
  t.same(await chat(place, server, browser, 200), { a: 10, b: 10 })
})

t.test('an answer of the peer’s keeps consent, and not what somebody sends from its address', async (t) => {
  const place = net()
  const { server, browser } = await connected(place)
  browser.agent.close()
  const at: Endpoint = { address: '10.0.0.2', port: 5000 }
  for (let second = 0; second < 40; second++) {
    place.network.forge(at, { address: '10.0.0.1', port: 5000 }, Buffer.from('hello'))
    await place.clock.advance(1000)
  }
  t.equal(server.way, null)
})

t.test('a peer that nominates another way is followed, be it a worse one: it has left the first', async (t) => {
  const place = net()
  const { server, browser } = await strangers(place, {}, TWO_WAYS)
  server.learns(browser)
  for (const socket of [1, 0]) {
    browser.asks(server, { socket, useCandidate: socket === 0 })
    await place.clock.advance(100)
  }
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
  // Speech still comes by the first: nominating all (aggressively) means nothing then.
  browser.sockets[0]?.send(Buffer.from('hello'), { address: '10.0.0.1', port: 5000 })
  await place.clock.advance(100)
  browser.asks(server, { socket: 1, useCandidate: true })
  await place.clock.advance(100)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
  // It goes quiet, and the peer nominates the second.
  await place.clock.advance(1000)
  browser.asks(server, { socket: 1, useCandidate: true })
  await place.clock.advance(100)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.1.2:5000')
  // And back.
  browser.asks(server, { socket: 0, useCandidate: true })
  await place.clock.advance(100)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
})

t.test('a peer whose NAT gives it another port in mid-call is found by its next check', async (t) => {
  const place = net()
  const { server, browser } = await connected(place, {}, { addresses: ['192.168.1.5'], nat: '203.0.113.9' })
  // From now on it is 203.0.113.10 that its packets come from, and that packets to it must go to.
  const moved = await strangers(place, { addresses: ['10.9.9.9'] }, { addresses: ['203.0.113.10'] })
  browser.close()
  moved.browser.local = browser.local
  moved.browser.agent.update(browser.local, { ...server.description(), candidates: [] })
  moved.browser.asks(server, { useCandidate: true })
  await place.clock.advance(1500)
  moved.browser.asks(server, { useCandidate: true })
  await place.clock.advance(100)
  t.equal(server.way, '10.0.0.1:5000 > 203.0.113.10:5000')
})

t.test('where we nominate: another way is taken and nominated when the first falls silent', async (t) => {
  const place = net()
  const { server, browser } = await connected(place, { role: 'controlling' }, { role: 'controlled', ...TWO_WAYS })
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
  place.network.unreachable.add('10.0.0.2')
  // It keeps its second way fresh, as browsers do, and talks by it for lack of another.
  for (let second = 0; second < 16; second++) {
    browser.asks(server, { socket: 1, role: 'controlled' })
    await place.clock.advance(1000)
  }
  t.equal(server.way, '10.0.0.1:5000 > 10.0.1.2:5000')
  t.ok(server.agent.selected?.nominatedAt)
  t.match(browser.way, /^10\.0\.1\.2:5000/)
})

t.test('an answer that is lost now and then moves nothing', async (t) => {
  const place = net(5)
  const { server } = await connected(place, {}, TWO_WAYS)
  const before = server.told.length
  place.network.impairment = { delay: 20, jitter: 10, loss: 0.05, duplicate: 0 }
  await place.clock.advance(300_000)
  t.ok(server.told.length - before <= 2, `${server.told.slice(before)}`)
  t.notOk(server.told.includes('lost'))
})

t.test('all that it sends while a call goes on: a check and an answer every five seconds', async (t) => {
  const place = net()
  await connected(place)
  let packets = 0
  place.network.onPacket = (_, __, bytes) => {
    if (isStun(bytes)) packets++
  }
  await place.clock.advance(60_000)
  t.ok(packets >= 40 && packets <= 64, `${packets} packets a minute, of both`)
})
