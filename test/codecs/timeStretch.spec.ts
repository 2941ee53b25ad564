import t from 'tap'
import { TimeStretch } from '../../src/codecs/timeStretch.ts'
import { seededRandom } from '../support/virtual/random.ts'

const RATES = [8000, 16_000, 48_000]

const wave = (rate: number, ms: number, sample: (seconds: number, index: number) => number) =>
  Int16Array.from({ length: (rate * ms) / 1000 }, (_, i) => Math.round(sample(i / rate, i)))

/** A vowel of pitch `hertz`: harmonics, the first the loudest. */
const vowel = (rate: number, hertz: number, ms: number) =>
  wave(rate, ms, (time) => {
    let sum = 0
    for (let n = 1; n <= 8; n++) sum += Math.sin(2 * Math.PI * n * hertz * time + n * n) / n
    return 6000 * sum
  })

/** The largest step of the slope. */
const sharpest = (samples: Int16Array) =>
  samples.reduce((most, sample, i) => {
    const bend = i < 2 ? 0 : sample - 2 * (samples[i - 1] ?? 0) + (samples[i - 2] ?? 0)
    return Math.max(most, Math.abs(bend))
  }, 0)

for (const rate of RATES) {
  const stretch = new TimeStretch(rate)
  const ms = (count: number) => (count * 1000) / rate

  t.test(`${rate} Hz: vowels lose and gain whole pitch periods, and have no corner that they had not`, async (t) => {
    for (const hertz of [80, 110, 150, 220, 310]) {
      const sound = vowel(rate, hertz, 120)
      const period = 1000 / hertz
      const shorter = sound.slice()
      const taken = stretch.shorten(shorter, 400, sound.length, stretch.longest, 0.9)
      const off = Math.abs(ms(taken) / period - Math.round(ms(taken) / period)) * period
      t.ok(taken > 0 && off < 0.2, `${hertz} Hz: ${ms(taken).toFixed(2)} ms out, a period is ${period.toFixed(2)}`)
      t.ok(sharpest(shorter.subarray(0, sound.length - taken)) < 1.15 * sharpest(sound))
      t.same(shorter.subarray(0, 400), sound.subarray(0, 400), 'what was played stays')
      t.same(shorter.subarray(400 + taken, sound.length - taken), sound.subarray(400 + 2 * taken))

      const longer = new Int16Array(sound.length + stretch.longest)
      longer.set(sound)
      const put = stretch.lengthen(longer, stretch.longest, sound.length, stretch.longest, 0.9)
      const offToo = Math.abs(ms(put) / period - Math.round(ms(put) / period)) * period
      t.ok(put > 0 && offToo < 0.2, `${hertz} Hz: ${ms(put).toFixed(2)} ms in`)
      t.ok(sharpest(longer.subarray(0, sound.length + put)) < 1.15 * sharpest(sound))
      t.same(longer.subarray(0, stretch.longest), sound.subarray(0, stretch.longest), 'what was played stays')
      const rest = longer.subarray(stretch.longest + put, sound.length + put)
      t.same(rest, sound.subarray(stretch.longest), 'and all of what waits is there')
    }
  })

  t.test(`${rate} Hz: what does not repeat itself is left alone, sample for sample`, async (t) => {
    const random = seededRandom(rate)
    const noise = wave(rate, 120, () => 8000 * (2 * random.fraction() - 1))
    const after = new Int16Array(noise.length + stretch.longest)
    after.set(noise)
    t.equal(stretch.shorten(after, 400, noise.length, stretch.longest, 0.85), 0)
    t.equal(stretch.lengthen(after, stretch.longest, noise.length, stretch.longest, 0.85), 0)
    t.same(after.subarray(0, noise.length), noise)
  })

  t.test(`${rate} Hz: silence gives as much as is asked for, and bounds are kept`, async (t) => {
    const hush = () => new Int16Array(rate / 10)
    const { shortest, longest } = stretch
    t.equal(stretch.shorten(hush(), 0, rate / 10, longest + 100, 0.9), longest)
    t.equal(stretch.shorten(hush(), 0, rate / 10, shortest + 3, 0.9), shortest + 3)
    t.equal(stretch.shorten(hush(), 0, rate / 10, shortest - 1, 0.9), 0, 'less than the shortest period')
    t.equal(stretch.shorten(hush(), 0, 2 * shortest - 1, longest, 0.9), 0, 'too little sound')
    t.equal(stretch.shorten(hush(), 0, 2 * shortest, longest, 0.9), shortest)
    t.equal(stretch.lengthen(hush(), longest, longest + shortest, longest, 0.9), shortest)
    t.equal(stretch.lengthen(hush(), longest, longest, longest, 0.9), 0)
  })

  t.test(`${rate} Hz: of a frame of 20 ms and what was played before, sound can be lengthened`, async (t) => {
    const sound = vowel(rate, 90, 35)
    const room = new Int16Array(sound.length + stretch.longest)
    room.set(sound)
    const put = stretch.lengthen(room, stretch.longest, sound.length, stretch.longest, 0.9)
    t.ok(Math.abs(ms(put) - 1000 / 90) < 0.2, `${ms(put)} ms`)
  })
}
