import t from 'tap'
import { Limiter } from '../../src/media/room/limiter.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { amplitude, decibels, snr } from './sounds.ts'

const FULL = 32_767

/** All of `sums` by way of a limiter, frame by frame. */
function limited(sums: Int32Array, rate: number): Int16Array {
  const frame = rate / 50
  const limiter = new Limiter(rate, frame)
  const out = new Int16Array(sums.length)
  const one = new Int16Array(frame)
  for (let at = 0; at + frame <= sums.length; at += frame) {
    limiter.limit(sums.subarray(at, at + frame), null, one)
    out.set(one, at)
  }
  return out
}

const tone = (hz: number, rate: number, peakAt: (i: number) => number, seconds = 2) =>
  Int32Array.from({ length: seconds * rate }, (_, i) => Math.round(peakAt(i) * Math.sin((2 * Math.PI * hz * i) / rate)))

/** Apart from `around` in Hz, how much of the second that begins at `from` is something else, against all of it: dB. */
function splatter(samples: Int16Array, hz: number, rate: number, from: number): number {
  const second = samples.subarray(from, from + rate)
  return -snr(second, hz, rate)
}

t.test('what is not too loud passes to the bit, 1 ms later', async (t) => {
  for (const rate of [8000, 16_000, 48_000]) {
    const sums = tone(440, rate, () => 31_000)
    const out = limited(sums, rate)
    const late = rate / 1000
    t.same(out.subarray(late), Int16Array.from(sums).subarray(0, -late), `${rate} Hz`)
    t.notOk(out.subarray(0, late).some(Boolean))
  }
})

t.test('a part of the total that is one’s own is left out', async (t) => {
  const limiter = new Limiter(8000, 160)
  const out = new Int16Array(160)
  limiter.limit(new Int32Array(160).fill(50_000), new Int16Array(160).fill(30_000), out)
  t.equal(out[8], 20_000)
  t.equal(limiter.gain, 1)
})

t.test('nothing ever reaches full scale, whatever comes', async (t) => {
  const random = seededRandom(7)
  for (const rate of [8000, 48_000]) {
    // Bursts of noise of all strengths and lengths, impulses among them.
    const sums = new Int32Array(4 * rate)
    for (let at = 0; at < sums.length; ) {
      const length = 1 + random.integer(rate / 20)
      const peak = random.integer(4) ? random.integer(200_000) : 2_000_000
      for (let i = 0; i < length; i++) sums[at + i] = Math.round(peak * (2 * random.fraction() - 1))
      at += length
    }
    const loudest = limited(sums, rate).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
    t.ok(loudest < FULL && loudest > 30_000, `${loudest} at ${rate} Hz`)
  }
})

t.test('a tone that is too loud stays a tone', async (t) => {
  for (const rate of [8000, 16_000, 48_000]) {
    for (const hz of [100, 440, 1000, 3000]) {
      for (const peak of [40_000, 65_000, 160_000]) {
        const out = limited(
          tone(hz, rate, () => peak),
          rate,
        )
        const ratio = snr(out.subarray(rate), hz, rate)
        const level = decibels(amplitude(out.subarray(rate), hz, rate) / FULL)
        t.ok(ratio > 30, `${hz} Hz of ${peak} at ${rate} Hz: ${ratio.toFixed(1)} dB`)
        t.ok(level > -1.5 && level < 0, `${level.toFixed(2)} dBFS`)
      }
    }
  }
})

t.test('where it sets in and lets go there is no click', async (t) => {
  const rate = 8000
  // 1 s that fits, 1.2 s twice too loud, and again what fits.
  const loud = (i: number) => (i >= rate && i < 2.2 * rate ? 60_000 : 12_000)
  const sums = tone(400, rate, loud, 4)
  const out = limited(sums, rate)
  // Clipping is what it is to be better than.
  const clipped = Int16Array.from(sums, (sum) => Math.max(-32_768, Math.min(FULL, sum)))
  const ours = splatter(out, 400, rate, 1.1 * rate)
  t.ok(ours < -40 && ours < splatter(clipped, 400, rate, 1.1 * rate) - 20, `${ours.toFixed(1)} dB beside the tone`)
  // From one sample to the next the gain never jumps: second differences are those of a tone, but where it begins to be loud.
  const late = rate / 1000
  let greatest = 0
  for (let i = 2.2 * rate + 2 * late; i < 4 * rate; i++) {
    const bend = (out[i] ?? 0) - 2 * (out[i - 1] ?? 0) + (out[i - 2] ?? 0)
    greatest = Math.max(greatest, Math.abs(bend))
  }
  const ofTone = 12_000 * (2 * Math.PI * (400 / rate)) ** 2
  t.ok(greatest < 1.1 * ofTone, `it bends by ${greatest.toFixed()}, the tone alone by ${ofTone.toFixed()}`)
  const back = amplitude(out.subarray(3.2 * rate, 3.9 * rate), 400, rate)
  t.ok(Math.abs(back - 12_000) < 20, `a second later it is as it was: ${back.toFixed()}`)
})

t.test('the gain goes down before the peak and up again without a jump', async (t) => {
  const limiter = new Limiter(8000, 160)
  const out = new Int16Array(160)
  // A constant shows the gain itself.
  const gains: number[] = []
  for (let frame = 0; frame < 100; frame++) {
    const sums = new Int32Array(160).fill(10_000)
    if (frame === 10) sums[100] = 100_000
    limiter.limit(sums, null, out)
    for (const [i, sample] of out.entries()) if (frame !== 10 || i !== 108) gains.push(sample / 10_000)
  }
  const heard = gains.slice(8)
  const steps = heard.slice(1).map((gain, i) => Math.abs(gain - (heard[i] ?? 0)))
  const steepest = Math.max(...steps)
  t.ok(steepest < 0.03, `${steepest.toFixed(4)} a sample at most: 4 ms from 1 to 0 at the fastest`)
  t.ok(Math.min(...heard) < 0.33, 'it had to be that much')
  t.equal(heard.at(-1), 1)
})

t.test('frames that are no whole number of ms are a mistake of ours', async (t) => {
  t.throws(() => new Limiter(8000, 161), RangeError)
})
