import t from 'tap'
import { DIGITS } from '../../src/codecs/tones/dtmf.ts'
import { DtmfDetector } from '../../src/codecs/tones/dtmfDetector.ts'
import { digitTone, ToneSource } from '../../src/codecs/tones/tones.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { found, gauss, type Press, press } from './dtmfSignal.ts'
import { samplesOf } from './sines.ts'

/** How often, of so many presses of all keys, just that key was found; and the latest that it was known, ms. */
function tried(seed: number, like: Omit<Press, 'digit'>, rounds = 4) {
  const random = seededRandom(seed)
  let [right, none, latest] = [0, 0, 0]
  for (let round = 0; round < rounds; round++) {
    for (const digit of DIGITS) {
      const keys = press(random, { digit, ...like })
      if (keys.length === 0) none++
      if (keys.length === 1 && keys[0]?.digit === digit) right++
      latest = Math.max(latest, keys[0]?.at ?? 0)
    }
  }
  return { all: right === 16 * rounds, nothing: none === 16 * rounds, latest }
}

const RATES = [8000, 16_000]

t.test('every key is known within 40 ms, once', async (t) => {
  for (const rate of RATES) {
    const { all, latest } = tried(1, { rate }, 10)
    t.ok(all, `${rate} Hz: all`)
    t.ok(latest <= 40, `${rate} Hz: after ${latest} ms at the latest`)
  }
})

t.test('40 ms are a key, less than 20 ms are none', async (t) => {
  for (const ms of [35, 40, 50, 500]) t.ok(tried(2, { ms }).all, `${ms} ms`)
  for (const ms of [5, 10, 15, 18]) t.ok(tried(3, { ms }).nothing, `${ms} ms`)
})

t.test('keys of 0 to -25 dBm0 are heard through µ-law, faint hum is not', async (t) => {
  for (const level of [0, -5, -15, -25, -28]) t.ok(tried(4, { level, mu: true }).all, `${level} dBm0`)
  for (const level of [-36, -50]) t.ok(tried(5, { level, mu: true }).nothing, `${level} dBm0`)
})

t.test('a column 4 dB louder or 8 dB fainter than its row is a key, beyond that none', async (t) => {
  for (const twist of [4, 2, -4, -8]) t.ok(tried(6, { twist, ms: 45 }).all, `${twist} dB`)
  for (const twist of [8, 12, -13, -20]) t.ok(tried(7, { twist }).nothing, `${twist} dB`)
})

t.test('frequencies may be off by 1.5 %, and 3.5 % is none', async (t) => {
  for (const rate of RATES) {
    for (const row of [0.015, -0.015]) {
      for (const column of [0.015, -0.015])
        t.ok(tried(8, { rate, off: [row, column], ms: 45 }, 2).all, `${row} ${column}`)
    }
    for (const off of [0.035, -0.035]) {
      t.ok(tried(9, { rate, off: [off, 0], ms: 100 }).nothing, `row ${off}`)
      t.ok(tried(9, { rate, off: [0, off], ms: 100 }).nothing, `column ${off}`)
    }
  }
})

t.test('noise 15 dB below is no matter, with all else at its limits', async (t) => {
  t.ok(tried(10, { noise: 15, mu: true, ms: 50 }, 10).all)
  for (const twist of [-8, 4]) {
    t.ok(tried(11, { noise: 15, twist, off: [0.012, -0.012], level: -15, mu: true, ms: 60 }).all, `twist ${twist} dB`)
  }
})

const keys = (sound: readonly (readonly [digit: (typeof DIGITS)[number] | null, ms: number])[], rate = 8000) => {
  const beats = sound.map(([digit, duration]) => ({ tone: digit === null ? [] : digitTone(digit), duration }))
  const ms = sound.reduce((sum, [, duration]) => sum + duration, 0)
  return found(samplesOf(new ToneSource(beats, rate), (ms * rate) / 1000), rate)
}
const digits = (...args: Parameters<typeof keys>) => keys(...args).map(({ digit }) => digit)

t.test('a key that is held is one, and ends soon after it is let go', async (t) => {
  const [held, ...others] = keys([
    [null, 53],
    ['7', 5000],
    [null, 100],
  ])
  t.equal(others.length, 0)
  t.equal(held?.digit, '7')
  t.ok(held && held.until >= 5053 && held.until <= 5053 + 30, `${held?.until} ms`)
})

t.test('a pause of 40 ms parts two of one key, a gap of 10 ms does not', async (t) => {
  for (let lead = 0; lead < 20; lead++) {
    t.same(
      digits([
        [null, lead],
        ['5', 60],
        [null, 40],
        ['5', 60],
        [null, 60],
      ]),
      ['5', '5'],
      `begins at ${lead} ms`,
    )
    t.same(
      digits([
        [null, lead],
        ['5', 60],
        [null, 10],
        ['5', 60],
        [null, 60],
      ]),
      ['5'],
      `begins at ${lead} ms`,
    )
  }
})

t.test('keys follow each other, even without a pause', async (t) => {
  const all = DIGITS.flatMap((digit) => [[digit, 50] as const, [null, 50] as const])
  for (const rate of RATES) t.same(digits(all, rate), DIGITS)
  t.same(
    digits([
      ['1', 80],
      ['2', 80],
      ['9', 80],
      [null, 60],
    ]),
    ['1', '2', '9'],
  )
})

t.test('frames of any length tell the same', async (t) => {
  const pcm = samplesOf(
    new ToneSource(
      DIGITS.flatMap((digit) => [
        { tone: digitTone(digit), duration: 50 },
        { tone: [], duration: 50 },
      ]),
    ),
    12_800,
  )
  for (const length of [1, 37, 80, 160, 480, 12_800]) {
    const detector = new DtmfDetector()
    for (let at = 0; at < pcm.length; at += length) detector.take(pcm.subarray(at, at + length))
    t.equal(detector.count, 16, `${length} samples`)
    t.equal(detector.digit, null)
  }
})

t.test('noise, single tones and call progress tones are no keys', async (t) => {
  const random = seededRandom(20)
  const noise = Int16Array.from({ length: 80_000 }, () => 4000 * gauss(random))
  t.same(found(noise, 8000), [])
  const tones = [
    [697],
    [941],
    [1209],
    [1633],
    [425],
    [440, 480],
    [480, 620],
    [350, 440],
    [950],
    [1400],
    [1800],
    [2100],
    [1100],
    [697, 770],
    [1209, 1477],
  ]
  for (const hz of tones) {
    const tone = hz.map((hz) => ({ hz, level: -10 }))
    t.same(found(samplesOf(new ToneSource([{ tone, duration: 1000 }]), 8000), 8000), [], `${hz} Hz`)
  }
  const third = [...digitTone('5'), { hz: 1000, level: -9 }]
  t.same(
    found(samplesOf(new ToneSource([{ tone: third, duration: 1000 }]), 8000), 8000),
    [],
    'a key and something else',
  )
})

/** Something like speech: harmonics of a voice that glides, under two formants that wander, in syllables. */
function babble(seed: number, seconds: number, rate = 8000): Int16Array {
  const random = seededRandom(seed)
  let [pitch, first, second, phase, target] = [120, 500, 1500, 0, 120]
  return Int16Array.from({ length: seconds * rate }, (_, i) => {
    if (i % 1600 === 0)
      [target, first, second] = [90 + random.integer(230), 300 + random.integer(700), 1100 + random.integer(900)]
    pitch += (target - pitch) / 2000
    phase += (2 * Math.PI * pitch) / rate
    let value = 0
    for (let k = 1; k * pitch < 3600; k++) {
      const near = (formant: number) => 1 / Math.hypot(1, (k * pitch - formant) / 50)
      value += (near(first) + near(second)) * Math.sin(k * phase)
    }
    return 5000 * value * (0.2 + 0.8 * Math.abs(Math.sin((Math.PI * i) / 1600)))
  })
}

t.test('a minute of babble presses no key', async (t) => {
  const pcm = babble(21, 60)
  const detector = new DtmfDetector()
  for (let at = 0; at < pcm.length; at += 160) detector.take(pcm.subarray(at, at + 160))
  t.equal(detector.count, 0)
})

t.test('a rate without whole blocks is a mistake of ours', async (t) => {
  for (const rate of [0, 4000, 11_025, 22_050]) t.throws(() => new DtmfDetector(rate), RangeError, `${rate} Hz`)
  t.doesNotThrow(() => new DtmfDetector(48_000))
})
