import t from 'tap'
import type { Endpoint } from '../../src/platform/network.ts'
import type { Candidate } from '../../src/webrtc/ice/candidate.ts'
import { MOST_PAIRS } from '../../src/webrtc/ice/pair.ts'
import { isStun, readStun, writeCheck, writeError, writeSuccess } from '../../src/webrtc/ice/stunMessage.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { type IceEnd, introduced, type Net, net, strangers } from './iceEnd.ts'

const SERVER: Endpoint = { address: '10.0.0.1', port: 5000 }
const STRANGER: Endpoint = { address: '198.51.100.66', port: 6666 }

/** Counts what leaves the server from now on. */
function watch({ network }: Net): { packets: number; octets: number; readonly to: Map<string, number> } {
  const seen = { packets: 0, octets: 0, to: new Map<string, number>() }
  network.onPacket = (from, to, bytes) => {
    if (from.address !== SERVER.address) return
    seen.packets++
    seen.octets += bytes.length
    seen.to.set(to.address, (seen.to.get(to.address) ?? 0) + 1)
  }
  return seen
}

/** A check that `server` would believe. */
function checkFor({ local }: IceEnd, how: Partial<Parameters<typeof writeCheck>[0]> = {}): Uint8Array {
  return writeCheck({
    ...{ transaction: '00'.repeat(12), username: `${local.ufrag}:x`, password: local.password, priority: 1 },
    ...{ role: 'controlling', tieBreaker: 1n, useCandidate: true },
    ...how,
  })
}

t.test('who does not know the password gets no answer, and leaves no trace', async (t) => {
  const place = net()
  const { server, browser } = await strangers(place)
  server.learns(browser, { candidates: [] })
  const seen = watch(place)
  const right = checkFor(server)
  const bare = Buffer.from(right.subarray(0, -32))
  bare.writeUInt16BE(bare.length - 20, 2)
  const wrong = [
    checkFor(server, { password: 'a guess of 22 letters!' }),
    checkFor(server, { username: 'nobody:x' }),
    checkFor(server, { username: '' }),
    checkFor(server, { username: `${browser.local.ufrag}:${server.local.ufrag}` }),
    // Without any integrity.
    bare,
    // With the browser's own password: what an answer would be proved by.
    checkFor(server, { password: browser.local.password }),
  ]
  for (const bytes of wrong) place.network.forge(STRANGER, SERVER, bytes)
  await place.clock.advance(1000)
  t.equal(seen.packets, 0)
  t.equal(server.way, null)
  t.notOk(server.agent.isPeer(server.base, STRANGER))
  place.network.forge(STRANGER, SERVER, right)
  await place.clock.advance(10)
  t.equal(seen.packets, 2, 'the right one gets an answer and a check')
})

t.test('forged answers prove nothing', async (t) => {
  const place = net()
  const { server, browser } = await strangers(place)
  let check: string | null = null
  place.network.onPacket = (_, __, bytes) => {
    const message = readStun(bytes)
    if (message?.kind === 'request') check = message.transaction
  }
  place.network.unreachable.add('10.0.0.2')
  server.learns(browser)
  await place.clock.advance(5)
  if (check === null) throw new Error('no check was sent')
  const [peer] = browser.candidates
  if (!peer) throw new Error('no candidate')
  const forge = (from: Endpoint, bytes: Uint8Array): void => place.network.forge(from, SERVER, bytes)
  forge(peer, writeSuccess(check, SERVER, 'a guess of 22 letters!'))
  forge(peer, writeError(check, 487, 'a guess of 22 letters!'))
  // Our own password is known to whoever has seen a check of the browser's be answered? No: but even so.
  forge(peer, writeSuccess(check, SERVER, server.local.password))
  forge(peer, writeSuccess('ff'.repeat(12), SERVER, browser.local.password))
  await place.clock.advance(50)
  t.equal(server.way, null)
  t.ok(server.agent.checks > 0, 'it still waits')
  // The right answer, from elsewhere: RFC 8445 §7.2.5.2.1.
  forge(STRANGER, writeSuccess(check, SERVER, browser.local.password))
  await place.clock.advance(50)
  t.equal(server.way, null)
  t.notOk(server.agent.isPeer(server.base, STRANGER))
})

t.test('an answer counts once, and a transaction used again is only answered again', async (t) => {
  const place = net()
  const { server, browser } = await introduced(place)
  await place.clock.advance(1000)
  const seen = watch(place)
  for (let time = 0; time < 5; time++)
    place.network.forge({ address: '10.0.0.2', port: 5000 }, SERVER, checkFor(server))
  await place.clock.advance(100)
  t.equal(seen.packets, 5, 'answers, no checks')
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
  t.same(server.told.length, 2)
  browser.agent.close()
  // An answer of before, again: it must not keep consent.
  const old = writeSuccess('00'.repeat(12), SERVER, browser.local.password)
  for (let second = 0; second < 40; second++) {
    place.network.forge({ address: '10.0.0.2', port: 5000 }, SERVER, old)
    await place.clock.advance(1000)
  }
  t.equal(server.way, null)
})

t.test('candidates that name somebody else cost him so many checks, and no more', async (t) => {
  const place = net()
  const { server, browser } = await strangers(place, { addresses: ['10.0.0.1', '10.0.1.1', '10.0.2.1'] })
  const victims: Candidate[] = Array.from({ length: 32 }, (_, at) => {
    return { address: '198.51.100.7', port: 1000 + at, priority: 1000 + at }
  })
  const at: number[] = []
  place.network.onPacket = (_, to) => {
    if (to.address === '198.51.100.7') at.push(place.clock.now())
  }
  server.learns(browser, { candidates: victims })
  for (let offer = 0; offer < 10; offer++) {
    await place.clock.advance(10_000)
    server.learns(browser, { candidates: victims })
  }
  t.ok(at.length <= 5 * MOST_PAIRS, `${at.length} checks, though it was named again and again`)
  const busiest = Math.max(...at.map((from) => at.filter((each) => each >= from && each < from + 1000).length))
  t.ok(busiest <= 130, `${busiest} in a second at most`)
})

t.test('a flood of checks that know the password: as much comes back, and little more', async (t) => {
  const place = net()
  const { server, browser } = await introduced(place)
  await place.clock.advance(1000)
  const seen = watch(place)
  const [count, checks] = [place.network.onPacket, [] as number[]]
  place.network.onPacket = (from, to, bytes, delays) => {
    count(from, to, bytes, delays)
    if (from.address === SERVER.address && readStun(bytes)?.kind === 'request') checks.push(place.clock.now())
  }
  let octets = 0
  const flood = (from: Endpoint): void => {
    const bytes = checkFor(server, { useCandidate: false })
    octets += bytes.length
    place.network.forge(from, SERVER, bytes)
  }
  for (let round = 0; round < 100; round++) {
    for (let port = 0; port < 50; port++) flood({ address: '198.51.100.7', port: 1000 + 50 * round + port })
    await place.clock.advance(10)
  }
  await place.clock.advance(20_000)
  t.ok(seen.octets < octets, `${seen.octets} octets for ${octets}`)
  t.ok(server.agent.checks <= 4 * MOST_PAIRS)
  t.ok(checks.length <= 5 * MOST_PAIRS + 10, `${checks.length} checks`)
  const busiest = Math.max(...checks.map((from) => checks.filter((each) => each >= from && each < from + 100).length))
  t.ok(busiest <= 12, `${busiest} of them in 100 ms at most`)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
  server.says('still here')
  await place.clock.advance(10)
  t.equal(browser.heard.at(-1), 'still here')
})

t.test('a peer that has used up all pairs can still be found elsewhere, once they have failed', async (t) => {
  const place = net()
  const { server, browser } = await strangers(place)
  server.learns(browser, { candidates: [] })
  for (let port = 1; port <= 200; port++) {
    place.network.forge({ address: '198.51.100.7', port }, SERVER, checkFor(server))
  }
  await place.clock.advance(20_000)
  browser.asks(server, { useCandidate: true })
  await place.clock.advance(100)
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
})

t.test('a peer that refuses each check for its role is asked a few times', async (t) => {
  const place = net()
  const { server, browser } = await strangers(place)
  browser.agent.close()
  const seen = watch(place)
  place.network.onPacket = (from, to, bytes) => {
    const message = readStun(bytes)
    if (from.address !== SERVER.address || message?.kind !== 'request') return
    seen.packets++
    place.network.forge(to, from, writeError(message.transaction, 487, browser.local.password))
  }
  server.learns(browser)
  await place.clock.advance(10_000)
  t.ok(seen.packets <= 5, `${seen.packets} checks`)
  t.equal(server.way, null)
})

t.test('an agent under 100,000 datagrams of garbage: nothing is thrown, answered or believed', async (t) => {
  const place = net()
  const { server } = await introduced(place)
  await place.clock.advance(1000)
  const seen = watch(place)
  const random = seededRandom(5389)
  const [base] = server.sockets
  if (!base) throw new Error('no socket')
  const samples = [
    checkFor(server),
    writeSuccess('00'.repeat(12), SERVER, server.local.password),
    writeError('00'.repeat(12), 487, server.local.password),
  ]
  for (let round = 0; round < 100_000; round++) {
    const bytes = Buffer.from(samples[round % 3] ?? [])
    // Before the integrity ends; what follows it is not looked at.
    const at = random.integer(bytes.length - 8)
    bytes.writeUInt8((bytes.readUInt8(at) + 1 + random.integer(255)) & 0xff, at)
    const cut = random.integer(8) === 0 ? bytes.subarray(0, random.integer(bytes.length)) : bytes
    if (isStun(cut)) server.agent.take(cut, base, STRANGER)
  }
  await place.clock.advance(100)
  t.equal(seen.packets, 0)
  t.notOk(server.agent.isPeer(base, STRANGER))
  t.equal(server.way, '10.0.0.1:5000 > 10.0.0.2:5000')
  server.close()
})

t.test('nothing is done after the end', async (t) => {
  const place = net()
  const { server, browser } = await introduced(place)
  await place.clock.advance(1000)
  server.agent.close()
  const seen = watch(place)
  browser.asks(server)
  server.learns(browser)
  await place.clock.advance(10_000)
  t.equal(seen.packets, 0)
  browser.close()
  t.equal(place.clock.timers, 0)
})
