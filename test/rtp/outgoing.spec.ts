import fc from 'fast-check'
import t from 'tap'
import { OutgoingStream, type Timeline } from '../../src/rtp/outgoing.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { fields, type RtpFields, rtp } from './rtpBytes.ts'

const AUDIO: Timeline = { clockRate: 8000, advances: true }
const EVENT: Timeline = { clockRate: 8000, advances: false }
const A = 0xaaaaaaaa
const B = 0xbbbbbbbb

const stream = (seed = 1) => new OutgoingStream(seededRandom(seed))

/** The packet as it leaves; null if it is not to be sent. */
function sent(out: OutgoingStream, packet: RtpFields, now: number, timeline = AUDIO, type = 0) {
  const bytes = rtp(packet)
  return out.rewrite(bytes, type, timeline, now) ? fields(bytes) : null
}

/** How many sequence numbers and timestamps lie between two packets. */
const apart = (
  one: { sequence: number; timestamp: number } | null,
  other: { sequence: number; timestamp: number } | null,
) => (one && other ? [(other.sequence - one.sequence) & 0xffff, (other.timestamp - one.timestamp) | 0] : null)

t.test('what leaves is ours: SSRC, payload type, and numbers from a random start', async (t) => {
  const out = stream()
  const packet = sent(out, { ssrc: A, sequence: 7, timestamp: 9, payload: Buffer.from('voice') }, 0, AUDIO, 8)
  t.equal(packet?.ssrc, out.ssrc)
  t.equal(packet?.type, 8)
  t.equal(packet?.marker, true, 'the first packet begins a talkspurt')
  t.equal(packet?.payload.toString(), 'voice')
  const other = sent(stream(2), { ssrc: A, sequence: 7, timestamp: 9 }, 0)
  t.notSame([packet?.sequence, packet?.timestamp, packet?.ssrc], [other?.sequence, other?.timestamp, other?.ssrc])
})

t.test('loss, order, duplicates and spacing of the source stay as they came', async (t) => {
  const out = stream()
  const first = sent(out, { ssrc: A, sequence: 65_534, timestamp: 0xffffff00 }, 0)
  const next = [
    { sequence: 65_535, timestamp: 0xffffff00 + 160 },
    { sequence: 2, timestamp: 0xffffff00 + 640 },
    { sequence: 1, timestamp: 0xffffff00 + 480 },
    { sequence: 1, timestamp: 0xffffff00 + 480 },
    { sequence: 3, timestamp: 0xffffff00 + 800, marker: true },
  ].map((packet, index) => sent(out, { ssrc: A, ...packet }, 20 * index))
  t.same(
    next.map((packet) => apart(first, packet)),
    [
      [1, 160],
      [4, 640],
      [3, 480],
      [3, 480],
      [5, 800],
    ],
  )
  t.same(
    next.map((packet) => packet?.marker),
    [false, false, false, false, true],
  )
})

t.test('another source goes on where the last one was, with the marker', async (t) => {
  const out = stream()
  const last = sent(out, { ssrc: A, sequence: 100, timestamp: 16_000 }, 1000)
  const first = sent(out, { ssrc: B, sequence: 40_000, timestamp: 777 }, 1500)
  t.same(apart(last, first), [1, 4000], 'half a second later')
  t.equal(first?.marker, true)
  const next = sent(out, { ssrc: B, sequence: 40_001, timestamp: 937 }, 1520)
  t.same(apart(first, next), [1, 160])
  t.equal(next?.marker, false)
})

t.test('never less than a packet later', async (t) => {
  const out = stream()
  const last = sent(out, { ssrc: A, sequence: 100, timestamp: 16_000 }, 1000)
  t.same(apart(last, sent(out, { ssrc: B, sequence: 5, timestamp: 777 }, 1003)), [1, 160])
})

t.test('a late packet from before the new source began is not sent: its place is taken', async (t) => {
  const out = stream()
  sent(out, { ssrc: A, sequence: 100, timestamp: 16_000 }, 1000)
  const first = sent(out, { ssrc: B, sequence: 0, timestamp: 777 }, 1020)
  t.equal(sent(out, { ssrc: B, sequence: 65_535, timestamp: 617 }, 1021), null)
  sent(out, { ssrc: B, sequence: 3, timestamp: 1257 }, 1080)
  t.same(apart(first, sent(out, { ssrc: B, sequence: 1, timestamp: 937 }, 1081)), [1, 160], 'a later one is')
})

t.test('after a pause that we imposed there is no gap in the numbers', async (t) => {
  const out = stream()
  const last = sent(out, { ssrc: A, sequence: 100, timestamp: 16_000 }, 1000)
  out.interrupt()
  const first = sent(out, { ssrc: A, sequence: 1100, timestamp: 176_000 }, 21_000)
  t.same(apart(last, first), [1, 160_000], '20 s later')
  t.equal(first?.marker, true)
})

t.test('a pause of the source itself keeps its numbers', async (t) => {
  const out = stream()
  const last = sent(out, { ssrc: A, sequence: 100, timestamp: 16_000 }, 1000)
  const first = sent(out, { ssrc: A, sequence: 101, timestamp: 16_000 + 8000 * 600 }, 601_030)
  t.same(apart(last, first), [1, 8000 * 600], 'ten minutes of silence suppression')
  t.equal(first?.marker, false)
})

t.test('timestamps that jump, or stand still through a pause, are put right', async (t) => {
  const jumps = stream()
  const last = sent(jumps, { ssrc: A, sequence: 100, timestamp: 16_000 }, 1000)
  t.same(apart(last, sent(jumps, { ssrc: A, sequence: 101, timestamp: 3_000_000_000 }, 1020)), [1, 160])
  const stands = stream()
  const before = sent(stands, { ssrc: A, sequence: 100, timestamp: 16_000 }, 1000)
  t.same(apart(before, sent(stands, { ssrc: A, sequence: 101, timestamp: 16_160 }, 31_000)), [1, 240_000])
})

t.test('sequence numbers that jump are a restart', async (t) => {
  const out = stream()
  const last = sent(out, { ssrc: A, sequence: 100, timestamp: 16_000 }, 1000)
  const first = sent(out, { ssrc: A, sequence: 30_000, timestamp: 16_160 }, 1020)
  t.same(apart(last, first), [1, 160])
  t.equal(first?.marker, true)
})

t.test('an event keeps the time of its beginning, however long it lasts (RFC 4733 §2.5.1.2)', async (t) => {
  const out = stream()
  const last = sent(out, { ssrc: A, sequence: 100, timestamp: 16_000 }, 1000)
  const events = Array.from({ length: 500 }, (_, index) =>
    sent(out, { ssrc: A, sequence: 101 + index, timestamp: 16_160 }, 1020 + 20 * index, EVENT),
  )
  t.same(
    [apart(last, events[0] ?? null), apart(last, events[499] ?? null)],
    [
      [1, 160],
      [500, 160],
    ],
  )
  const after = sent(out, { ssrc: A, sequence: 601, timestamp: 16_000 + 501 * 160 }, 11_020)
  t.same(apart(last, after), [501, 501 * 160])
  t.equal(after?.marker, false)
})

t.test('an event beside audio of another clock keeps its time too', async (t) => {
  const out = stream()
  const opus: Timeline = { clockRate: 48_000, advances: true }
  sent(out, { ssrc: A, sequence: 1, timestamp: 0 }, 0, opus)
  const first = sent(out, { ssrc: A, sequence: 2, timestamp: 960 }, 20, EVENT)
  sent(out, { ssrc: A, sequence: 3, timestamp: 1920 }, 40, opus)
  t.same(apart(first, sent(out, { ssrc: A, sequence: 4, timestamp: 960 }, 41, EVENT)), [2, 0])
})

t.test('a run that an event of another clock began is gone on with by the audio', async (t) => {
  const out = stream()
  const opus: Timeline = { clockRate: 48_000, advances: true }
  const last = sent(out, { ssrc: A, sequence: 1, timestamp: 0 }, 0, opus)
  out.interrupt()
  const event = sent(out, { ssrc: A, sequence: 50, timestamp: 48_000 }, 1000, EVENT)
  t.same(apart(last, event), [1, 48_000])
  const audio = sent(out, { ssrc: A, sequence: 51, timestamp: 48_960 }, 1020, opus)
  t.same(apart(event, audio), [1, 960])
  t.equal(audio?.marker, false)
})

t.test('a change of clock begins a run in the new one', async (t) => {
  const out = stream()
  const last = sent(out, { ssrc: A, sequence: 1, timestamp: 0 }, 0)
  t.same(
    apart(last, sent(out, { ssrc: A, sequence: 2, timestamp: 160 }, 20, { clockRate: 48_000, advances: true })),
    [1, 960],
  )
})

t.test('a keepalive takes the next place in the stream (RFC 6263 §4.6)', async (t) => {
  const out = stream()
  const last = sent(out, { ssrc: A, sequence: 100, timestamp: 16_000 }, 1000)
  const keepalive = fields(out.keepalive(127, 16_000))
  t.same(apart(last, keepalive), [1, 120_000])
  t.same([keepalive.type, keepalive.marker, keepalive.payload.length], [127, false, 0])
  t.equal(keepalive.ssrc, out.ssrc)
  t.same(apart(keepalive, sent(out, { ssrc: A, sequence: 101, timestamp: 136_160 }, 16_020)), [1, 160])
})

t.test('no number is given twice where a packet of our own was put into a run', async (t) => {
  const out = stream()
  const first = sent(out, { ssrc: A, sequence: 1, timestamp: 0 }, 0)
  sent(out, { ssrc: A, sequence: 3, timestamp: 320 }, 20)
  const key = rtp({ payload: Buffer.alloc(4) })
  out.insert(key, 101, out.timeAt(40), 40)
  t.equal(apart(first, fields(key))?.[0], 3)
  const late = sent(out, { ssrc: A, sequence: 2, timestamp: 160 }, 41)
  const again = sent(out, { ssrc: A, sequence: 3, timestamp: 320 }, 42)
  t.same([late, again], [null, null])
  const next = sent(out, { ssrc: A, sequence: 5, timestamp: 640 }, 60)
  t.same(apart(first, next), [5, 640])
  t.same(
    apart(next, sent(out, { ssrc: A, sequence: 4, timestamp: 480 }, 61)),
    [-1 & 0xffff, -160],
    'behind it as before',
  )
})

t.test('whatever sources come and go, the peer hears one stream without a gap', async () => {
  const run = fc.record({
    interrupted: fc.boolean(),
    sequence: fc.nat(65_535),
    timestamp: fc.nat(0xffffffff),
    packets: fc.integer({ min: 1, max: 5 }),
    pause: fc.nat(30_000),
  })
  fc.assert(
    fc.property(fc.array(run, { minLength: 2, maxLength: 30 }), (runs) => {
      const out = stream()
      const heard: ReturnType<typeof sent>[] = []
      let now = 0
      for (const [index, { interrupted, packets, pause, ...start }] of runs.entries()) {
        now += pause
        if (interrupted) out.interrupt()
        const ssrc = interrupted ? A : B + index
        for (let step = 0; step < packets; step++, now += 20) {
          const packet = { ssrc, sequence: start.sequence + step, timestamp: start.timestamp + 160 * step }
          heard.push(sent(out, packet, now))
        }
      }
      return heard.slice(1).every((packet, index) => {
        const [ahead, later = 0] = apart(heard[index] ?? null, packet) ?? []
        return ahead === 1 && later >= 160
      })
    }),
  )
})
