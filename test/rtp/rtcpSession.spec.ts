import t from 'tap'
import type { Endpoint, UdpSocket } from '../../src/platform/network.ts'
import { isWellFormed } from '../../src/rtp/rtcp/rtcp.ts'
import { RtpLeg, type RtpPeer } from '../../src/rtp/rtpLeg.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { block, bytes, receiverReport } from './rtcpBytes.ts'
import { rtp } from './rtpBytes.ts'

const phone = { address: '10.0.0.5', port: 4000 }
const phoneRtcp = { address: '10.0.0.5', port: 4001 }
const stranger = { address: '198.51.100.66', port: 4001 }
const PCMU = { codec: 'pcmu/8000/1', receive: 0, send: 0, fmtp: null }
const peer: RtpPeer = {
  rtp: phone,
  rtcp: phoneRtcp,
  rtcpMux: false,
  formats: [PCMU],
  ptime: null,
  sends: true,
  receives: true,
  keysInMedia: true,
}
const muxed: RtpPeer = { ...peer, rtcpMux: true }
const [SENDER, RECEIVER, BYE] = [200, 201, 203]

interface Report {
  readonly at: number
  readonly socket: 'rtp' | 'rtcp'
  readonly to: Endpoint
  readonly bytes: Uint8Array
  /** Packet types, SDES left out. */
  readonly types: readonly number[]
}

/** A leg without network, and the RTCP it sends. */
function scene(seed = 1) {
  const clock = new VirtualClock()
  const sent: Report[] = []
  const socket = (kind: 'rtp' | 'rtcp', port: number): UdpSocket => ({
    local: { address: '10.0.0.1', port },
    open: true,
    send(bytes, to) {
      if (isWellFormed(bytes)) sent.push({ at: clock.now(), socket: kind, to, bytes, types: typesOf(bytes) })
    },
    close() {},
  })
  const sockets = { rtp: socket('rtp', 10_000), rtcp: socket('rtcp', 10_001), deliverTo() {}, close() {} }
  const leg = new RtpLeg(sockets, { clock, random: seededRandom(seed), mayBePeer: () => true, notify() {} })
  const tick = async (span: number) => {
    for (let gone = 0; gone < span; gone += 1000) {
      await clock.advance(1000)
      leg.tick(clock.now())
    }
  }
  const speak = () => leg.send(rtp({}), 160, 0, { clockRate: 8000, advances: true }, phone, clock.now())
  /** The phone's word about our stream: a quarter of it lost. */
  const aboutUs = () =>
    bytes(receiverReport('11111111', block(leg.outgoing.ssrc.toString(16).padStart(8, '0'), { lost: '40000001' })))
  return { leg, clock, sent, tick, speak, aboutUs }
}

function typesOf(datagram: Uint8Array): number[] {
  const types: number[] = []
  const octets = Buffer.from(datagram)
  for (let at = 0; at < octets.length; at += 4 + 4 * octets.readUInt16BE(at + 2)) types.push(octets[at + 1] ?? 0)
  return types.filter((type) => type !== 202)
}

t.test('reports go to the peer’s RTCP port: one at once, the next after about half an interval', async (t) => {
  const { leg, sent, tick } = scene()
  await tick(20_000)
  t.same(sent, [], 'none before anything is known of the peer')
  leg.update(peer)
  t.match(sent, [{ socket: 'rtcp', to: phoneRtcp, types: [RECEIVER] }])
  await tick(4000)
  const second = (sent[1]?.at ?? 0) - (sent[0]?.at ?? 0)
  t.ok(second >= 1250 && second <= 3750 + 1000, `after ${second} ms`)
})

t.test('then every 5 s, drawn from half of that to one and a half (RFC 3550 §6.3.1)', async (t) => {
  const { leg, sent, tick } = scene()
  leg.update(peer)
  await tick(600_000)
  const gaps = sent.slice(2).map(({ at }, index) => at - (sent[index + 1]?.at ?? 0))
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  t.ok(Math.min(...gaps) >= 2500 && Math.max(...gaps) <= 7500 + 1000, `${Math.min(...gaps)} to ${Math.max(...gaps)} ms`)
  t.ok(mean > 4500 && mean < 6500, `mean ${mean} ms; a tick a second rounds up`)
  t.ok(new Set(gaps).size > 3, 'they vary')
})

t.test('an SDP that comes again puts no report off', async (t) => {
  const { leg, sent, tick } = scene()
  for (let second = 0; second < 20; second++) {
    leg.update(peer)
    await tick(1000)
  }
  t.ok(sent.length >= 3)
})

t.test('two legs do not report in step', async (t) => {
  const times = await Promise.all(
    [1, 2].map(async (seed) => {
      const { leg, sent, tick } = scene(seed)
      leg.update(peer)
      await tick(60_000)
      return sent.map(({ at }) => at)
    }),
  )
  t.notSame(times[0], times[1])
})

t.test('sender reports while we send, receiver reports on hold', async (t) => {
  const { leg, sent, tick, speak } = scene()
  leg.update(peer)
  for (let second = 0; second < 30; second++) {
    speak()
    await tick(1000)
  }
  t.ok(sent.length > 4)
  t.ok(sent.slice(1).every(({ types }) => types[0] === SENDER))
  leg.update({ ...peer, sends: false, rtp: null, rtcp: null })
  await tick(30_000)
  t.match(sent.at(-1), { to: phoneRtcp, types: [RECEIVER] })
})

t.test('a closed leg says goodbye, if the peer ever heard of it (§6.3.7)', async (t) => {
  const heard = scene()
  heard.leg.update(peer)
  heard.leg.close()
  t.match(heard.sent.at(-1), { to: phoneRtcp, types: [RECEIVER, BYE] })
  const spoke = scene()
  spoke.leg.update(peer)
  spoke.speak()
  spoke.leg.close()
  t.match(spoke.sent.at(-1), { types: [SENDER, BYE] })
  const unheard = scene()
  unheard.leg.update({ ...peer, rtp: null, rtcp: null })
  unheard.leg.close()
  t.same(unheard.sent, [])
  const listened = scene()
  listened.leg.update({ ...peer, rtcp: null })
  listened.leg.onRtcp(bytes(receiverReport('11111111')), phoneRtcp)
  listened.leg.close()
  t.equal(listened.leg.rtcp.received, 1)
  t.same(listened.sent, [], 'not even though it was heard')
})

t.test('a peer without RTCP gets none', async (t) => {
  const { leg, sent, tick } = scene()
  leg.update({ ...peer, rtcp: null })
  await tick(30_000)
  leg.close()
  t.same(sent, [])
})

t.test('only the peer’s own reports count', async (t) => {
  const { leg, aboutUs } = scene()
  leg.update(peer)
  leg.onRtp(rtp({}), phone)
  for (const from of [stranger, { ...stranger, address: '10.0.0.6' }]) {
    leg.onRtcp(aboutUs(), from)
    leg.onRtp(aboutUs(), from)
  }
  t.equal(leg.rtcp.reports.peer, null)
  t.match(leg.dropped, { source: 4 })
  leg.onRtcp(aboutUs(), phoneRtcp)
  t.match(leg.rtcp.reports.peer, { lost: 0.25, lostTotal: 1 })
  leg.onRtcp(bytes(receiverReport('11111111', block(leg.outgoing.ssrc.toString(16)))), { ...phone, port: 5555 })
  t.match(leg.rtcp.reports.peer, { lost: 0.25 }, 'another port of its host is a stranger while the first one speaks')
  t.equal(leg.rtcp.received, 1)
})

t.test('one port for both, where that was agreed (RFC 5761)', async (t) => {
  const { leg, sent, tick, aboutUs } = scene()
  leg.update(muxed)
  await tick(10_000)
  t.ok(sent.length > 1)
  t.ok(sent.every(({ socket, to }) => socket === 'rtp' && to === phone))
  leg.onRtp(aboutUs(), stranger)
  t.equal(leg.rtcp.reports.peer, null)
  leg.onRtp(aboutUs(), phone)
  t.match(leg.rtcp.reports.peer, { lost: 0.25 }, 'taken before any RTP, as of a phone that only listens')
  const behindNat = { address: '203.0.113.5', port: 7777 }
  leg.update({ ...muxed, rtp: { ...phone, port: 4002 } })
  leg.onRtp(rtp({}), behindNat)
  await tick(10_000)
  t.same(sent.at(-1)?.to, behindNat, 'it follows RTP')
  leg.close()
  t.match(sent.at(-1), { socket: 'rtp', to: behindNat, types: [RECEIVER, BYE] })
})

t.test('a re-offer may part the ports again', async (t) => {
  const { leg, sent, tick } = scene()
  leg.update(muxed)
  leg.update(peer)
  await tick(10_000)
  t.match(sent.at(-1), { socket: 'rtcp', to: phoneRtcp })
})
