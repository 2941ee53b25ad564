import fc from 'fast-check'
import t from 'tap'
import { Reception } from '../../src/rtp/reception.ts'

const SSRC = 0x1234

/** Packets of 20 ms at 8 kHz with these sequence numbers, arriving in this order, evenly. */
function receive(sequences: readonly number[], reception = new Reception(), ssrc = SSRC): Reception {
  for (const [index, sequence] of sequences.entries()) {
    reception.take(ssrc, sequence & 0xffff, index * 160, 8000, index * 20)
  }
  return reception
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

t.test('lost is what was expected and did not come (RFC 3550 §A.3)', async (t) => {
  t.equal(new Reception().lost, 0, 'nothing expected')
  t.equal(receive(range(5, 105)).lost, 0)
  t.equal(receive([1, 2, 5, 6, 10]).lost, 5)
  t.equal(receive([1, 3, 2, 4]).lost, 0, 'reordered is not lost')
  t.equal(receive([1, 1, 2]).lost, 0, 'a duplicate is not less than nothing lost')
})

t.test('sequence numbers wrap', async (t) => {
  t.equal(receive(range(65_500, 65_600)).lost, 0)
  t.equal(receive([65_534, 65_535, 2, 3]).lost, 2, 'a loss across the wrap')
  t.equal(receive([65_535, 0, 65_534, 1]).lost, 0, 'reordered across the wrap; what preceded the first is no loss')
  t.equal(receive(range(0, 200_000)).lost, 0, 'three times')
})

t.test('another SSRC begins anew, and what was lost before stays lost', async (t) => {
  const reception = receive([1, 2, 4])
  receive([50_000, 50_001, 50_003], reception, 0x9999)
  t.equal(reception.lost, 2)
})

t.test('a jump is a restart once two packets in a row prove it (§A.1)', async (t) => {
  t.equal(receive([1, 2, 4, 40_000, 40_001, 40_002]).lost, 1, 'what the two streams are apart is no loss')
  t.equal(receive([1, 2, 40_000, 4, 5]).lost, 1, 'a single stray counts for nothing')
  t.equal(receive([1, 2, 40_000, 3, 40_001, 4, 5]).lost, 0, 'even one that goes on')
  t.equal(receive([5000, 5001, 1, 2, 3]).lost, 0, 'backwards too')
  t.equal(receive([1, 3000]).lost, 2998, 'below 3000 it is loss')
})

t.test('jitter is the smoothed deviation of the spacing (§A.8)', async (t) => {
  const reception = new Reception()
  reception.take(SSRC, 1, 0, 8000, 1000)
  t.equal(reception.jitter, null, 'one packet has no spacing')
  reception.take(SSRC, 2, 160, 8000, 1020)
  t.equal(reception.jitter, 0)
  reception.take(SSRC, 3, 320, 8000, 1056)
  t.equal(reception.jitter, 1, '16 ms late: a sixteenth of it')
  reception.take(SSRC, 4, 480, 8000, 1060)
  t.equal(reception.jitter, 1 + (16 - 1) / 16, '16 ms early against the one before')
})

t.test('jitter knows the clock, the wrap, and no difference between two streams', async (t) => {
  const opus = new Reception()
  opus.take(SSRC, 1, 0xffffff00, 48_000, 0)
  opus.take(SSRC, 2, (0xffffff00 + 960) >>> 0, 48_000, 20)
  t.equal(opus.jitter, 0)
  opus.take(0x9999, 7, 12_345_678, 48_000, 23)
  t.equal(opus.jitter, 0, 'the first of another stream has no spacing')
})

t.test('events, which all carry the time of their beginning, do not count as jitter', async (t) => {
  const reception = receive([1, 2])
  for (let index = 0; index < 50; index++) reception.take(SSRC, 3 + index, 320, 0, 40 + index * 20)
  t.equal(reception.jitter, 0)
  t.equal(reception.lost, 0)
})

t.test('whatever is dropped on the way, between first and last, is what is lost', async () => {
  fc.assert(
    fc.property(fc.nat(65_535), fc.array(fc.boolean(), { maxLength: 500 }), (first, arrives) => {
      const sequences = [true, ...arrives, true].flatMap((comes, index) => (comes ? [first + index] : []))
      return receive(sequences).lost === arrives.filter((comes) => !comes).length
    }),
  )
})
