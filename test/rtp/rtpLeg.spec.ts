import fc from 'fast-check'
import t from 'tap'
import type { Endpoint, UdpSocket } from '../../src/platform/network.ts'
import { isWellFormed } from '../../src/rtp/rtcp/rtcp.ts'
import { type RtpEvent, RtpLeg, type RtpPeer, type RtpSink } from '../../src/rtp/rtpLeg.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { fields, RECEIVER_REPORT, rtp } from './rtpBytes.ts'

const phone = { address: '10.0.0.5', port: 4000 }
const phoneRtcp = { address: '10.0.0.5', port: 4001 }
const stranger = { address: '198.51.100.66', port: 666 }
const PCMU = { codec: 'pcmu/8000/1', receive: 0, send: 0, fmtp: null }
const DTMF = { codec: 'telephone-event/8000/1', receive: 101, send: 96, fmtp: null }
const peer: RtpPeer = {
  rtp: phone,
  rtcp: phoneRtcp,
  rtcpMux: false,
  formats: [PCMU, DTMF],
  ptime: null,
  sends: true,
  receives: true,
  keysInMedia: true,
}
const onHold: RtpPeer = { ...peer, receives: false }

interface Sent {
  readonly bytes: Uint8Array
  readonly to: Endpoint
}

function socket(port: number, sent: Sent[]): UdpSocket {
  const local = { address: '10.0.0.1', port }
  return { local, open: true, send: (bytes, to) => sent.push({ bytes, to }), close() {} }
}

/** A leg without network: what it sends, tells and passes on can be looked at. */
function scene() {
  const clock = new VirtualClock()
  const [sent, sentRtcp, events, passed]: [Sent[], Sent[], RtpEvent[], Uint8Array[]] = [[], [], [], []]
  const sockets = { rtp: socket(10000, sent), rtcp: socket(10001, sentRtcp), deliverTo() {}, close() {} }
  const notify = (event: RtpEvent) => events.push(event)
  const leg = new RtpLeg(sockets, { clock, random: seededRandom(1), mayBePeer: () => true, notify })
  let interruptions = 0
  const sink: RtpSink = { take: (packet) => passed.push(packet), interrupted: () => interruptions++ }
  leg.sink = sink
  /** Time goes on by `span` ms with a tick each second. */
  const tick = async (span: number) => {
    for (let gone = 0; gone < span; gone += 1000) {
      await clock.advance(1000)
      leg.tick(clock.now())
    }
  }
  return { leg, clock, sent, sentRtcp, events, passed, tick, interruptions: () => interruptions }
}

t.test('a valid packet of the peer is counted and passed on', async (t) => {
  const { leg, passed, events } = scene()
  leg.update(peer)
  leg.onRtp(rtp({ type: 0, sequence: 1 }), phone)
  leg.onRtp(rtp({ type: 101, sequence: 2, payload: Buffer.alloc(4) }), phone)
  t.equal(passed.length, 2)
  t.same(leg.received, { packets: 2, octets: 164 })
  t.equal(leg.codec, 'telephone-event/8000/1')
  t.same(events, [{ type: 'connected', source: phone }])
})

t.test('each reason not to take a packet has its counter', async (t) => {
  const { leg, passed } = scene()
  leg.onRtp(rtp({}), phone)
  t.match(leg.dropped, { format: 1 }, 'before the SDP nothing is negotiated')
  leg.update(onHold)
  leg.onRtp(rtp({}), phone)
  t.match(leg.dropped, { format: 1, direction: 1 }, 'nobody is learnt on hold')
  leg.update(peer)
  leg.onRtp(rtp({ type: 8 }), stranger)
  t.match(leg.dropped, { format: 2 }, 'an unknown type does not teach')
  t.equal(leg.source.source, null)
  leg.onRtp(rtp({ sequence: 1 }), phone)
  leg.onRtp(rtp({ sequence: 2, type: 8 }), phone)
  leg.onRtp(rtp({ sequence: 3 }), stranger)
  leg.onRtp(Buffer.from('hello'), phone)
  leg.onRtp(Buffer.alloc(0), phone)
  t.same(leg.dropped, { malformed: 2, source: 1, format: 3, direction: 1, unlinked: 0, forged: 0 })
  leg.sink = null
  leg.onRtp(rtp({ sequence: 3 }), phone)
  t.match(leg.dropped, { unlinked: 1 })
  t.equal(passed.length, 1)
  t.equal(leg.received.packets, 3, 'what came from the peer itself was received, whatever became of it')
  t.equal(leg.reception.lost, 0, 'and is not lost')
})

t.test('a packet on hold is held back and ends the run', async (t) => {
  const { leg, passed, interruptions } = scene()
  leg.update(peer)
  leg.onRtp(rtp({ sequence: 1 }), phone)
  leg.update(onHold)
  leg.onRtp(rtp({ sequence: 2 }), phone)
  t.match(leg.dropped, { direction: 1 })
  t.equal(interruptions(), 1)
  t.equal(passed.length, 1)
})

t.test('another source is told as a change', async (t) => {
  const { leg, clock, events } = scene()
  const moved = { address: phone.address, port: 4444 }
  leg.update(peer)
  leg.onRtp(rtp({}), phone)
  await clock.advance(5000)
  leg.onRtp(rtp({}), moved)
  t.same(events, [
    { type: 'connected', source: phone },
    { type: 'source-changed', source: moved },
  ])
})

t.test('RTCP is counted, on its own port and on that of RTP, and never passed on', async (t) => {
  const { leg, passed } = scene()
  leg.update(peer)
  leg.onRtcp(RECEIVER_REPORT, phoneRtcp)
  leg.onRtp(RECEIVER_REPORT, phone)
  t.match(leg.dropped, { source: 1 }, 'on the RTP port it must come from where RTP came from')
  leg.onRtp(rtp({}), phone)
  leg.onRtp(RECEIVER_REPORT, phone)
  t.equal(leg.rtcp.received, 2)
  t.equal(passed.length, 1)
  leg.onRtcp(RECEIVER_REPORT, stranger)
  leg.onRtp(RECEIVER_REPORT, stranger)
  t.match(leg.dropped, { source: 3 })
  leg.onRtcp(rtp({}), phoneRtcp)
  leg.onRtcp(RECEIVER_REPORT.subarray(0, 6), phoneRtcp)
  leg.onRtp(RECEIVER_REPORT.subarray(0, 6), phone)
  t.match(leg.dropped, { malformed: 3 }, 'RTP on the RTCP port, and RTCP cut short')
  t.equal(leg.rtcp.received, 2)
})

t.test('a new target gets a packet on both ports at once, which opens the NAT (RFC 6263)', async (t) => {
  const { leg, sent, sentRtcp } = scene()
  leg.update({ ...peer, rtp: null, rtcp: null })
  t.same([sent.length, sentRtcp.length], [0, 0], 'no target yet')
  leg.update(peer)
  t.same([sent[0]?.to, sentRtcp[0]?.to], [phone, phoneRtcp])
  const keepalive = fields(sent[0]?.bytes ?? Buffer.alloc(0))
  t.same([keepalive.type, keepalive.payload.length], [127, 0], 'of a payload type nobody negotiated')
  t.ok(isWellFormed(sentRtcp[0]?.bytes ?? Buffer.alloc(0)))
  leg.update(peer)
  t.equal(sent.length, 1, 'the same SDP again needs none')
  leg.update({ ...peer, rtp: { ...phone, port: 4002 } })
  t.equal(sent[1]?.to.port, 4002)
})

t.test('the keepalive’s payload type is one that neither side has', async (t) => {
  const { leg, sent } = scene()
  leg.update({ ...peer, formats: [PCMU, { ...DTMF, send: 127 }] })
  t.equal(fields(sent[0]?.bytes ?? Buffer.alloc(0)).type, 126)
})

t.test('a keepalive goes out after each 15 s in which we sent nothing', async (t) => {
  const { leg, clock, sent, tick } = scene()
  leg.tick(clock.now())
  leg.update(peer)
  await tick(14_000)
  t.equal(sent.length, 1)
  await tick(1000)
  t.equal(sent.length, 2)
  leg.send(rtp({}), 160, 0, { clockRate: 8000, advances: true }, phone, clock.now())
  await tick(14_000)
  t.equal(sent.length, 3, 'media counts as well')
  leg.update({ ...onHold, sends: false, rtp: null })
  await tick(1000)
  t.equal(sent.length, 4, 'on hold too')
  t.same(leg.sent, { packets: 1, octets: 160 }, 'keepalives are not media')
})

t.test('forgeries are counted each, and told of once a minute', async (t) => {
  const { leg, events, tick } = scene()
  leg.update(peer)
  leg.onRefused('forged')
  leg.onRefused('forged')
  leg.onRefused('malformed')
  await tick(1_000)
  leg.onRefused('forged')
  await tick(58_000)
  const told = () => events.filter(({ type }) => type === 'forged')
  t.same(told(), [{ type: 'forged', packets: 2 }])
  await tick(3_000)
  t.same(told(), [
    { type: 'forged', packets: 2 },
    { type: 'forged', packets: 1 },
  ])
  await tick(120_000)
  t.equal(told().length, 2, 'nothing came, nothing is told')
  t.match(leg.dropped, { forged: 3, malformed: 1 })
})

t.test('silence is told each full minute, from the first SDP or the last packet', async (t) => {
  const { leg, events, tick } = scene()
  await tick(120_000)
  t.same(events, [], 'nothing is expected before the SDP')
  leg.update(peer)
  await tick(59_000)
  t.same(events, [])
  await tick(61_000)
  t.same(events, [
    { type: 'silence', elapsed: 60_000 },
    { type: 'silence', elapsed: 120_000 },
  ])
  leg.onRtp(rtp({}), phone)
  await tick(59_000)
  leg.onRtcp(RECEIVER_REPORT, phoneRtcp)
  await tick(59_000)
  t.equal(events.length, 3, 'RTP and RTCP both end it')
  leg.onRtp(rtp({}), stranger)
  await tick(1000)
  t.same(events.at(-1), { type: 'silence', elapsed: 60_000 }, 'strangers do not')
})

t.test('after a hold the peer has a minute again', async (t) => {
  const { leg, events, tick } = scene()
  leg.update(onHold)
  await tick(50_000)
  leg.update(peer)
  await tick(50_000)
  t.same(events, [])
  leg.update(peer)
  await tick(10_000)
  t.same(events, [{ type: 'silence', elapsed: 60_000 }], 'a refresh of the session gives none')
})

t.test('a codec without a clock rate is our own mistake', async (t) => {
  const { leg } = scene()
  t.throws(() => leg.update({ ...peer, formats: [{ ...PCMU, codec: 'pcmu' }] }), TypeError)
})

t.test('no octets from anyone upset a leg, nor move it from its peer', async () => {
  const { leg } = scene()
  leg.update(peer)
  leg.onRtp(rtp({}), phone)
  const datagram = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.uint8Array({ minLength: 12, maxLength: 80 }).map((bytes) => {
      bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x3f)
      return bytes
    }),
  )
  fc.assert(
    fc.property(datagram, fc.constantFrom(phone, phoneRtcp, stranger), fc.boolean(), (bytes, from, toRtcp) => {
      if (toRtcp) leg.onRtcp(bytes, from)
      else leg.onRtp(bytes, from)
      return leg.source.isAt(phone)
    }),
    { numRuns: 5000 },
  )
})
