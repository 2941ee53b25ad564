import t, { type Test } from 'tap'
import type { MediaEvent } from '../../src/media/engine.ts'
import { createLocalEngine } from '../../src/media/localEngine.ts'
import { RtpPhone } from '../contracts/rtpPhone.ts'
import { fields } from '../rtp/rtpBytes.ts'
import { VirtualFiles } from '../support/virtual/files.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { SERVER, virtualEngine } from './virtualEngine.ts'

const leg = (id: string) => ({ id, call: 'call', address: SERVER })

/** An engine with an echo leg and a phone that knows of it. */
async function echo(t: Test) {
  const bench = virtualEngine()
  const events: MediaEvent[] = []
  bench.engine.on((event) => events.push(event))
  t.teardown(bench.end)
  const phone = await RtpPhone.at(bench.network, '10.0.0.5', 0xa11ce, bench.stirred)
  const [media] = await bench.engine.open([leg('a')])
  if (!media) throw new Error('the leg was not opened')
  bench.engine.update('a', phone.sdp())
  bench.engine.link('echo', 'a', 'a')
  return { ...bench, events, phone, media }
}

t.test('one timer serves all legs, and none runs without legs', async (t) => {
  const { engine, clock } = virtualEngine()
  t.equal(clock.timers, 0)
  await engine.open([leg('a'), leg('b')])
  t.equal(clock.timers, 1)
  await clock.advance(5000)
  t.equal(clock.timers, 1)
  await engine.close('a')
  t.equal(clock.timers, 1)
  await engine.close('b')
  t.equal(clock.timers, 0)
  await engine.open([leg('c')])
  t.equal(clock.timers, 1, 'it starts again')
  await engine.shutdown()
  t.equal(clock.timers, 0)
})

t.test('reports of many legs leave a few at a time, each leg’s at random', async (t) => {
  const { engine, clock, network, end } = virtualEngine(21000, 21199)
  t.teardown(end)
  const sent: number[] = []
  const phone = await RtpPhone.at(network, '10.0.0.5', 0xa11ce, () => {
    if (phone.rtcpHeard.length > sent.length) sent.push(clock.now())
  })
  const ids = Array.from({ length: 100 }, (_, n) => `leg ${n}`)
  await engine.open(ids.map(leg))
  for (const id of ids) engine.update(id, phone.sdp())
  await clock.advance(1000)
  const [from, until] = [clock.now(), clock.now() + 20_000]
  await clock.advance(20_000)
  const times = sent.filter((at) => at > from)
  t.ok(times.length > 300, `${times.length} reports in 20 s`)
  const turns = Array.from({ length: (until - from) / 50 }, (_, turn) => {
    const begin = from + turn * 50
    return times.filter((at) => at > begin && at <= begin + 50).length
  })
  t.ok(Math.max(...turns) <= 5, `at most ${Math.max(...turns)} in 50 ms`)
})

t.test('closing leaves no socket and no port in use, and the ports rest', async (t) => {
  const { engine, clock, net, ports } = virtualEngine(21000, 21001)
  t.teardown(() => engine.shutdown())
  await engine.open([leg('a')])
  t.ok(ports.owns(21000))
  await engine.close('a')
  t.equal(net.sockets, 0)
  t.notOk(ports.owns(21000))
  await t.rejects(engine.open([leg('b')]), { code: 'NO_PORTS' })
  await clock.advance(31_000)
  await engine.open([leg('c')])
  t.equal(net.sockets, 2)
})

t.test('the sockets of closed legs serve the next ones, and a shutdown closes them', async (t) => {
  const { engine, clock, net, network } = virtualEngine(21000, 21007, 2)
  const phone = await RtpPhone.at(network, '10.0.0.5', 0xa11ce, () => {})
  const [first] = await engine.open([leg('a'), leg('b')])
  await Promise.all([engine.close('a'), engine.close('b')])
  t.equal(net.sockets, 4 + 2, 'theirs and the phone’s')
  await clock.advance(1000)
  const [again] = await engine.open([leg('c')])
  t.equal(again?.port, first?.port)
  engine.update('c', phone.sdp())
  engine.link('echo', 'c', 'c')
  await clock.advance(0)
  if (again) phone.says('hello', again)
  await clock.advance(10)
  t.same(phone.words, ['hello'])
  t.match(await engine.stats('c'), { received: { packets: 1 } }, 'nothing of the leg before counts')
  await engine.shutdown()
  t.equal(net.sockets, 2)
})

t.test('an open that fails leaves nothing behind', async (t) => {
  const { engine, net, clock } = virtualEngine(21000, 21001)
  await t.rejects(engine.open([leg('a'), leg('b')]), { code: 'NO_PORTS' })
  t.same([engine.legs, net.sockets, clock.timers], [0, 0, 0])
})

t.test('an address that the system refuses is told apart from a lack of ports', async (t) => {
  const { network, clock, ports } = virtualEngine()
  const bindUdp = async () => {
    throw Object.assign(new Error('bind EADDRNOTAVAIL 192.0.2.1'), { code: 'EADDRNOTAVAIL' })
  }
  const options = {
    clock,
    network: { ...network, bindUdp },
    files: new VirtualFiles(),
    random: seededRandom(1),
    ports,
    keptPairs: 0,
    ownAddresses: [],
  }
  await t.rejects(createLocalEngine(options).open([leg('a')]), { code: 'BIND', message: /EADDRNOTAVAIL/ })
})

t.test('a shutdown while legs are being opened leaves none', async (t) => {
  const { engine, net } = virtualEngine()
  const opening = engine.open([leg('a')])
  await engine.shutdown()
  await t.rejects(opening, { code: 'CLOSED' })
  t.equal(net.sockets, 0)
})

t.test('silence is told each minute, until the peer speaks', async (t) => {
  const { clock, events, phone, media } = await echo(t)
  await clock.advance(125_000)
  t.match(events, [
    { type: 'silence', leg: 'a' },
    { type: 'silence', leg: 'a' },
  ])
  phone.says('sorry', media)
  await clock.advance(55_000)
  t.match(events.slice(2), [{ type: 'connected', leg: 'a' }])
})

t.test('a peer that hears nothing gets a keepalive every 15 s, and media carries on after it', async (t) => {
  const { clock, phone, media, until } = await echo(t)
  await clock.advance(62_000)
  t.equal(phone.keepalives.length, 5, 'one at first, then four')
  t.ok(phone.rtcpHeard.length > 8, 'reports keep the other port open')
  phone.says('back', media)
  await until(() => phone.heard.length > 0, 'the echo')
  const [last, echoed] = [phone.keepalives.at(-1), phone.heard[0]].map((packet) => fields(packet ?? Buffer.alloc(12)))
  t.equal(((echoed?.sequence ?? 0) - (last?.sequence ?? 0)) & 0xffff, 1, 'in the same stream')
  t.equal(echoed?.ssrc, last?.ssrc)
})

t.test('what came while a leg was unlinked is no loss to its next link', async (t) => {
  const { clock, engine, phone, media } = await echo(t)
  phone.says('one', media)
  await clock.advance(10)
  engine.unlink('echo')
  for (let packet = 0; packet < 50; packet++) phone.says('unheard', media)
  await clock.advance(10)
  engine.link('again', 'a', 'a')
  phone.says('two', media)
  await clock.advance(10)
  const [one, two] = phone.heard.map(fields)
  t.same(phone.words, ['one', 'two'])
  t.equal(((two?.sequence ?? 0) - (one?.sequence ?? 0)) & 0xffff, 1)
})

t.test('a leg is not aimed at our own media ports', async (t) => {
  const { engine, clock, net } = virtualEngine()
  t.teardown(() => engine.shutdown())
  const [a, b] = await engine.open([leg('a'), leg('b')])
  let packets = 0
  net.onPacket = () => packets++
  for (const [id, other] of [
    ['a', b],
    ['b', a],
  ] as const) {
    const at = { address: SERVER, port: other?.port ?? 0 }
    engine.update(id, {
      rtp: at,
      rtcp: at,
      rtcpMux: false,
      formats: [],
      ptime: null,
      sends: true,
      receives: true,
      keysInMedia: true,
      secure: null,
    })
  }
  engine.link('link', 'a', 'b')
  await clock.advance(60_000)
  t.equal(packets, 0)
  t.match(await engine.stats('a'), { remote: null })
})

t.test('loss and jitter on the way are seen in the counters, and loss by the peer', async (t) => {
  const { clock, net, phone, media, engine } = await echo(t)
  for (let packet = 0; packet < 1000; packet++) {
    net.impairment = { delay: 10, jitter: 8, loss: packet > 0 && packet % 20 === 10 ? 1 : 0, duplicate: 0 }
    phone.says('x', media)
    await clock.advance(0)
    net.impairment = { delay: 1, jitter: 0, loss: 0, duplicate: 0 }
    await clock.advance(20)
  }
  const stats = await engine.stats('a')
  t.equal(stats?.lost, 50)
  t.ok((stats?.jitter ?? 0) > 1 && (stats?.jitter ?? 0) < 8, `jitter ${stats?.jitter}`)
  const numbers = phone.heard.map((packet) => fields(packet).sequence)
  t.equal(((numbers.at(-1) ?? 0) - (numbers[0] ?? 0)) & 0xffff, 999, 'the gaps are still there')
  t.equal(numbers.length, 950)
})
