import t, { type Test } from 'tap'
import type { LegFormat } from '../../src/media/engine.ts'
import { RtpPhone } from '../contracts/rtpPhone.ts'
import { fields } from '../rtp/rtpBytes.ts'
import { SERVER, virtualEngine } from './virtualEngine.ts'

const G722: LegFormat = { codec: 'g722/8000/1', receive: 9, send: 9, fmtp: null }
const PCMU: LegFormat = { codec: 'pcmu/8000/1', receive: 0, send: 0, fmtp: null }

/** A phone of PCMU linked to one of G.722. */
async function scene(t: Test) {
  const bench = virtualEngine()
  t.teardown(bench.end)
  const alice = await RtpPhone.at(bench.network, '10.0.0.5', 0xa11ce, bench.stirred)
  const bob = await RtpPhone.at(bench.network, '10.0.0.5', 0xb0b, bench.stirred)
  const [a, b] = await bench.engine.open([
    { id: 'a', call: 'call', address: SERVER },
    { id: 'b', call: 'call', address: SERVER },
  ])
  if (!a || !b) throw new Error('the legs were not opened')
  bench.engine.update('a', alice.sdp({ formats: [PCMU] }))
  bench.engine.update('b', bob.sdp({ formats: [G722] }))
  bench.engine.link('link', 'a', 'b')
  const talk = async (packets: number) => {
    for (let each = 0; each < packets; each++) {
      alice.says('\x80'.repeat(160), a)
      await bench.clock.advance(20)
    }
  }
  return { ...bench, alice, bob, talk }
}

/** Steps in sequence number and timestamp from packet to packet, each once. */
function steps({ heard }: RtpPhone): string[] {
  const packets = heard.map(fields)
  const found = packets.slice(1).map(({ sequence, timestamp }, at) => {
    const before = packets[at] ?? { sequence: 0, timestamp: 0 }
    return `${(sequence - before.sequence) & 0xffff} ${(timestamp - before.timestamp) | 0}`
  })
  return [...new Set(found)]
}

t.test('an agreement that changes nothing does not interrupt the sound', async (t) => {
  const { engine, alice, bob, talk } = await scene(t)
  await talk(25)
  engine.update('a', alice.sdp({ formats: [PCMU] }))
  engine.update('b', bob.sdp({ formats: [G722] }))
  await talk(25)
  t.ok(bob.heard.length >= 47, `${bob.heard.length} of 50 packets`)
  t.same(steps(bob), ['1 160'])
})

t.test('packets are as long as the peer wants them', async (t) => {
  for (const ptime of [10, 20, 30, 40, 60, 5, 200]) {
    const { engine, bob, talk } = await scene(t)
    engine.update('b', bob.sdp({ formats: [G722], ptime }))
    await talk(50)
    const length = Math.min(60, Math.max(10, ptime))
    t.same([...new Set(bob.heard.map((packet) => fields(packet).payload.length))], [8 * length], `${ptime} ms`)
    t.same(steps(bob), [`1 ${8 * length}`])
  }
})

t.test('a phone on hold is sent nothing, and hears on when it is back', async (t) => {
  const { engine, bob, talk } = await scene(t)
  await talk(10)
  engine.update('b', bob.sdp({ formats: [G722], sends: false }))
  const before = bob.heard.length
  await talk(20)
  t.equal(bob.heard.length, before)
  engine.update('b', bob.sdp({ formats: [G722] }))
  await talk(20)
  t.ok(bob.heard.length >= before + 15)
})

t.test('who falls silent is sent no packets of silence, and the ticker comes to rest', async (t) => {
  const { bob, talk, clock } = await scene(t)
  await talk(20)
  await clock.advance(400)
  const before = bob.heard.length
  const { timers } = clock
  await clock.advance(6000)
  t.equal(bob.heard.length, before)
  t.equal(clock.timers, timers - 1, 'nobody ticks')
  await talk(20)
  t.ok(bob.heard.length >= before + 15, 'and it begins anew')
  t.ok(bob.heard.map(fields)[before]?.marker, 'as a talk spurt')
})
