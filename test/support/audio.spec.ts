import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dominantFrequency, gaps, heardFor, readWav, type Sound, tone, writeWav } from './audio.ts'

/** `sound` with silence from `from` to `to`, ms. */
function muted(sound: Sound, from: number, to: number): Sound {
  const samples = sound.samples.slice()
  samples.fill(0, (from * sound.rate) / 1000, (to * sound.rate) / 1000)
  return { rate: sound.rate, samples }
}

/** The sounds one after the other. */
function joined(...sounds: Sound[]): Sound {
  return { rate: 8000, samples: Int16Array.from(sounds.flatMap((sound) => [...sound.samples])) }
}

/** Three harmless bits of noise, so that silence is what a phone records as silence. */
function noise(seconds: number): Sound {
  return { rate: 8000, samples: Int16Array.from({ length: seconds * 8000 }, (_, i) => ((i * 7919) % 8) - 4) }
}

t.test('a WAV file reads as it was written', async (t) => {
  const path = join(t.testdir(), 'tone.wav')
  const written = tone(440, 0.1, 16000)
  writeWav(path, written)
  t.strictSame(readWav(path), written)
})

t.test('a recording that was never closed, its length still 0, is read to its end', async (t) => {
  const path = join(t.testdir(), 'open.wav')
  writeWav(path, tone(440, 0.1))
  const file = readFileSync(path)
  file.writeUInt32LE(0, 40)
  writeFileSync(path, file)
  t.equal(readWav(path).samples.length, 800)
})

t.test('what is no WAV file is refused by name', async (t) => {
  const path = join(t.testdir({ 'text.wav': 'hello, hello, hello' }), 'text.wav')
  t.throws(() => readWav(path), { message: /text\.wav is no WAV file/ })
})

t.test('the dominant frequency', async (t) => {
  for (const hz of [300, 440, 880, 1000, 3400]) t.equal(dominantFrequency(tone(hz, 2)), hz, `${hz} Hz`)
  t.equal(dominantFrequency(tone(440, 0.2, 48000)), 440, 'of a short sound at 48 kHz')
  t.equal(dominantFrequency(noise(2)), null, 'none in near silence')
  t.equal(dominantFrequency({ rate: 8000, samples: new Int16Array(0) }), null, 'none in nothing')
})

t.test('gaps', async (t) => {
  t.strictSame(gaps(tone(440, 2), 440), [], 'a whole tone has none')
  const [gap, ...others] = gaps(muted(tone(440, 2), 1000, 1100), 440)
  t.strictSame(others, [])
  t.ok(gap && Math.abs(gap.at - 1000) <= 20, 'begins where the silence does')
  t.ok(gap && Math.abs(gap.length - 100) <= 20, 'is as long as the silence')
  t.strictSame(gaps(joined(noise(1), tone(440, 1), noise(1)), 440), [], 'what is before and after the tone is none')
  t.equal(gaps(joined(tone(440, 1), tone(880, 1), tone(440, 1)), 440).length, 1, 'another tone is one')
  t.equal(gaps(muted(tone(440, 2), 1000, 1020), 440).length, 1, 'one lost packet is one')
})

t.test('how long a tone was heard', async (t) => {
  const near = (sound: Sound, hz: number, ms: number, what: string) =>
    t.ok(Math.abs(heardFor(sound, hz) - ms) <= 30, `${what}: ${heardFor(sound, hz)} ms`)
  near(tone(440, 2), 440, 2000, 'whole')
  near(muted(tone(440, 2), 500, 1500), 440, 1000, 'with a hole')
  near(tone(440, 2), 880, 0, 'another one')
})
