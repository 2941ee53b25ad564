import t from 'tap'
import { MediaTimeline } from '../../src/rtp/delay/mediaTimeline.ts'

/** Takes packets of 20 ms at 8 kHz, each at its time, and gives how far apart in order and time each is from the first. */
function taken(packets: readonly { sequence: number; timestamp: number; at: number; ssrc?: number; rate?: number }[]) {
  const timeline = new MediaTimeline()
  const places = packets.map(({ sequence, timestamp, at, ssrc = 1, rate = 8000 }) => {
    const standing = timeline.take(ssrc, sequence, timestamp >>> 0, rate, at)
    return { standing, sequence: timeline.sequence, time: timeline.time }
  })
  const [first = { sequence: 0, time: 0 }] = places
  return places.map(({ standing, sequence, time }) => [standing, sequence - first.sequence, time - first.time])
}

t.test('sequence numbers and timestamps go on through their wraps, and back', async (t) => {
  const places = taken([
    { sequence: 65_534, timestamp: -160, at: 0 },
    { sequence: 65_535, timestamp: 0, at: 25 },
    { sequence: 1, timestamp: 320, at: 55 },
    { sequence: 0, timestamp: 160, at: 56 },
    { sequence: 2, timestamp: 480, at: 80 },
  ])
  t.same(places, [
    ['restarted', 0, 0],
    ['continues', 1, 20],
    ['continues', 3, 60],
    ['continues', 2, 40],
    ['continues', 4, 80],
  ])
})

t.test('a silence of the sender is time', async (t) => {
  const [, second] = taken([
    { sequence: 1, timestamp: 0, at: 0 },
    { sequence: 2, timestamp: 8000 * 600, at: 600_005 },
  ])
  t.same(second, ['continues', 1, 600_000])
})

t.test('a timestamp that jumps goes on where the packets before it end', async (t) => {
  for (const jump of [2 ** 31, 1e6, -1e6]) {
    const places = taken([
      { sequence: 1, timestamp: 0, at: 0 },
      { sequence: 2, timestamp: 160, at: 20 },
      { sequence: 3, timestamp: 320 + jump, at: 47 },
      { sequence: 4, timestamp: 480 + jump, at: 60 },
    ])
    t.same(places.slice(2), [
      ['continues', 2, 40],
      ['continues', 3, 60],
    ])
  }
})

t.test('a sender that stopped its clock goes on when it comes', async (t) => {
  const [, second, third] = taken([
    { sequence: 1, timestamp: 0, at: 0 },
    { sequence: 2, timestamp: 160, at: 60_000 },
    { sequence: 3, timestamp: 320, at: 60_021 },
  ])
  t.same(second, ['continues', 1, 60_000])
  t.same(third, ['continues', 2, 60_020])
})

t.test('another SSRC is another stream, placed by its arrival, its numbers far from the others', async (t) => {
  const [, second, third] = taken([
    { sequence: 9, timestamp: 0, at: 0 },
    { sequence: 5, timestamp: 77_777, at: 33, ssrc: 2 },
    { sequence: 6, timestamp: 77_937, at: 50, ssrc: 2 },
  ])
  t.equal(second?.[0], 'restarted')
  t.ok(Number(second?.[1]) > 65_536)
  t.equal(second?.[2], 33)
  t.same(third, ['continues', Number(second?.[1]) + 1, 53])
})

t.test('a jump of the sequence number must be proved by the next (RFC 3550 §A.1)', async (t) => {
  const places = taken([
    { sequence: 100, timestamp: 0, at: 0 },
    { sequence: 30_000, timestamp: 5, at: 20 },
    { sequence: 101, timestamp: 160, at: 20 },
    { sequence: 40_000, timestamp: 9000, at: 40 },
    { sequence: 40_001, timestamp: 9160, at: 60 },
  ])
  t.same(
    places.map(([standing]) => standing),
    ['restarted', 'stray', 'continues', 'stray', 'restarted'],
  )
})

t.test('another clock rate goes on, and what has no clock changes nothing of it', async (t) => {
  const places = taken([
    { sequence: 1, timestamp: 0, at: 0 },
    { sequence: 2, timestamp: 160, at: 20 },
    { sequence: 3, timestamp: 160, at: 40, rate: 0 },
    { sequence: 4, timestamp: 5_000_000, at: 62, rate: 48_000 },
    { sequence: 5, timestamp: 5_000_960, at: 80, rate: 48_000 },
  ])
  t.same(places.slice(3), [
    ['continues', 3, 60],
    ['continues', 4, 80],
  ])
})
