import fc from 'fast-check'
import t from 'tap'
import { Resampler } from '../../src/codecs/resample.ts'

const RATES = [8000, 16_000, 24_000, 48_000]
const PAIRS = RATES.flatMap((from) => RATES.map((to) => ({ from, to, name: `${from} → ${to} Hz` })))
const UNEQUAL = PAIRS.filter(({ from, to }) => from !== to)

const AMPLITUDE = 30_000
/** What is measured begins after this, s, and lasts as long: whole periods of all our tones. */
const WINDOW = 0.2

const nyquist = (...rates: number[]) => Math.min(...rates) / 2
const decibels = (ratio: number) => 20 * Math.log10(ratio)
/** Tones from `low` to `high`, Hz, of which each has whole periods in the window. */
const tones = (low: number, high: number, count = 40) =>
  Array.from({ length: count }, (_, i) => 5 * Math.floor((low + ((high - low) * i) / (count - 1)) / 5))

function converted(from: number, to: number, input: Int16Array, cuts: readonly number[] = [input.length]): Int16Array {
  const resampler = new Resampler(from, to)
  const output = new Int16Array(Math.ceil((input.length * to) / from))
  let taken = 0
  let written = 0
  for (const length of [...cuts, input.length]) {
    written += resampler.resample(input.subarray(taken, taken + length), output.subarray(written))
    taken = Math.min(taken + length, input.length)
  }
  return output.subarray(0, written)
}

const tone = (hz: number, rate: number) =>
  Int16Array.from({ length: 2 * WINDOW * rate }, (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * hz * i) / rate))

/** Of the tone's second half: the gain at `hz`, the phase (turns) it lags, and what is left without it, as a gain too. */
function heard(output: Int16Array, hz: number, rate: number) {
  const start = WINDOW * rate
  let [inPhase, quadrature, energy] = [0, 0, 0]
  for (let i = start; i < 2 * start; i++) {
    const sample = (output[i] ?? Number.NaN) / AMPLITUDE
    inPhase += (2 / start) * sample * Math.sin((2 * Math.PI * hz * i) / rate)
    quadrature += (2 / start) * sample * Math.cos((2 * Math.PI * hz * i) / rate)
    energy += (2 / start) * sample ** 2
  }
  const gain = Math.hypot(inPhase, quadrature)
  const lag = -Math.atan2(quadrature, inPhase) / (2 * Math.PI)
  return { gain, lag, all: Math.sqrt(energy), rest: Math.sqrt(Math.max(0, energy - gain ** 2)) }
}

const isSame = (one: Int16Array, other: Int16Array) =>
  one.length === other.length && one.every((sample, i) => sample === other[i])

const through = (from: number, to: number, hz: number) => heard(converted(from, to, tone(hz, from)), hz, to)

t.test('the pass band is flat to 0.875 of the lower Nyquist frequency', async (t) => {
  for (const { from, to, name } of UNEQUAL) {
    const edge = 0.875 * nyquist(from, to)
    const gains = tones(100, edge).map((hz) => decibels(through(from, to, hz).gain))
    const ripple = Math.max(...gains.map(Math.abs))
    t.ok(ripple < 0.02, `${name}: ${ripple.toFixed(4)} dB at most from 100 to ${edge} Hz`)
  }
})

t.test('going down, what would fold vanishes from 1.15 of the lower Nyquist frequency on', async (t) => {
  for (const { from, to, name } of UNEQUAL.filter(({ from, to }) => from > to)) {
    const edge = 1.15 * nyquist(to)
    const loudest = Math.max(...tones(edge + 5, nyquist(from) - 5).map((hz) => through(from, to, hz).all))
    t.ok(decibels(loudest) < -60, `${name}: ${decibels(loudest).toFixed(1)} dB at most from ${edge.toFixed()} Hz`)
  }
})

t.test('nothing is heard but the tone: no image of it, no alias', async (t) => {
  for (const { from, to, name } of UNEQUAL) {
    const edge = 0.85 * nyquist(from, to)
    const loudest = Math.max(...tones(100, edge).map((hz) => through(from, to, hz).rest))
    t.ok(decibels(loudest) < -60, `${name}: ${decibels(loudest).toFixed(1)} dB at most from tones to ${edge} Hz`)
  }
})

t.test('all frequencies are late by `delay`', async (t) => {
  for (const { from, to, name } of UNEQUAL) {
    const { delay } = new Resampler(from, to)
    // The lowest has a period beyond any delay of ours, so that its phase tells all of it.
    const [lowest = 0, ...others] = tones(200, 0.8 * nyquist(from, to), 5)
    const measured = (1000 * through(from, to, lowest).lag) / lowest
    t.ok(Math.abs(measured - delay) < 0.001, `${name}: ${measured.toFixed(4)} ms, said to be ${delay.toFixed(4)}`)
    for (const hz of others) {
      const apart = through(from, to, hz).lag - (delay * hz) / 1000
      t.ok(Math.abs(apart - Math.round(apart)) < 0.001, `${name}: linear phase at ${hz} Hz`)
    }
  }
  t.equal(new Resampler(8000, 48_000).delay, 1.75, '14 samples at 8 kHz')
})

t.test('a stream gives the same samples however it is cut', async (t) => {
  const pieces = fc.array(fc.oneof(fc.nat(8), fc.nat(1500)), { maxLength: 12, size: 'max' })
  const samples = fc.int16Array({ minLength: 1, maxLength: 3000, size: 'max' })
  fc.assert(
    fc.property(fc.constantFrom(...PAIRS), samples, pieces, ({ from, to }, input, cuts) => {
      const whole = converted(from, to, input)
      return whole.length === Math.ceil((input.length * to) / from) && isSame(converted(from, to, input, cuts), whole)
    }),
    { numRuns: 300 },
  )
  t.pass()
})

t.test('n samples become n · to / from, in frames and one by one', async (t) => {
  const output = new Int16Array(48_000)
  for (const { from, to, name } of PAIRS) {
    const resampler = new Resampler(from, to)
    let frames = 0
    while (frames < 500 && resampler.resample(new Int16Array(from / 50), output) === to / 50) frames++
    t.equal(frames, 500, `${name}: each frame of 20 ms is one`)
    let written = 0
    const single = new Int16Array(1)
    for (let n = 1; n <= 100; n++) {
      written += resampler.resample(single, output)
      if (written !== Math.ceil((n * to) / from)) t.fail(`${name}: ${written} after ${n} samples`)
    }
  }
})

t.test('what lies behind the samples that are due is left alone', async (t) => {
  for (const { from, to, name } of PAIRS) {
    for (let length = 0; length <= 12; length++) {
      const output = new Int16Array(100).fill(1)
      const written = new Resampler(from, to).resample(new Int16Array(length), output)
      if (output.subarray(written).some((sample) => sample !== 1)) t.fail(`${name}: ${length} samples`)
    }
  }
})

t.test('a square of full scale is held at full scale', async (t) => {
  for (const { from, to, name } of UNEQUAL) {
    const { delay } = new Resampler(from, to)
    const half = from / 200
    const square = Int16Array.from({ length: from / 10 }, (_, i) => (Math.floor(i / half) % 2 === 0 ? 32_767 : -32_768))
    const output = converted(from, to, square)
    t.equal(Math.max(...output), 32_767, `${name}: cut off above`)
    t.equal(Math.min(...output), -32_768, `${name}: cut off below`)
    const wrong = output.filter((sample, i) => {
      const time = (1000 * i) / to - delay
      const edge = Math.abs(time / 5 - Math.round(time / 5)) * 5 < 0.25
      return time > 0 && !edge && (Math.floor(time / 5) % 2 === 0 ? sample < 28_000 : sample > -28_000)
    })
    t.equal(wrong.length, 0, `${name}: nothing wraps around`)
  }
})

t.test('samples are rounded to the nearest: a constant stays what it is', async (t) => {
  for (const { from, to, name } of UNEQUAL) {
    for (const value of [100, -100, 0]) {
      const output = converted(from, to, new Int16Array(from / 10).fill(value))
      t.same([...new Set(output.subarray(to / 50))], [value], `${name}: ${value}`)
    }
  }
})

t.test('silence stays silence from its first sample', async (t) => {
  for (const { from, to, name } of PAIRS) t.notOk(converted(from, to, new Int16Array(from)).some(Boolean), name)
})

t.test('equal rates are a copy, at once', async (t) => {
  const input = Int16Array.of(1, -32_768, 32_767, 0, -1)
  for (const rate of RATES) {
    t.same(converted(rate, rate, input, [2]), input)
    t.equal(new Resampler(rate, rate).delay, 0)
  }
})

t.test('other rates, and an output without room, are mistakes of ours', async (t) => {
  for (const rate of [0, -8000, 44_100, 32_000, Number.NaN]) {
    t.throws(() => new Resampler(rate, 8000), RangeError)
    t.throws(() => new Resampler(8000, rate), RangeError)
  }
  const input = tone(440, 8000)
  for (const to of RATES) {
    const resampler = new Resampler(8000, to)
    const output = new Int16Array((input.length * to) / 8000)
    t.throws(() => resampler.resample(input, output.subarray(1)), RangeError)
    t.notOk(output.some(Boolean), 'nothing is written')
    resampler.resample(input, output)
    t.same(output, converted(8000, to, input), 'nor was anything taken')
  }
})
