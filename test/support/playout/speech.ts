import type { Seeded } from '../virtual/random.ts'

/** Something like speech at 8 kHz: vowels that glide, hissing consonants, pauses; no two stretches of it are the same. */
export function speech(random: Seeded, seconds: number): Int16Array {
  const out = new Int16Array(seconds * 8000)
  const rng = () => 2 * random.fraction() - 1
  let phase = 0
  for (let at = 0; at < out.length; ) {
    const kind = random.fraction()
    const length = Math.floor(8000 * (0.06 + 0.25 * random.fraction()))
    const from = 90 + 100 * random.fraction()
    const to = from * (0.85 + 0.3 * random.fraction())
    const formant = 300 + 500 * random.fraction()
    for (let i = 0; i < length && at + i < out.length; i++) {
      const part = i / length
      const shape = Math.min(1, 10 * part, 10 * (1 - part))
      phase += (2 * Math.PI * (from + (to - from) * part)) / 8000
      const sound = kind < 0.55 ? voiced(phase, from, formant) : kind < 0.7 ? 900 * rng() : 0
      out[at + i] = Math.round(shape * sound + 25 * rng())
    }
    at += length
  }
  return out
}

/** Harmonics, loudest about the formants. */
function voiced(phase: number, pitch: number, formant: number): number {
  let sum = 0
  for (let harmonic = 1; harmonic <= 12; harmonic++) {
    const hertz = harmonic * pitch
    const gain = 1 / (1 + ((hertz - formant) / 150) ** 2) + 0.3 / (1 + ((hertz - 1300) / 200) ** 2) + 0.1 / harmonic
    sum += gain * Math.sin(harmonic * phase + harmonic * harmonic)
  }
  return 4000 * sum
}
