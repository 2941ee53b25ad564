import t from 'tap'
import type { Endpoint, Network, OnDatagram, UdpSocket } from '../../src/platform/network.ts'
import { type LentPair, type PairListener, PairPool } from '../../src/rtp/ports/pairPool.ts'
import { PortPool } from '../../src/rtp/ports/ports.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { VirtualNetwork } from '../support/virtual/network.ts'

const HERE = '10.0.0.1'
const ELSEWHERE = '192.168.0.1'

/** A pool on a host of two addresses, and a phone that sends whatever it is told to. */
async function scene({ pairs = 8, most = 4 }: { pairs?: number; most?: number } = {}) {
  const clock = new VirtualClock()
  const net = new VirtualNetwork(clock)
  const ports = PortPool.create(10000, 10000 + 2 * pairs - 1)
  let arrived = 0
  const pool = new PairPool({ network: net.host(HERE, ELSEWHERE), ports, clock }, most, () => arrived++)
  const phone: UdpSocket = await net.host('10.0.0.5').bindUdp({ address: '10.0.0.5', port: 4000 }, () => {})
  const ownSockets = net.sockets
  return {
    ...{ clock, net, ports, pool },
    bound: () => net.sockets - ownSockets,
    arrived: () => arrived,
    says: (word: string, to: Endpoint) => phone.send(Buffer.from(word), to),
    lend: async (address = HERE) => given(await pool.lend(address)),
  }
}

function given(pair: LentPair | null): LentPair {
  if (pair === null) throw new Error('no pair was lent')
  return pair
}

/** Writes down what it hears. */
function listener(): PairListener & { readonly heard: string[] } {
  const heard: string[] = []
  return {
    heard,
    onRtp: (datagram) => heard.push(`RTP ${datagram}`),
    onRtcp: (datagram) => heard.push(`RTCP ${datagram}`),
    onRefused: (why) => heard.push(why),
  }
}

const portOf = ({ rtp }: LentPair) => rtp.local.port

t.test('a pair delivers to whoever has it', async (t) => {
  const { lend, says, clock, arrived } = await scene()
  const pair = await lend()
  const leg = listener()
  pair.deliverTo(leg)
  says('a', pair.rtp.local)
  says('b', pair.rtcp.local)
  await clock.advance(10)
  t.same(leg.heard, ['RTP a', 'RTCP b'])
  t.equal(arrived(), 2)
})

t.test('a pair that was given back is lent again once it was quiet for a second', async (t) => {
  const { lend, clock, bound } = await scene()
  const pair = await lend()
  pair.close()
  await clock.advance(999)
  const second = await lend()
  t.not(portOf(second), portOf(pair), 'not yet')
  await clock.advance(1)
  t.equal(portOf(await lend()), portOf(pair))
  t.equal(bound(), 4, 'and nothing was bound for it')
})

t.test('the one that was quiet longest comes first', async (t) => {
  const { lend, clock } = await scene()
  const pairs = [await lend(), await lend(), await lend()]
  for (const pair of [...pairs].reverse()) {
    pair.close()
    await clock.advance(100)
  }
  await clock.advance(1000)
  t.same([portOf(await lend()), portOf(await lend()), portOf(await lend())], pairs.map(portOf).reverse())
})

t.test('late packets of one call are not heard by the next', async (t) => {
  const { lend, says, clock } = await scene()
  const pair = await lend()
  const [first, second] = [listener(), listener()]
  pair.deliverTo(first)
  await clock.advance(10)
  pair.close()
  says('late', pair.rtp.local)
  await clock.advance(900)
  says('very late', pair.rtcp.local)
  await clock.advance(200)
  t.not(portOf(await lend()), portOf(pair), 'its peer still talks')
  await clock.advance(1000)
  const again = await lend()
  again.deliverTo(second)
  t.equal(portOf(again), portOf(pair))
  says('hello', again.rtp.local)
  await clock.advance(10)
  t.same([first.heard, second.heard], [[], ['RTP hello']])
})

t.test('what the sockets still hold when they are lent is dropped', async (t) => {
  const clock = new VirtualClock()
  const hears: OnDatagram[] = []
  const host = new VirtualNetwork(clock).host(HERE)
  const network: Network = {
    ...host,
    bindUdp: async (at, onDatagram) => {
      hears.push(onDatagram)
      return host.bindUdp(at, onDatagram)
    },
  }
  const pool = new PairPool({ network, ports: PortPool.create(10000, 10007), clock }, 4, () => {})
  const pair = given(await pool.lend(HERE))
  pair.close()
  await clock.advance(1000)
  const leg = listener()
  const again = given(await pool.lend(HERE))
  t.equal(portOf(again), portOf(pair))
  again.deliverTo(leg)
  const peer = { address: '10.0.0.5', port: 4000 }
  hears[0]?.(Buffer.from('read later in the same turn'), peer)
  await clock.advance(0)
  hears[0]?.(Buffer.from('hello'), peer)
  t.same(leg.heard, ['RTP hello'])
  t.not(portOf(given(await pool.lend(HERE))), portOf(again), 'it is on loan still')
  await clock.advance(2000)
  t.not(portOf(given(await pool.lend(HERE))), portOf(again))
})

t.test('a leg that closes in the turn it was opened in hears nothing', async (t) => {
  const { lend, says, clock } = await scene()
  const pair = await lend()
  const leg = listener()
  pair.deliverTo(leg)
  pair.close()
  says('anyone?', pair.rtp.local)
  await clock.advance(10)
  t.same(leg.heard, [])
})

t.test('a stale loan gives nothing back', async (t) => {
  const { lend, clock, ports } = await scene()
  const pair = await lend()
  pair.close()
  pair.close()
  await clock.advance(1000)
  const again = await lend()
  pair.close()
  await clock.advance(2000)
  t.not(portOf(await lend()), portOf(again), 'who has it keeps it')
  t.equal(ports.inUse, 2)
})

t.test('kept pairs are bound but not in use', async (t) => {
  const { lend, ports, bound } = await scene()
  const pair = await lend()
  t.equal(ports.inUse, 1)
  pair.close()
  t.equal(ports.inUse, 0)
  t.ok(ports.owns(portOf(pair)), 'a peer there would still be ourselves')
  t.equal(bound(), 2)
})

t.test('nobody wants it for half a minute: closed, and free at once', async (t) => {
  const { lend, clock, ports, bound } = await scene({ pairs: 2 })
  const [one, two] = [await lend(), await lend()]
  one.close()
  await clock.advance(20_000)
  two.close()
  await clock.advance(10_000)
  t.equal(bound(), 2)
  t.notOk(ports.owns(portOf(one)))
  await clock.advance(20_000)
  t.same([bound(), clock.timers], [0, 0], 'and no timer is left')
  await lend()
  await lend()
})

t.test('a peer that never stops talking does not keep it bound', async (t) => {
  const { lend, says, clock, bound, pool } = await scene({ pairs: 1, most: 1 })
  const pair = await lend()
  pair.close()
  for (let second = 0; second <= 31; second++) {
    says('still here', pair.rtp.local)
    await clock.advance(1000)
  }
  t.equal(bound(), 0)
  t.equal(await pool.lend(HERE), null, 'and its ports rest')
})

t.test('no more are kept than said; the longest quiet goes', async (t) => {
  const { lend, clock, bound, ports } = await scene({ most: 2 })
  const pairs = [await lend(), await lend(), await lend()]
  for (const pair of pairs) {
    pair.close()
    await clock.advance(10)
  }
  t.equal(bound(), 4)
  t.same(
    pairs.map((pair) => ports.owns(portOf(pair))),
    [false, true, true],
  )
})

t.test('each address has its own, and takes the ports of another when there are no more', async (t) => {
  const { lend, clock, pool, bound } = await scene({ pairs: 1 })
  const here = await lend()
  here.close()
  t.equal(await pool.lend(ELSEWHERE), null, 'it might not be quiet yet')
  await clock.advance(1000)
  const there = await lend(ELSEWHERE)
  t.same([there.rtp.local, bound()], [{ address: ELSEWHERE, port: portOf(here) }, 2])
})

t.test('closed, the pool keeps nothing', async (t) => {
  const { lend, pool, clock, bound, ports } = await scene()
  const [one, two] = [await lend(), await lend()]
  one.close()
  pool.close()
  t.equal(bound(), 2, 'what is lent stays')
  two.close()
  t.same([bound(), ports.inUse, clock.timers], [0, 0, 0])
})
