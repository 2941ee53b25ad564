import t from 'tap'
import { amplitudeOf } from '../../src/codecs/tones/tones.ts'
import { callProgress, countries, type Progress } from '../../src/media/sound/callProgress.ts'
import { sineIn } from '../codecs/sines.ts'

const KINDS = ['ringback', 'busy', 'congestion'] as const satisfies readonly Progress[]
const MOST = [
  'us',
  'gb',
  'de',
  'fr',
  'it',
  'es',
  'nl',
  'be',
  'at',
  'ch',
  'pl',
  'se',
  'no',
  'dk',
  'fi',
  'ie',
  'pt',
  'gr',
  'cz',
]
const REST = ['hu', 'ro', 'au', 'nz', 'jp', 'cn', 'in', 'br', 'mx', 'ar', 'za', 'il', 'ru', 'tr']

function heard(country: string, progress: Progress, seconds = 30, rate = 8000): Int16Array {
  const source = callProgress(country, progress, rate)
  const pcm = new Int16Array(seconds * rate)
  if (!source?.read(pcm)) throw new Error(`${country} ${progress} is over`)
  return pcm
}

/** The lengths of sound, silence, sound …, ms. */
function beats(pcm: Int16Array, rate = 8000): number[] {
  const step = rate / 200
  const loud = Array.from({ length: pcm.length / step }, (_, i) => {
    const part = pcm.subarray(i * step, (i + 1) * step)
    return Math.max(...part) > 500 || Math.min(...part) < -500
  })
  const changes = loud.flatMap((now, i) => (i > 0 && now !== loud[i - 1] ? [5 * i] : []))
  return changes.map((at, i) => at - (changes[i - 1] ?? 0))
}

const near = (a: number, b: number, by: number) => Math.abs(a - b) <= by

t.test('we know the tones of the countries we promise', async (t) => {
  for (const country of [...MOST, ...REST]) t.ok(countries.includes(country), country)
  t.ok(countries.every((country) => /^[a-z]{2}$/.test(country)))
})

t.test('every tone goes on and on, at -10 dBm0, with silences in it', async (t) => {
  for (const country of countries) {
    for (const kind of KINDS) {
      const pcm = heard(country, kind)
      const [first = 0] = beats(pcm)
      const tone = pcm.subarray(80, 8 * (first - 10))
      const power = tone.reduce((sum, sample) => sum + sample ** 2, 0) / tone.length
      const level = 10 * Math.log10((2 * power) / amplitudeOf(0) ** 2)
      // A beat that holds no whole number of the modulation's periods is a bit louder or fainter.
      if (!near(level, -10, 0.7)) t.fail(`${country} ${kind}: ${level} dBm0`)
      if (beats(pcm).length < 7) t.fail(`${country} ${kind}: ${beats(pcm)}`)
    }
  }
  t.pass()
})

t.test('cadences', async (t) => {
  const expected = [
    ['us', 'ringback', [2000, 4000]],
    ['gb', 'ringback', [400, 200, 400, 2000]],
    ['gb', 'congestion', [400, 350, 225, 525]],
    ['de', 'ringback', [1000, 4000]],
    ['de', 'busy', [480, 480]],
    ['fr', 'ringback', [1500, 3500]],
    ['at', 'ringback', [1000, 5000]],
    ['tr', 'congestion', [200, 200, 200, 200, 200, 200, 600, 200]],
  ] as const
  for (const [country, kind, cadence] of expected) {
    for (const rate of [8000, 16_000]) {
      const lengths = beats(heard(country, kind, 30, rate), rate)
      const wrong = lengths.filter((length, i) => !near(length, cadence[i % cadence.length] ?? 0, 10))
      t.same(wrong, [], `${country} ${kind} at ${rate} Hz`)
    }
  }
})

t.test('frequencies', async (t) => {
  const expected = [
    ['us', 'ringback', [440, 480], -13],
    ['us', 'busy', [480, 620], -13],
    ['gb', 'ringback', [400, 450], -13],
    ['it', 'busy', [425], -10],
    ['fr', 'ringback', [440], -10],
  ] as const
  for (const [country, kind, frequencies, level] of expected) {
    const tone = heard(country, kind).subarray(400, 2000)
    for (const hz of frequencies) {
      const off = 20 * Math.log10(sineIn(tone, hz, 8000) / amplitudeOf(level))
      t.ok(near(off, 0, 0.2), `${country} ${kind} ${hz} Hz: ${off.toFixed(2)} dB off`)
    }
  }
  const modulated = heard('jp', 'ringback').subarray(0, 8000)
  const [below, carrier, above] = [385, 400, 415].map((hz) => sineIn(modulated, hz, 8000))
  t.ok(
    carrier && below && above && near(below / carrier, 0.45, 0.01) && near(above / carrier, 0.45, 0.01),
    '400 by 15 Hz',
  )
})

t.test('a country is named in either case; one we do not know has no tones', async (t) => {
  t.ok(callProgress('DE', 'busy'))
  for (const none of ['', 'xx', 'uk', 'constructor']) t.equal(callProgress(none, 'busy'), null, none)
})
