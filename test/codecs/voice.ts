import { seededRandom } from '../support/virtual/random.ts'

/** Something like a voice, mono at `rate` Hz: harmonics of a pitch that wanders, loud and soft by turns, and a little noise. */
export function voice(rate: number, seconds: number): Int16Array {
  const random = seededRandom(6716)
  let turns = 0
  return Int16Array.from({ length: rate * seconds }, (_, at) => {
    const time = at / rate
    const pitch = 240 + 40 * Math.sin(2 * Math.PI * 0.7 * time)
    turns += pitch / rate
    const loudness = Math.max(0.05, Math.sin(2 * Math.PI * 1.5 * time))
    return Math.round(3000 * loudness * harmonics(turns, time) + 100 * (random.fraction() - 0.5))
  })
}

/** Up to 3.4 kHz, so that all rates hold them, louder and softer as formants pass. */
function harmonics(turns: number, time: number): number {
  let sum = 0
  for (let nth = 1; nth <= 12; nth++) {
    const formant = 1 + Math.sin(2 * Math.PI * 0.3 * nth * time + nth)
    sum += (Math.sin(2 * Math.PI * nth * turns) * formant) / nth
  }
  return sum
}
