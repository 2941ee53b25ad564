import { type Beat, type Sine, type Tone, ToneSource } from '../../codecs/tones/tones.ts'
import { type Cadence, COUNTRIES } from './countryTones.ts'
import type { SoundSource } from './sound.ts'

/** What a caller is told by a tone (ITU-T E.180): it rings there; they are talking; the network could not do it. */
export type Progress = 'ringback' | 'busy' | 'congestion'

/** The level of a whole tone, dBm0 (E.180 §2). */
const LEVEL = -10
/** Of a modulated tone, how deep (Singapore's is deeper, at 100 %). */
const DEPTH = 0.9

/** The countries whose tones we know, in lower case as in `us` (ISO 3166-1; `gb`, not `uk`). */
export const countries: readonly string[] = [...COUNTRIES.keys()]

/**
 * What a caller in `country` hears, mono at `rate` Hz, on and on; null: we don't know the country. Upper or lower case.
 */
export function callProgress(country: string, progress: Progress, rate = 8000): SoundSource | null {
  const cadence = COUNTRIES.get(country.toLowerCase())?.[progress]
  return cadence ? new ToneSource(beatsOf(cadence), rate, true) : null
}

function beatsOf({ hz, modulation, beats }: Cadence): Beat[] {
  const tone = toneOf(hz, modulation ?? null)
  return beats.map((duration, at) => ({ tone: at % 2 === 0 ? tone : [], duration }))
}

function toneOf(hz: readonly number[], modulation: number | null): Tone {
  const level = LEVEL - decibels(hz.length)
  return hz.flatMap((hz) => (modulation === null ? [{ hz, level }] : modulated(hz, modulation, level)))
}

/** A carrier whose amplitude goes up and down is three sines, which together have the level asked for. */
function modulated(hz: number, by: number, level: number): Sine[] {
  const carrier = level - decibels(1 + DEPTH ** 2 / 2)
  const side = carrier + decibels((DEPTH / 2) ** 2)
  return [
    { hz: hz - by, level: side },
    { hz, level: carrier },
    { hz: hz + by, level: side },
  ]
}

function decibels(power: number): number {
  return 10 * Math.log10(power)
}
