import fc from 'fast-check'
import t from 'tap'
import type { Endpoint } from '../../src/platform/network.ts'
import { isSame, RtcpLock, SourceLock } from '../../src/rtp/source.ts'

const sdp = { address: '10.0.0.5', port: 4000 }
const sdpHost = { address: '10.0.0.5', port: 6000 }
const nat = { address: '203.0.113.9', port: 51000 }
const natMoved = { address: '203.0.113.9', port: 52000 }
const stranger = { address: '198.51.100.66', port: 666 }
const ours = { address: '10.0.0.1', port: 10000 }
const notOurs = (at: Endpoint) => !isSame(at, ours) && at.address !== '0.0.0.0'

function lock(named: Endpoint | null = sdp): SourceLock {
  const source = new SourceLock(notOurs)
  source.update(named, 0)
  return source
}

t.test('before the first packet, the SDP says where to send', async (t) => {
  const source = new SourceLock(notOurs)
  t.equal(source.target, null)
  t.equal(source.update(sdp, 0), true)
  t.same([source.target, source.source], [sdp, null])
})

t.test('the first packet teaches where the peer really is', async (t) => {
  const source = lock()
  t.equal(source.hear(nat, true, 100), 'learnt')
  t.same(source.target, nat)
  t.equal(source.hear(nat, true, 120), 'known')
  t.equal(source.hear(stranger, true, 140), 'stranger')
  t.same(source.target, nat)
})

t.test('what does not teach, does not', async (t) => {
  const source = lock()
  t.equal(source.hear(stranger, false, 100), 'stranger')
  t.same(source.target, sdp)
})

t.test('within 3 s, the very address of the SDP wins over any that came first', async (t) => {
  const source = lock()
  source.hear(stranger, true, 100)
  t.equal(source.hear(sdp, true, 3099), 'learnt')
  t.same(source.target, sdp)
  t.equal(source.hear(stranger, true, 3100), 'stranger', 'and not the other way round')
})

t.test('and its host over any other host', async (t) => {
  const source = lock()
  source.hear(stranger, true, 100)
  t.equal(source.hear(sdpHost, true, 200), 'learnt')
  t.equal(source.hear(nat, true, 300), 'stranger')
  t.equal(source.hear(sdp, true, 400), 'learnt', 'the very address still wins')
  t.equal(source.hear(sdpHost, true, 500), 'stranger')
})

t.test('after 3 s the source is locked, even against the SDP, while it is heard', async (t) => {
  const source = lock()
  source.hear(nat, true, 100)
  for (let now = 120; now < 6000; now += 20) source.hear(nat, true, now)
  t.equal(source.hear(sdp, true, 6000), 'stranger')
  t.equal(source.hear(natMoved, true, 6000), 'stranger')
  t.equal(source.hear(stranger, true, 6000), 'stranger')
})

t.test('a source silent for 2 s gives way, but only to its own host or the SDP’s', async (t) => {
  for (const [next, heard] of [
    [stranger, 'stranger'],
    [natMoved, 'learnt'],
    [sdp, 'learnt'],
    [sdpHost, 'learnt'],
  ] as const) {
    const source = lock()
    source.hear(nat, true, 100)
    source.hear(nat, true, 10_000)
    t.equal(source.hear(next, true, 11_999), 'stranger', `${next.address}:${next.port} too early`)
    t.equal(source.hear(next, true, 12_000), heard, `${next.address}:${next.port}`)
  }
})

t.test('nobody takes over from a peer that is on hold', async (t) => {
  const source = lock()
  source.hear(nat, true, 100)
  t.equal(source.hear(natMoved, false, 60_000), 'stranger')
  t.equal(source.hear(nat, false, 60_001), 'known')
})

t.test('another address in the SDP is sent to at once, and learnt from anew', async (t) => {
  const source = lock()
  source.hear(nat, true, 100)
  const moved = { address: '10.0.0.6', port: 4002 }
  t.equal(source.update(moved, 10_000), true)
  t.same(source.target, moved)
  t.equal(source.hear(nat, true, 10_020), 'known', 'packets still under way from the old place are the peer’s')
  t.same(source.target, moved, 'but do not lock again')
  t.equal(source.hear(stranger, false, 10_030), 'stranger')
  t.equal(source.hear(natMoved, true, 10_040), 'learnt')
  t.equal(source.hear(nat, true, 10_060), 'stranger', 'the old place is no more the peer’s')
})

t.test('if it goes on from the old place, that is where it is', async (t) => {
  const source = lock()
  source.hear(nat, true, 100)
  source.update({ address: '10.0.0.6', port: 4002 }, 10_000)
  t.equal(source.hear(nat, true, 13_000), 'known')
  t.same(source.target, nat)
  t.equal(source.hear(stranger, true, 13_020), 'stranger')
})

t.test('an SDP that says nothing new changes nothing', async (t) => {
  const source = lock()
  source.hear(nat, true, 100)
  t.equal(source.update(sdp, 5000), false, 'the same address')
  t.equal(source.update(null, 5000), false, 'a hold by c=0.0.0.0')
  t.equal(source.update(sdp, 6000), false, 'and the resume')
  t.equal(source.update(nat, 7000), false, 'the address the peer was found at')
  t.same(source.target, nat)
})

t.test('an address that no peer can have is neither sent to nor learnt', async (t) => {
  const source = lock(ours)
  t.equal(source.target, null)
  t.equal(source.hear(ours, true, 100), 'stranger')
  t.equal(source.hear(nat, true, 200), 'learnt', 'but the peer may still be found')
  t.equal(source.update({ address: '0.0.0.0', port: 4000 }, 300), false)
  t.same(source.target, nat)
  const neighbour = lock({ address: ours.address, port: 4000 })
  neighbour.hear(nat, true, 100)
  t.equal(neighbour.hear(ours, true, 60_000), 'stranger', 'nor does it take over')
})

t.test('once locked, no flood of strangers ever redirects the stream', async () => {
  const foreign = fc.record({
    address: fc.constantFrom('198.51.100.1', '192.0.2.7', '203.0.113.8'),
    port: fc.nat(65535),
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(foreign, fc.boolean(), fc.nat(100_000)), { maxLength: 100 }), (packets) => {
      const source = lock()
      source.hear(nat, true, 0)
      let now = 3000
      return packets.every(([from, teaches, pause]) => {
        now += pause
        return source.hear(from, teaches, now) === 'stranger' && source.target !== null && isSame(source.target, nat)
      })
    }),
  )
})

t.test('RTCP is taken from the host of the RTP, from the first port that sends it', async (t) => {
  const rtcp = new RtcpLock(notOurs)
  const named = { address: sdp.address, port: 4001 }
  const from = { address: nat.address, port: 51001 }
  const intruder = { address: nat.address, port: 6666 }
  rtcp.update(named)
  t.same(rtcp.target, named)
  t.equal(rtcp.hear(stranger, sdp.address, 0), false)
  t.equal(rtcp.hear(from, nat.address, 0), true)
  t.same(rtcp.target, from)
  t.equal(rtcp.hear(intruder, nat.address, 5000), false)
  t.equal(rtcp.hear(from, nat.address, 5001), true)
  t.equal(rtcp.hear(intruder, nat.address, 20_000), false, 'silent for less than 15 s')
  t.equal(rtcp.hear(intruder, nat.address, 20_001), true)
})

t.test('RTCP follows where the RTP and the SDP go', async (t) => {
  const rtcp = new RtcpLock(notOurs)
  rtcp.update({ address: sdp.address, port: 4001 })
  rtcp.hear({ address: nat.address, port: 51001 }, nat.address, 0)
  const moved = { address: '203.0.113.10', port: 51001 }
  t.equal(rtcp.hear(moved, moved.address, 100), true, 'the RTP moved')
  t.equal(rtcp.hear({ address: nat.address, port: 51001 }, moved.address, 200), false)
  rtcp.update({ address: sdp.address, port: 4001 })
  t.same(rtcp.target, moved, 'the same SDP says nothing new')
  rtcp.update(null)
  rtcp.update(ours)
  t.same(rtcp.target, moved)
  rtcp.update({ address: '10.0.0.6', port: 4003 })
  t.same(rtcp.target, { address: '10.0.0.6', port: 4003 })
  t.equal(rtcp.hear(ours, ours.address, 300), false, 'our own port is no peer')
  t.equal(rtcp.hear(moved, null, 300), false, 'nor is anyone while no host is known')
})
