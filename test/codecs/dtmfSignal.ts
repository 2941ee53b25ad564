import { pcmu } from '../../src/codecs/g711.ts'
import { type Digit, frequenciesOf } from '../../src/codecs/tones/dtmf.ts'
import { DtmfDetector } from '../../src/codecs/tones/dtmfDetector.ts'
import { amplitudeOf } from '../../src/codecs/tones/tones.ts'
import type { Seeded } from '../support/virtual/random.ts'

/** A key as a bad line brings it. */
export interface Press {
  readonly digit: Digit
  readonly ms?: number
  /** The row's level, dBm0, and how much louder the column is, dB. */
  readonly level?: number
  readonly twist?: number
  /** How far off row and column are, as a part of their frequency. */
  readonly off?: readonly [number, number]
  /** dB. */
  readonly noise?: number
  readonly rate?: number
  readonly mu?: boolean
}

export interface Found {
  readonly digit: Digit | null
  /** When it was known, and known to be over, ms from its first sample. */
  readonly at: number
  readonly until: number
}

/** What the detector makes of a key between silences, with phases and start by chance. */
export function press(random: Seeded, press: Press): Found[] {
  const { rate = 8000, mu = false } = press
  const lead = rate / 20 + random.integer(rate / 50)
  return found(mu ? throughMu(sound(random, press, lead)) : sound(random, press, lead), rate, lead)
}

/** The keys that the detector finds in sound, asked sample by sample. */
export function found(pcm: Int16Array, rate: number, lead = 0): Found[] {
  const detector = new DtmfDetector(rate)
  const all: { digit: Digit | null; at: number; until: number }[] = []
  for (let i = 0, count = 0; i < pcm.length; i++) {
    const digit = detector.take(pcm.subarray(i, i + 1))
    const at = (1000 * (i + 1 - lead)) / rate
    const last = all.at(-1)
    if (last && last.until === Number.POSITIVE_INFINITY && (digit === null || detector.count !== count)) last.until = at
    if (detector.count !== count) all.push({ digit, at, until: Number.POSITIVE_INFINITY })
    count = detector.count
  }
  return all
}

/** Noise of a normal distribution, 1 on average. */
export function gauss(random: Seeded): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction())
}

function sound(random: Seeded, press: Press, lead: number): Int16Array {
  const { digit, ms = 60, level = -10, twist = 0, off = [0, 0], noise, rate = 8000 } = press
  const [row, column] = frequenciesOf(digit)
  const amplitudes = [amplitudeOf(level), amplitudeOf(level + twist)] as const
  const steps = [(row * (1 + off[0])) / rate, (column * (1 + off[1])) / rate] as const
  const phases = [random.fraction(), random.fraction()] as const
  const hiss = noise === undefined ? 0 : (Math.hypot(...amplitudes) / Math.SQRT2) * 10 ** (-noise / 20)
  const length = (ms * rate) / 1000
  return Int16Array.from({ length: lead + length + rate / 10 }, (_, i) => {
    const n = i - lead
    const sine = (at: 0 | 1) => amplitudes[at] * Math.sin(2 * Math.PI * (phases[at] + n * steps[at]))
    const value = (n >= 0 && n < length ? sine(0) + sine(1) : 0) + (hiss === 0 ? 0 : hiss * gauss(random))
    return Math.max(-32_768, Math.min(32_767, Math.round(value)))
  })
}

function throughMu(pcm: Int16Array): Int16Array {
  const octets = new Uint8Array(pcm.length)
  pcmu.encoder().encode(pcm, octets)
  pcmu.decoder().decode(octets, pcm)
  return pcm
}
