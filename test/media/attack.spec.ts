import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { LocalMedia, MediaEvent } from '../../src/media/engine.ts'
import { RtpPhone } from '../contracts/rtpPhone.ts'
import { RECEIVER_REPORT, rtp } from '../rtp/rtpBytes.ts'
import { SERVER, virtualEngine } from './virtualEngine.ts'

/** Alice and Bob in a call, both having been heard, and Mallory somewhere else. */
async function call(t: Test, options: { spoken: boolean } = { spoken: true }) {
  const bench = virtualEngine()
  const events: MediaEvent[] = []
  bench.engine.on((event) => events.push(event))
  t.teardown(bench.end)
  const at = (address: string, ssrc: number) => RtpPhone.at(bench.network, address, ssrc, bench.stirred)
  const [alice, bob, mallory] = [await at('10.0.0.5', 1), await at('10.0.0.6', 2), await at('198.51.100.66', 6)]
  const media = await bench.engine.open(['a', 'b'].map((id) => ({ id, call: 'call', address: SERVER })))
  const [a, b] = media
  if (!a || !b) throw new Error('the legs were not opened')
  bench.engine.update('a', alice.sdp())
  bench.engine.update('b', bob.sdp())
  bench.engine.link('link', 'a', 'b')
  if (options.spoken) {
    alice.says('hello', a)
    bob.says('hello', b)
  }
  await bench.clock.advance(10)
  const rtcpOf = ({ address, rtcpPort }: LocalMedia) => ({ address, port: rtcpPort })
  return { ...bench, events, alice, bob, mallory, a, b, rtcpOf }
}

t.test('before the phone speaks, a stranger without a negotiated payload type gets nothing', async (t) => {
  const { clock, mallory, alice, bob, a, b, engine } = await call(t, { spoken: false })
  mallory.says('x', a, { type: 8 })
  mallory.sendsRtcp(RECEIVER_REPORT, a)
  mallory.sendsBytes(Buffer.alloc(0), a)
  await clock.advance(10)
  bob.says('to alice', b)
  await clock.advance(10)
  t.same([mallory.words, alice.words], [[], ['to alice']])
  t.match(await engine.stats('a'), { learnt: false, received: { packets: 0 } })
})

t.test('a stranger that is first is put out by the phone itself within 3 s', async (t) => {
  const { clock, mallory, alice, bob, a, b, events } = await call(t, { spoken: false })
  mallory.says('x', a)
  await clock.advance(2900)
  alice.says('here I am', a)
  await clock.advance(10)
  bob.says('to alice', b)
  mallory.says('y', a)
  await clock.advance(10)
  t.same([mallory.words, alice.words, bob.words], [[], ['to alice'], ['x', 'here I am']])
  t.match(events, [{ type: 'connected' }, { type: 'source-changed', source: alice.rtp }, { type: 'connected' }])
})

t.test('a flood from ten thousand ports changes nothing, not even in a pause of the phone', async (t) => {
  const { clock, net, mallory, alice, bob, a, b, engine, events } = await call(t)
  const flood = await net.host('203.0.113.1').bindUdp({ address: '203.0.113.1', port: 0 }, () => {})
  const before = events.length
  for (let packet = 0; packet < 10_000; packet++) {
    if (packet % 100 === 0) mallory.says('inject', a)
    flood.send(rtp({ sequence: packet, ssrc: packet }), a)
    if (packet === 5000) await clock.advance(30_000)
  }
  await clock.advance(10)
  bob.says('to alice', b)
  alice.says('to bob', a)
  await clock.advance(10)
  t.same([mallory.words, alice.words, bob.words], [[], ['hello', 'to alice'], ['hello', 'to bob']])
  t.equal((await engine.stats('a'))?.dropped.source, 10_100)
  t.equal(events.length, before)
})

t.test('on hold nobody takes the phone’s place, however long', async (t) => {
  const { clock, alice, bob, a, b, engine, network } = await call(t)
  const neighbour = await RtpPhone.at(network, '10.0.0.5', 9, () => {})
  engine.update('a', alice.sdp({ receives: false }))
  await clock.advance(600_000)
  neighbour.says('mine now', a)
  await clock.advance(10)
  bob.says('to alice', b)
  await clock.advance(10)
  t.same([neighbour.words, alice.words], [[], ['hello', 'to alice']])
  engine.update('a', alice.sdp())
  neighbour.says('moved', a)
  await clock.advance(10)
  t.equal(bob.words.at(-1), 'moved', 'off hold, the same host may go on after a silence')
})

t.test('RTP to the RTCP port and RTCP to the RTP port are not what they are not', async (t) => {
  const { clock, alice, bob, a, rtcpOf, engine } = await call(t)
  const rtcpBefore = bob.rtcpHeard.length
  alice.sendsRtcp(rtp({}), rtcpOf(a))
  alice.sendsBytes(RECEIVER_REPORT, a)
  await clock.advance(10)
  t.match(await engine.stats('a'), { dropped: { malformed: 1 }, rtcpReceived: 1, received: { packets: 1 } })
  t.same([bob.words, bob.rtcpHeard.length], [['hello'], rtcpBefore])
})

t.test('truncated and oversized packets of the phone itself are dropped and counted', async (t) => {
  const { clock, alice, bob, a, engine } = await call(t)
  const cut = rtp({})
  cut[0] = 0x9f
  const packets = [cut.subarray(0, 11), cut.subarray(0, 40), rtp({ payload: Buffer.alloc(60_000) }), Buffer.alloc(0)]
  for (const packet of packets) alice.sendsBytes(packet, a)
  await clock.advance(10)
  t.match(await engine.stats('a'), { dropped: { malformed: 4 }, received: { packets: 1 } })
  t.same(bob.words, ['hello'])
})

t.test('each kind of bad packet is dropped under its own name, and reaches nobody', async (t) => {
  const changed = (octet: number, value: number, fields = {}) => {
    const packet = rtp(fields)
    packet[octet] = value
    return packet
  }
  const extended = changed(0, 0x90)
  extended.writeUInt16BE(0xffff, 14)
  const kinds: readonly (readonly [what: string, packet: Uint8Array, reason: string, byMallory?: boolean])[] = [
    ['no packet', Buffer.alloc(0), 'malformed'],
    ['half a header', rtp({}).subarray(0, 7), 'malformed'],
    ['version 1', changed(0, 0x40), 'malformed'],
    ['version 3', changed(0, 0xc0), 'malformed'],
    ['more CSRCs than octets', changed(0, 0x8f, { payload: Buffer.alloc(20) }), 'malformed'],
    ['an extension beyond its end', extended, 'malformed'],
    ['half an extension header', changed(0, 0x90, { payload: Buffer.alloc(2) }), 'malformed'],
    ['padding beyond its beginning', changed(0, 0xa0, { payload: Buffer.alloc(20, 0xff) }), 'malformed'],
    ['padding of no octets', changed(0, 0xa0, { payload: Buffer.alloc(20) }), 'malformed'],
    ['no phone’s length', rtp({ payload: Buffer.alloc(3000) }), 'malformed'],
    ['RTCP that is none', changed(1, 200), 'malformed'],
    ['a payload type nobody agreed to', rtp({ type: 18 }), 'format'],
    ['a good one from elsewhere', rtp({}), 'source', true],
    ['RTCP from elsewhere', RECEIVER_REPORT, 'source', true],
  ]
  const { clock, mallory, alice, bob, a, engine } = await call(t)
  for (const [what, packet, reason, byMallory = false] of kinds) {
    const before = await engine.stats('a')
    const from = byMallory ? mallory : alice
    from.sendsBytes(packet, a)
    await clock.advance(10)
    const [was, is]: Record<string, number>[] = [{ ...before?.dropped }, { ...(await engine.stats('a'))?.dropped }]
    t.same(is, { ...was, [reason]: 1 + (was?.[reason] ?? 0) }, what)
  }
  t.same(bob.words, ['hello'])
})

t.test('whatever octets are sent to a call by anyone, each is accounted for and the talk goes on', async (t) => {
  const { clock, mallory, alice, bob, a, b, rtcpOf, engine } = await call(t)
  let sent = 1
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.boolean(), fc.boolean()), { maxLength: 100 }),
      async (datagrams) => {
        for (const [bytes, byMallory, toRtcp] of datagrams) {
          if (byMallory && bytes.length > 0) bytes[0] = 0x80
          const from = byMallory ? mallory : alice
          if (toRtcp) from.sendsRtcp(bytes, rtcpOf(a))
          else from.sendsBytes(bytes, a)
        }
        sent += datagrams.length
        await clock.advance(2)
        const stats = await engine.stats('a')
        const { malformed = 0, source = 0 } = stats?.dropped ?? {}
        return (
          stats?.remote?.port === alice.rtp.port &&
          malformed + source + stats.received.packets + stats.rtcpReceived === sent
        )
      },
    ),
  )
  bob.says('still there?', b)
  alice.says('yes', a)
  await clock.advance(10)
  t.same([alice.words.at(-1), bob.words.at(-1)], ['still there?', 'yes'])
  t.same(mallory.words, [])
})

t.test('an SDP that aims at our own ports is not followed, at an address that came later either', async (t) => {
  for (const [addresses, followed] of [
    [[SERVER], true],
    [[SERVER, '10.7.0.1'], false],
  ] as const) {
    const { clock, net, bob, b, engine } = await call(t, { spoken: false })
    engine.follow(addresses)
    const sent: string[] = []
    net.onPacket = (_from, to) => sent.push(to.address)
    const aimed = { address: '10.7.0.1', port: b.port }
    engine.update('a', { ...bob.sdp(), rtp: aimed, rtcp: aimed })
    bob.says('hello', b)
    await clock.advance(10)
    t.equal(sent.includes('10.7.0.1'), followed, addresses.join())
  }
})
