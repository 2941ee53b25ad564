import t, { type Test } from 'tap'
import { quality } from '../../src/rtp/quality.ts'
import { RtpPhone } from '../contracts/rtpPhone.ts'
import { ReportingPhone } from './reportingPhone.ts'
import { SERVER, virtualEngine } from './virtualEngine.ts'

const FORMATS = [{ codec: 'pcmu/8000', receive: 0, send: 0, fmtp: null }]
const PERFECT = { delay: 40, jitter: 0, loss: 0, duplicate: 0 }
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Two phones that talk to each other for `span` ms, through two legs; each way to and from us has this impairment. */
async function talk(t: Test, impairment: typeof PERFECT, span: number) {
  const { engine, net, clock, end } = virtualEngine()
  t.teardown(end)
  const [a, b] = await engine.open(['a', 'b'].map((id) => ({ id, call: 'call', address: SERVER })))
  if (!a || !b) throw new Error('the legs were not opened')
  const alice = await ReportingPhone.at(net, clock, '10.0.0.5', 0x000a11ce)
  const bob = await ReportingPhone.at(net, clock, '10.0.0.6', 0x00000b0b)
  for (const [id, address] of [
    ['a', '10.0.0.5'],
    ['b', '10.0.0.6'],
  ] as const) {
    const at = { rtp: { address, port: 4000 }, rtcp: { address, port: 4001 }, rtcpMux: false, ptime: null }
    engine.update(id, { ...at, formats: FORMATS, sends: true, receives: true, keysInMedia: true, secure: null })
  }
  engine.link('link', 'a', 'b')
  net.impairment = impairment
  alice.talks(a, span)
  bob.talks(b, span)
  await clock.advance(span + 1000)
  const stats = [await engine.stats('a'), await engine.stats('b')]
  return { alice, bob, stats }
}

t.test('one in ten packets lost, 40 ms each way: both ends know', async (t) => {
  const { alice, bob, stats } = await talk(t, { ...PERFECT, loss: 0.1 }, 40_000)
  for (const phone of [alice, bob]) {
    t.ok(phone.told.length >= 4, 'we reported')
    t.ok(Math.abs(mean(phone.told) - 0.1) < 0.03, `${mean(phone.told)} of its packets are lost, it was told`)
    t.ok(phone.roundTrips.length >= 3, 'and it knows the round trip by it')
    t.ok(
      phone.roundTrips.every((trip) => Math.abs(trip - 80) < 2),
      `${phone.roundTrips.map(Math.round)} ms`,
    )
  }
  for (const leg of stats) {
    if (!leg?.peer) throw new Error('no report came')
    const share = leg.lost / (leg.received.packets + leg.lost)
    t.ok(Math.abs(share - 0.1) < 0.03, `${share} lost on the way to us`)
    t.ok(leg.peer.lostTotal > leg.lost * 1.5, 'the phone misses what the other one’s way lost, too')
    const reported = leg.peer.lostTotal / (2000 * (1 - 1 / 8))
    t.ok(Math.abs(reported - 0.19) < 0.04, `${reported} lost on both ways, of what was sent until its last report`)
    t.ok(leg.peer.lost > 0.08 && leg.peer.lost < 0.35, `${leg.peer.lost} lately`)
    t.ok(leg.roundTrip !== null && Math.abs(leg.roundTrip - 80) < 0.1, `round trip ${leg.roundTrip} ms`)
    const { heard, told } = leg.mos
    t.ok(heard !== null && heard > 3 && heard < 3.6, `heard ${heard}`)
    t.ok(told !== null && told < (heard ?? 0) - 0.3, `told ${told}: twice the loss`)
  }
})

t.test('the score is that of the voice, and none before any came', async (t) => {
  const { engine, network, clock, end } = virtualEngine()
  t.teardown(end)
  const phone = await RtpPhone.at(network, '10.0.0.5', 0xa11ce, () => {})
  const [media] = await engine.open([{ id: 'a', call: 'call', address: SERVER }])
  if (!media) throw new Error('the leg was not opened')
  const formats = [
    { codec: 'telephone-event/8000', receive: 101, send: 101, fmtp: null },
    { codec: 'g729/8000', receive: 18, send: 18, fmtp: null },
  ]
  engine.update('a', phone.sdp({ formats }))
  t.same((await engine.stats('a'))?.mos, { heard: null, told: null })
  for (let packet = 0; packet < 50; packet++) {
    phone.says('voice', media, { type: 18 })
    await clock.advance(20)
  }
  phone.says('*', media, { type: 101 })
  await clock.advance(20)
  const stats = await engine.stats('a')
  t.equal(stats?.codec, 'telephone-event/8000')
  const g729 = quality({ codec: 'g729', loss: 0, delay: 20 }).mos
  t.ok(Math.abs((stats?.mos.heard ?? 0) - g729) < 0.01, `${stats?.mos.heard}, G.729 at its best is ${g729}`)
})

t.test('on a perfect network nothing is lost and nobody says so', async (t) => {
  const { alice, bob, stats } = await talk(t, PERFECT, 12_000)
  for (const { told, roundTrips } of [alice, bob]) t.ok([...told].every((lost) => lost === 0) && roundTrips.length > 0)
  for (const leg of stats) {
    t.match(leg, { lost: 0, peer: { lost: 0, lostTotal: 0, jitter: 0 } })
    t.ok((leg?.mos.heard ?? 0) > 4.3 && (leg?.mos.told ?? 0) > 4.3)
  }
})
