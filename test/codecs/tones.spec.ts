import fc from 'fast-check'
import t from 'tap'
import { DIGITS, frequenciesOf } from '../../src/codecs/tones/dtmf.ts'
import { amplitudeOf, digitTone, dtmfTone, steadyTone, ToneSource } from '../../src/codecs/tones/tones.ts'
import { samplesOf, sineIn } from './sines.ts'

const FOREVER = Number.POSITIVE_INFINITY
const decibels = (ratio: number) => 20 * Math.log10(ratio)

t.test('0 dBm0 is 3.14 dB below a sine of full scale', async (t) => {
  t.ok(Math.abs(decibels(amplitudeOf(0) / 32_768) + 3.14) < 1e-9)
  t.ok(Math.abs(decibels(amplitudeOf(-10) / amplitudeOf(0)) + 10) < 1e-9)
})

t.test('a tone is its sines, at their levels, and nothing else', async (t) => {
  for (const rate of [8000, 16_000, 48_000, 44_100]) {
    for (const digit of DIGITS) {
      const pcm = samplesOf(new ToneSource([{ tone: digitTone(digit), duration: FOREVER }], rate), rate)
      const second = pcm.subarray(rate / 2)
      const [row, column] = frequenciesOf(digit)
      const parts = [sineIn(second, row, rate), sineIn(second, column, rate)] as const
      const off = [decibels(parts[0] / amplitudeOf(-9)), decibels(parts[1] / amplitudeOf(-7))]
      if (Math.max(...off.map(Math.abs)) > 0.05) t.fail(`${digit} at ${rate} Hz: ${off} dB off`)
      const energy = second.reduce((sum, sample) => sum + sample ** 2, 0) / second.length
      const rest = energy - (parts[0] ** 2 + parts[1] ** 2) / 2
      if (Math.abs(rest) > energy / 1000) t.fail(`${digit} at ${rate} Hz: ${rest / energy} of it is something else`)
    }
  }
  t.pass()
})

t.test('after an hour it is where it would be by its frequency', async (t) => {
  const rate = 8000
  const hour = 3600 * rate
  const source = steadyTone(440, -10, rate)
  const out = new Int16Array(rate)
  for (let read = 0; read < hour; read += rate) source.read(out)
  const start = hour - rate
  const exact = out.map((_, i) =>
    Math.round(amplitudeOf(-10) * Math.sin((2 * Math.PI * ((440 * (start + i)) % rate)) / rate)),
  )
  const worst = Math.max(...out.map((sample, i) => Math.abs(sample - (exact[i] ?? 0))))
  t.ok(worst <= 1, `${worst} off at most`)
})

t.test('it swells and fades without a click', async (t) => {
  for (const rate of [8000, 16_000, 48_000]) {
    const pcm = samplesOf(dtmfTone('5', 50, rate), rate / 10)
    const steepest = (2 * Math.PI * (770 * amplitudeOf(-9) + 1336 * amplitudeOf(-7))) / rate
    const begins = pcm.subarray(0, rate / 1000)
    const ends = pcm.subarray((49 * rate) / 1000, (50 * rate) / 1000)
    for (const edge of [begins, ends]) t.ok(Math.max(...edge.map(Math.abs)) < amplitudeOf(-5) / 2, 'faint for 1 ms')
    const jumps = pcm.slice(1).map((sample, i) => Math.abs(sample - (pcm[i] ?? 0)))
    t.ok(Math.max(...jumps) <= 1.05 * steepest, 'no step is steeper than the tone itself')
    t.notOk(pcm.subarray((50 * rate) / 1000).some(Boolean), 'and silence behind it')
  }
})

t.test('it says when it is over, and stays silent', async (t) => {
  const source = dtmfTone('1', 50)
  const out = new Int16Array(160).fill(1)
  t.equal(source.read(out), true)
  t.equal(source.read(out), true)
  t.equal(source.read(out), false, 'it ends in this frame')
  t.notOk(out.subarray(80).some(Boolean), 'of which the rest is silent')
  out.fill(1)
  t.equal(source.read(out), false)
  t.notOk(out.some(Boolean))
  t.equal(dtmfTone('1', 20).read(out), false, 'with its last sample')
})

t.test('a cadence is the same however it is read', async (t) => {
  const beats = [
    { tone: [{ hz: 400, level: -13 }], duration: 33 },
    { tone: [], duration: 21 },
    { tone: [{ hz: 450, level: -13 }], duration: 7 },
    { tone: [], duration: 0 },
  ]
  const whole = samplesOf(new ToneSource(beats, 8000, true), 4000)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 10 }), (cuts) => {
      const source = new ToneSource(beats, 8000, true)
      let at = 0
      for (const cut of cuts) {
        const piece = samplesOf(source, Math.min(cut, 4000 - at))
        if (piece.some((sample, i) => Math.abs(sample - (whole[at + i] ?? 0)) > 1)) return false
        at += piece.length
      }
      return true
    }),
  )
  t.notOk(whole.subarray(33 * 8, 54 * 8).some(Boolean), 'silence is silence')
  t.same(whole.subarray(61 * 8, 94 * 8), whole.subarray(0, 33 * 8), 'it begins anew with its first beat')
})

t.test('too loud is cut off, not wrapped around', async (t) => {
  const pcm = samplesOf(new ToneSource([{ tone: digitTone('5', 12), duration: FOREVER }]), 800)
  t.equal(Math.max(...pcm), 32_767)
  t.equal(Math.min(...pcm), -32_768)
})

t.test('beats that take no time are a mistake of ours', async (t) => {
  t.throws(() => new ToneSource([]), RangeError)
  t.throws(() => new ToneSource([{ tone: [], duration: 0 }], 8000, true), RangeError)
})
