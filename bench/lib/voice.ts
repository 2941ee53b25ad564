/** Syllables a second, and how often nothing is said for as long as two of them. */
const SYLLABLES = 4
const PAUSE_EVERY = 6
/** What is said: for each syllable the first two resonances of its vowel, Hz. */
const VOWELS = [
  [730, 1090],
  [270, 2290],
  [530, 1840],
  [300, 870],
  [570, 840],
] as const
const PEAK = 9000

/**
 * Sound that is to a codec what speech is: voiced syllables whose pitch and vowels move, a breath of noise at the start of each,
 * pauses between. The same at each call but for `rate`, Hz.
 */
export function voice(rate: number, seconds: number): Int16Array {
  const pcm = new Int16Array(rate * seconds)
  let phase = 0
  let seed = 1
  for (let at = 0; at < pcm.length; at++) {
    const time = at / rate
    const syllable = Math.floor(time * SYLLABLES)
    const within = time * SYLLABLES - syllable
    const pitch = 120 + 25 * Math.sin(2 * Math.PI * 0.7 * time) - 15 * within
    phase += pitch / rate
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    const noise = (seed / 0x40000000 - 1) * (within < 0.2 ? 0.3 : 0.01)
    const isPause = syllable % PAUSE_EVERY >= PAUSE_EVERY - 2
    const loudness = isPause ? 0.002 : Math.sin(Math.PI * within) ** 0.7
    pcm[at] = PEAK * loudness * (vowel(phase, pitch, VOWELS[syllable % VOWELS.length] ?? VOWELS[0]) + noise)
  }
  return pcm
}

/** Harmonics of `pitch` up to 3.4 kHz, the louder the nearer to a resonance. */
function vowel(phase: number, pitch: number, [first, second]: readonly [number, number]): number {
  let sum = 0
  for (let harmonic = 1; harmonic * pitch < 3400; harmonic++) {
    const hz = harmonic * pitch
    const near = 1 / (1 + ((hz - first) / 90) ** 2) + 0.5 / (1 + ((hz - second) / 120) ** 2) + 0.02
    sum += near * Math.sin(2 * Math.PI * harmonic * phase)
  }
  return sum / 2
}
