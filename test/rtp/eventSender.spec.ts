import fc from 'fast-check'
import t from 'tap'
import { DIGITS } from '../../src/codecs/tones/dtmf.ts'
import { EventSender } from '../../src/rtp/events/eventSender.ts'
import { eventCode, eventDuration, eventVolume, isEnd } from '../../src/rtp/events/telephoneEvent.ts'
import { Ear, EventStream } from './eventStream.ts'

const shown = (stream: EventStream) =>
  stream.packets.map(
    ({ sent, timestamp, marker, payload }) =>
      `${sent}: ${marker ? 'M ' : ''}${timestamp} ${eventCode(payload, 0)} ${eventDuration(payload, 0)}${isEnd(payload, 0) ? ' E' : ''}`,
  )

t.test('a key: the marker first, durations that grow, the end three times (§2.5.1)', async (t) => {
  const stream = new EventStream({ volume: 7 }, 1000)
  stream.sender.queue('#', 100)
  t.same(shown(stream.runOut()), [
    '0: M 1000 11 160',
    '20: 1000 11 320',
    '40: 1000 11 480',
    '60: 1000 11 640',
    '80: 1000 11 800 E',
    '100: 1000 11 800 E',
    '120: 1000 11 800 E',
  ])
  t.ok(stream.packets.every(({ payload }) => eventVolume(payload, 0) === 7))
})

t.test('keys wait for each other, with a pause between them', async (t) => {
  const stream = new EventStream()
  stream.sender.queue('12', 60, 80)
  const firsts = stream.runOut().packets.filter(({ marker }) => marker)
  t.same(
    firsts.map(({ sent, timestamp }) => [sent, timestamp]),
    [
      [0, 0],
      [140, 1120],
    ],
  )
  t.equal(stream.sender.next(99_999, new Uint8Array(4)), 0, 'and then nothing')
})

t.test('lengths that are no whole steps are told to the unit', async (t) => {
  const stream = new EventStream()
  stream.sender.queue('1', 50)
  t.same(shown(stream.runOut()).slice(1, 3), ['20: 0 1 320', '40: 0 1 400 E'])
})

t.test('a key that is held lasts until it is let go', async (t) => {
  const stream = new EventStream()
  stream.sender.begin('D')
  stream.run(200)
  stream.sender.end()
  t.same(shown(stream.runOut()).slice(-4), [
    '180: 0 15 1600',
    '200: 0 15 1600 E',
    '220: 0 15 1600 E',
    '240: 0 15 1600 E',
  ])
})

t.test('a relayed key lasts as long as it did there', async (t) => {
  const later = new EventStream()
  later.sender.begin('1')
  later.run(40)
  later.sender.end(90)
  t.same(shown(later.runOut()).slice(1, 5), ['20: 0 1 320', '40: 0 1 480', '60: 0 1 640', '80: 0 1 720 E'])
  const atOnce = new EventStream()
  atOnce.sender.begin('1')
  atOnce.sender.end(80)
  t.equal(shown(atOnce.runOut()).at(-1), '100: 0 1 640 E', 'even if it ended before it was sent')
  const short = new EventStream()
  short.sender.begin('1')
  short.sender.end(5)
  t.equal(shown(short.runOut()).at(-1), '60: 0 1 320 E', 'but 40 ms at least')
})

t.test('a key pressed while another is held ends it', async (t) => {
  const stream = new EventStream()
  stream.sender.begin('1')
  stream.run(60)
  stream.sender.begin('2')
  stream.run(200)
  stream.sender.end()
  const ear = new Ear()
  for (const { timestamp, payload, sent } of stream.runOut().packets) ear.hears(timestamp, payload, sent)
  t.equal(ear.keys, '12')
  t.equal(ear.told[1], '-1 60')
})

t.test('a long key is cut into segments (§2.5.1.3)', async (t) => {
  const stream = new EventStream({}, 0xffff_f000)
  stream.sender.queue('5', 20_000)
  const { packets } = stream.runOut()
  t.same([...new Set(packets.map(({ timestamp }) => timestamp))], [0xffff_f000, 0xefff, 0x1_efff - 1])
  t.equal(packets.filter(({ marker }) => marker).length, 1)
  t.equal(packets.filter(({ payload }) => eventDuration(payload, 0) === 0xffff).length, 2)
  t.equal(packets.filter(({ payload }) => isEnd(payload, 0)).length, 3)
  const ear = new Ear()
  for (const { timestamp, payload, sent } of packets) ear.hears(timestamp, payload, sent)
  t.same(ear.told, ['+5', '-5 20000'])
})

t.test('what waits can be forgotten', async (t) => {
  const stream = new EventStream()
  stream.sender.queue('123')
  stream.run(40)
  stream.sender.clear()
  t.same(shown(stream.runOut()).slice(1), ['20: 0 1 320', '40: 0 1 320 E', '60: 0 1 320 E', '80: 0 1 320 E'])
  t.notOk(stream.sender.busy)
})

t.test('keys that are none are a mistake of ours, and nothing is sent of them', async (t) => {
  const sender = new EventSender()
  for (const none of ['1x', ' ', 'E']) t.throws(() => sender.queue(none), RangeError)
  t.throws(() => sender.begin('12'), RangeError)
  t.notOk(sender.busy)
  sender.queue('')
  t.notOk(sender.busy)
})

const digits = fc.array(fc.constantFrom(...DIGITS), { minLength: 1, maxLength: 6 })
const rate = fc.constantFrom(8000, 16_000, 48_000)
const fates = fc.infiniteStream(fc.record({ lost: fc.nat(9), twice: fc.boolean(), delay: fc.nat(150) }))

t.test('over any network each key of which a packet comes in time is told once, in order', async (t) => {
  fc.assert(
    fc.property(
      digits,
      rate,
      fc.nat(0xffff_ffff),
      fc.integer({ min: 40, max: 300 }),
      fc.nat(10),
      fates,
      (digits, clockRate, start, length, loss, fates) => {
        const stream = new EventStream({ clockRate }, start)
        stream.sender.queue(digits.join(''), length)
        const came = []
        for (const packet of stream.runOut().packets) {
          const { lost, twice, delay } = fates.next().value
          if (lost < loss) continue
          came.push({ ...packet, at: packet.sent + delay })
          if (twice) came.push({ ...packet, at: packet.sent + 2 * delay })
        }
        came.sort((a, b) => a.at - b.at)
        const ear = new Ear()
        let newest = -1
        let expected = ''
        const order = [...new Set(stream.packets.map(({ timestamp }) => timestamp))]
        for (const { timestamp, payload, at } of came) {
          ear.hears(timestamp, payload, at, clockRate)
          const nth = order.indexOf(timestamp)
          if (nth > newest) expected += digits[nth]
          newest = Math.max(newest, nth)
        }
        ear.receiver.tick(1e9)
        const ends = ear.told
          .filter((told) => told.startsWith('-'))
          .map((told) => told.charAt(1))
          .join('')
        return (
          ear.keys === expected &&
          ends === expected &&
          ear.told.every((told, i) => told.startsWith(i % 2 === 0 ? '+' : '-'))
        )
      },
    ),
    { numRuns: 400 },
  )
  t.pass()
})

t.test('with one packet lost of three and none late, nothing is lost', async (t) => {
  fc.assert(
    fc.property(digits, fc.nat(2), fc.boolean(), (digits, which, swapped) => {
      const stream = new EventStream()
      stream.sender.queue(digits.join(''))
      const packets = stream.runOut().packets.filter((_, i) => i % 3 !== which)
      const ear = new Ear()
      for (const [i, packet] of packets.entries()) {
        // Neighbours change places, which is 40 ms late.
        const { timestamp, payload } = (swapped ? packets[i ^ 1] : packet) ?? packet
        ear.hears(timestamp, payload, packet.sent)
      }
      return ear.keys === digits.join('')
    }),
  )
  t.pass()
})
