import fc from 'fast-check'
import t from 'tap'
import { JitterBuffer } from '../../src/rtp/delay/jitterBuffer.ts'

const packet = (content: number, length = 160) => Buffer.alloc(12 + length, content)

function holding(sequences: readonly number[]): JitterBuffer<string> {
  const buffer = new JitterBuffer<string>()
  for (const sequence of sequences) insert(buffer, sequence)
  return buffer
}

function insert(buffer: JitterBuffer<string>, sequence: number) {
  return buffer.insert(sequence, sequence * 20, `${sequence}`, packet(sequence & 0xff), 12, 160)
}

function taken(buffer: JitterBuffer<string>): number[] {
  const sequences: number[] = []
  while (buffer.count > 0) {
    sequences.push(buffer.sequence)
    buffer.drop()
  }
  return sequences
}

t.test('packets come out in order, with their octets and what was said of them', async (t) => {
  const buffer = new JitterBuffer<string>()
  buffer.insert(7, 140, 'seven', Buffer.from('headerSEVEN'), 6, 5)
  buffer.insert(6, 120, 'six', Buffer.from('headerSIX'), 6, 3)
  t.match(buffer, { sequence: 6, time: 120, about: 'six', length: 3, count: 2, span: 20 })
  t.equal(Buffer.from(buffer.octets.subarray(0, buffer.length)).toString(), 'SIX')
  buffer.drop()
  t.match(buffer, { sequence: 7, time: 140, about: 'seven', length: 5, next: 7 })
  t.equal(Buffer.from(buffer.octets.subarray(0, buffer.length)).toString(), 'SEVEN')
  buffer.drop()
  t.match(buffer, { count: 0, about: undefined, span: 0, next: 8 })
  buffer.drop()
  t.equal(buffer.next, 8, 'nothing to let go')
})

t.test('duplicates, and what comes after its time', async (t) => {
  const buffer = holding([5, 6])
  t.equal(insert(buffer, 5), 'duplicate')
  buffer.drop()
  t.equal(insert(buffer, 5), 'late')
  t.equal(insert(buffer, 4), 'late')
  t.equal(insert(buffer, 8), 'kept')
  t.equal(insert(buffer, 7), 'kept')
  t.same(taken(buffer), [6, 7, 8])
})

t.test('a packet too far ahead pushes the oldest out, one too far behind is late', async (t) => {
  const buffer = holding(Array.from({ length: 128 }, (_, i) => i))
  t.equal(buffer.count, 128)
  t.equal(insert(buffer, 130), 'kept')
  t.equal(buffer.sequence, 3)
  t.equal(insert(buffer, 2), 'late')
  insert(buffer, 100_000)
  t.same(taken(buffer), [100_000])
  const ahead = holding([1000])
  t.equal(insert(ahead, 872), 'late', 'their slots would meet')
  t.equal(insert(ahead, 873), 'kept')
})

t.test('a longer packet in a slot that held a short one', async (t) => {
  const buffer = new JitterBuffer<null>()
  for (const length of [10, 1500, 0, 300]) {
    buffer.insert(length, 0, null, packet(length & 0xff, length), 12, length)
    t.equal(buffer.length, length)
    t.same(Buffer.from(buffer.octets.subarray(0, length)), Buffer.alloc(length, length & 0xff))
    while (buffer.count > 0) buffer.drop()
    buffer.next = 0
  }
})

t.test('whatever comes, in whatever order: what is taken is ascending, each once, with its own octets', async (t) => {
  const steps = fc.array(fc.oneof(fc.nat(400), fc.constant('take' as const)), { maxLength: 400, size: 'max' })
  fc.assert(
    fc.property(steps, (all) => {
      const buffer = new JitterBuffer<string>()
      const kept = new Set<number>()
      let before = -1
      for (const step of all) {
        if (step !== 'take') {
          if (insert(buffer, step) === 'kept') kept.add(step)
          continue
        }
        if (buffer.count === 0) continue
        const { sequence, about, octets } = buffer
        if (sequence <= before || !kept.has(sequence)) return false
        if (about !== `${sequence}` || octets[159] !== (sequence & 0xff) || buffer.time !== sequence * 20) return false
        before = sequence
        buffer.drop()
      }
      return taken(buffer).every((sequence, i, rest) => kept.has(sequence) && sequence > (rest[i - 1] ?? before))
    }),
  )
  t.pass()
})
