import t from 'tap'
import type { ConcealingDecoder } from '../../src/codecs/codec.ts'
import { comfortNoise, silenceDescriptor } from '../../src/codecs/comfortNoise.ts'
import { conceals } from '../contracts/concealingDecoder.ts'
import { seededRandom } from '../support/virtual/random.ts'

function noise(rate = 8000, seed = 1): ConcealingDecoder {
  const decoder = comfortNoise(rate, seed).decoder()
  if (!conceals(decoder)) throw new Error('comfort noise is concealment')
  return decoder
}

/** `ms` of noise, read by 20 ms. */
function heard(decoder: ConcealingDecoder, ms: number, rate = 8000): Int16Array {
  const out = new Int16Array((rate * ms) / 1000)
  for (let at = 0; at < out.length; at += rate / 50) decoder.conceal(out.subarray(at, at + rate / 50))
  return out
}

/** -dBov. */
function levelOf(pcm: Int16Array): number {
  return -10 * Math.log10(pcm.reduce((sum, sample) => sum + sample ** 2, 0) / pcm.length / 32_768 ** 2)
}

/** Correlation of each sample with the one `lag` before it, as a part of the power. */
function correlation(pcm: Int16Array, lag: number): number {
  let [product, power] = [0, 0]
  for (let at = lag; at < pcm.length; at++) {
    product += (pcm[at] ?? 0) * (pcm[at - lag] ?? 0)
    power += (pcm[at] ?? 0) ** 2
  }
  return product / power
}

t.test('noise is as loud as the descriptor says, on and on, at any rate', async (t) => {
  for (const rate of [8000, 16_000, 48_000]) {
    for (const level of [20, 40, 60]) {
      const decoder = noise(rate)
      t.equal(decoder.decode(Uint8Array.of(level), new Int16Array(0)), 0)
      heard(decoder, 200, rate)
      const measured = levelOf(heard(decoder, 2000, rate))
      t.ok(Math.abs(measured - level) < 0.5, `-${measured.toFixed(1)} dBov for -${level}`)
    }
  }
})

t.test('it sounds as the coefficients say, no louder for that', async (t) => {
  for (const [first, second] of [
    [20, 127],
    [234, 127],
    [60, 180],
    [127, 127],
  ] as const) {
    const decoder = noise()
    decoder.decode(Uint8Array.of(30, first, second), new Int16Array(0))
    heard(decoder, 300)
    const pcm = heard(decoder, 8000)
    const [k1, k2] = [first, second].map((octet) => (258 * (octet - 127)) / 32_768) as [number, number]
    // The recursion of Levinson and Durbin, backwards: what an all-pole model of these coefficients has.
    const r1 = -k1
    const r2 = -k2 * (1 - r1 ** 2) + r1 ** 2
    t.ok(Math.abs(correlation(pcm, 1) - r1) < 0.03, `${correlation(pcm, 1).toFixed(3)}, wanted ${r1.toFixed(3)}`)
    t.ok(Math.abs(correlation(pcm, 2) - r2) < 0.05, `${correlation(pcm, 2).toFixed(3)}, wanted ${r2.toFixed(3)}`)
    t.ok(Math.abs(levelOf(pcm) - 30) < 0.7, `-${levelOf(pcm).toFixed(1)} dBov`)
  }
})

t.test('a new level is come to smoothly', async (t) => {
  const decoder = noise()
  decoder.decode(Uint8Array.of(60), new Int16Array(0))
  heard(decoder, 300)
  decoder.decode(Uint8Array.of(30), new Int16Array(0))
  const steps = Array.from({ length: 10 }, () => levelOf(heard(decoder, 20)))
  t.ok((steps[0] ?? 0) > 30.5, `-${steps[0]?.toFixed(1)} dBov in the first 20 ms`)
  t.ok(Math.abs((steps[9] ?? 0) - 30) < 1.5, `-${steps[9]?.toFixed(1)} dBov after 200 ms`)
})

t.test('without a descriptor there is silence, and after an empty one what there was', async (t) => {
  const decoder = noise()
  t.notOk(heard(decoder, 100).some(Boolean))
  decoder.decode(Uint8Array.of(40), new Int16Array(0))
  decoder.decode(new Uint8Array(0), new Int16Array(0))
  heard(decoder, 200)
  t.ok(Math.abs(levelOf(heard(decoder, 500)) - 40) < 1)
})

t.test('equal seeds, equal noise', async (t) => {
  const of = (seed: number) => {
    const decoder = noise(8000, seed)
    decoder.decode(Uint8Array.of(30), new Int16Array(0))
    return heard(decoder, 40)
  }
  t.same(of(3), of(3))
  t.notSame(of(3), of(4))
})

t.test('any octets give noise that is no louder than can be', async (t) => {
  const random = seededRandom(3389)
  for (let count = 0; count < 300; count++) {
    const decoder = noise(8000, count)
    for (let next = 0; next < 3; next++) {
      decoder.decode(random.bytes(random.integer(60)), new Int16Array(0))
      heard(decoder, 60)
    }
    decoder.decode(Uint8Array.of(127, 127, 127), new Int16Array(0))
    heard(decoder, 1000)
    const left = levelOf(heard(decoder, 100))
    if (!(left > 80)) t.fail(`-${left} dBov are left of what is over`)
  }
  t.pass()
})

t.test('the descriptor of a silence is its level', async (t) => {
  t.same([...silenceDescriptor(new Int16Array(160))], [127])
  t.same([...silenceDescriptor(new Int16Array(0))], [127])
  t.same([...silenceDescriptor(new Int16Array(160).fill(-32_768))], [0])
  t.same([...silenceDescriptor(new Int16Array(160).fill(328))], [40])
  const decoder = noise()
  decoder.decode(silenceDescriptor(new Int16Array(160).fill(100)), new Int16Array(0))
  heard(decoder, 200)
  t.ok(Math.abs(levelOf(heard(decoder, 1000)) - 50.3) < 1, 'there and back')
  const out = new Uint8Array(2)
  t.equal(comfortNoise(8000).encoder().encode(new Int16Array(160).fill(328), out), 1)
  t.same([...out], [40, 0])
})
