import t from 'tap'
import { OutgoingStream } from '../../src/rtp/outgoing.ts'
import { Reception } from '../../src/rtp/reception.ts'
import { Reports } from '../../src/rtp/rtcp/reports.ts'
import { readRtcp } from '../../src/rtp/rtcp/rtcpRead.ts'
import { ntpMiddle } from '../../src/rtp/rtcp/rtcpWrite.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { block, bytes, receiverReport, senderReport } from './rtcpBytes.ts'
import { rtp } from './rtpBytes.ts'

const PEERS = 0x11111111
const EPOCH = Date.UTC(2026, 0, 5)
const VOICE = { clockRate: 8000, advances: true }

/** One leg's reports. Time is an argument; `hears` and `sends` make RTP of 20 ms, from `now` on. */
function scene() {
  const outgoing = new OutgoingStream(seededRandom(7))
  const reception = new Reception()
  const reports = new Reports(outgoing, reception, 'cname')
  const sent = { packets: 0, octets: 0 }
  const ours = outgoing.ssrc.toString(16).padStart(8, '0')
  return {
    reports,
    outgoing,
    ours,
    /** Our report; what it says of our stream, and of the peer's. */
    write(now: number, bye = false) {
      const written = Buffer.from(reports.write(sent, now, EPOCH + now, bye))
      const news = readRtcp(written, PEERS)
      return { ...news, type: written[1], timestamp: written.readUInt32BE(16), counts: written.subarray(20, 28) }
    },
    hears(sequences: readonly number[], now = 0, ssrc = PEERS) {
      for (const [index, sequence] of sequences.entries())
        reception.take(ssrc, sequence & 0xffff, sequence * 160, 8000, now + 20 * index)
    },
    sends(sequences: readonly number[], now = 0) {
      for (const [index, sequence] of sequences.entries()) {
        const packet = rtp({ sequence, timestamp: 160 * sequence })
        if (outgoing.rewrite(packet, 0, VOICE, now + 20 * index)) sent.packets++
        sent.octets += 160
      }
    },
    /** The peer's report about our stream; `lost` its 8 + 24 bits, `highest` beyond our first packet. */
    reported(now: number, { lost = '00000000', after = 0, cycles = 0, jitter = 0, lsr = 0, dlsr = 0 }) {
      const highest = cycles * 65_536 + outgoing.firstSequence + after
      const [highestHex = '', jitterHex, lsrHex, dlsrHex] = [highest, jitter, lsr, dlsr].map((value) =>
        value.toString(16).padStart(8, '0'),
      )
      const fields = { lost, highest: highestHex, jitter: jitterHex, lsr: lsrHex, dlsr: dlsrHex }
      reports.take(bytes(receiverReport('11111111', block(ours, fields))), now)
    },
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

t.test('a sender report while RTP was sent since the last report but one (RFC 3550 §6.4)', async (t) => {
  const { write, sends } = scene()
  t.equal(write(0).type, 201)
  sends([1, 2, 3])
  t.same([write(5000).type, write(10_000).type, write(15_000).type], [200, 200, 201])
  sends([4], 16_000)
  t.equal(write(20_000).type, 200)
})

t.test('a sender report tells how far the stream is now, and what was sent (§6.4.1)', async (t) => {
  const { write, sends, outgoing } = scene()
  sends(range(0, 50))
  const first = outgoing.timeAt(980)
  const { timestamp, counts, sender } = write(5000)
  t.equal((timestamp - first) | 0, 8 * (5000 - 980))
  t.same([counts.readUInt32BE(0), counts.readUInt32BE(4)], [50, 8000])
  t.same(sender, { ssrc: outgoing.ssrc, middle: ntpMiddle(EPOCH + 5000) })
})

t.test('loss is told of the time since the last report, and since the beginning (§A.3)', async (t) => {
  const { write, hears } = scene()
  hears([...range(100, 140), ...range(150, 200)])
  t.match(write(5000).block, { ssrc: PEERS, lost: 25 / 256, lostTotal: 10, highest: 199 })
  hears(range(200, 300), 5000)
  t.match(write(10_000).block, { lost: 0, lostTotal: 10, highest: 299 })
  hears([301, 303], 10_000)
  t.match(write(15_000).block, { lost: 0.5, lostTotal: 12, highest: 303 })
  hears([304, 303, 303, 303], 15_000)
  t.match(write(20_000).block, { lost: 0, lostTotal: 9 }, 'duplicates')
})

t.test('cycles of sequence numbers are told', async (t) => {
  const { write, hears } = scene()
  hears([65_534, 65_535, 0, 1])
  t.match(write(5000).block, { highest: 0x10001, lostTotal: 0 })
})

t.test('a restarted stream is told from its own beginning', async (t) => {
  const { write, hears } = scene()
  hears([...range(0, 50), ...range(60, 100)])
  t.match(write(5000).block, { lostTotal: 10 })
  hears(range(30_000, 30_400), 5000)
  t.match(write(10_000).block, { lost: 0, lostTotal: 0, highest: 30_399 })
  hears([...range(7000, 7600), ...range(7800, 8000)], 12_000)
  t.match(write(15_000).block, { lost: 51 / 256, lostTotal: 200, highest: 7999 }, 'a fifth, of its own 1,000')
  hears(range(5, 8), 15_000, 0x22222222)
  t.equal(write(20_000).block, null, 'nothing of the former source')
})

t.test('nothing is told of a source that was not heard since (§6.4)', async (t) => {
  const { write, hears } = scene()
  t.equal(write(0).block, null)
  hears([1, 2])
  t.ok(write(5000).block)
  t.equal(write(10_000).block, null)
})

t.test('jitter is told in the stream’s units', async (t) => {
  const { write, hears } = scene()
  for (let packet = 0; packet < 100; packet++) hears([packet], 20 * packet + (packet % 2 === 0 ? 5 : 0))
  const { block } = write(5000)
  t.ok(block && block.jitter > 35 && block.jitter <= 40, `5 ms are 40 units: ${block?.jitter}`)
})

t.test('the peer’s last SR is told back, with the time since', async (t) => {
  const { write, hears, reports } = scene()
  hears([1, 2])
  t.match(write(1000).block, { lastReport: 0, delay: 0 }, 'none came yet')
  reports.take(bytes(senderReport('11111111')), 2000)
  hears([3, 4], 2000)
  t.match(write(4500).block, { lastReport: 0x56781234, delay: 2.5 * 65_536 })
  reports.take(bytes(senderReport('22222222')), 5000)
  hears([5], 5000)
  t.match(write(6000).block, { lastReport: 0 }, 'another source’s says nothing of this one')
})

t.test('what the peer reports of our stream', async (t) => {
  const { reports, sends, reported } = scene()
  sends(range(0, 100))
  t.equal(reports.peer, null)
  reported(3000, { lost: '4000000a', after: 99, jitter: 80 })
  t.same(reports.peer, { lost: 0.25, lostTotal: 10, lostShare: 0.1, jitter: 10 })
  reports.take(bytes(receiverReport('11111111', block('22222222', { lost: 'ffffffff' }))), 4000)
  t.match(reports.peer, { lost: 0.25 }, 'not of anybody else’s')
  reported(8000, { lost: '00fffffe', after: 99 })
  t.match(reports.peer, { lost: 0, lostTotal: 0, lostShare: 0 }, 'more came than were sent')
})

t.test('the share of loss holds where a phone counts cycles from nowhere, and where it lies', async (t) => {
  const { reports, reported } = scene()
  reported(3000, { lost: '00000005', after: 99, cycles: 77 })
  t.match(reports.peer, { lostShare: 0.05 })
  reported(3000, { lost: '00000014', after: 199, cycles: 77 })
  t.match(reports.peer, { lostShare: 0.1 })
  reported(3000, { lost: '4000ffff', after: 199, cycles: 77 })
  t.match(reports.peer, { lostShare: 1 })
  reported(3000, { lost: '4000ffff', after: -500, cycles: 77 })
  t.match(reports.peer, { lostShare: 0.25 })
})

t.test('the round trip, by the SR that the peer names and the time it held it', async (t) => {
  const { reports, sends, write, reported } = scene()
  const trips: (number | null)[] = []
  const reply = (now: number, lsr: number, dlsr: number) => {
    reported(now, { lsr, dlsr: Math.round(dlsr * 65.536) })
    trips.push(reports.roundTrip === null ? null : Math.round(reports.roundTrip))
  }
  sends([1])
  const srs = [5000, 10_000].map((now) => write(now).sender?.middle ?? 0)
  reply(7080, 0, 0)
  reply(7080, 12_345, 0)
  reply(7080, srs[0] ?? 0, 2000)
  reply(13_050, srs[1] ?? 0, 3000)
  reply(13_070, srs[0] ?? 0, 8000)
  reply(13_070, srs[1] ?? 0, 60_000)
  reply(13_098, srs[1] ?? 0, 3100)
  const [none, madeUp, first, second, older, absurd, rounded] = trips
  t.same([none, madeUp], [null, null], 'no SR of ours, or none that we sent')
  t.same([first, second, older], [80, 50, 70])
  t.equal(absurd, 70, 'held for longer than it was there: no news')
  t.equal(rounded, 0)
})

t.test('only the last few of our SRs are known, so nobody looks through old ones', async (t) => {
  const { reports, sends, write, reported } = scene()
  const old: number[] = []
  for (let now = 5000; now <= 25_000; now += 5000) {
    sends([now / 20], now)
    old.push(write(now).sender?.middle ?? 0)
  }
  reported(25_030, { lsr: old[0] ?? 0, dlsr: 65_536 })
  t.equal(reports.roundTrip, null)
  reported(25_030, { lsr: old[1] ?? 0, dlsr: 15 * 65_536 })
  t.equal(reports.roundTrip, 30)
})

t.test('a goodbye is noted, until the peer goes on', async (t) => {
  const { reports } = scene()
  reports.take(bytes(`${receiverReport('11111111')} 81cb0001 11111111`), 3000)
  t.equal(reports.leftAt, 3000)
  reports.take(bytes(receiverReport('11111111')), 4000)
  t.equal(reports.leftAt, null)
})
