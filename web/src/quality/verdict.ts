import { quality } from '../../../src/rtp/quality.ts'
import type { Sample } from './sample.ts'

/** How a call sounds just now. */
export interface Quality {
  /** Mean opinion score of what is heard here, 1–4.5. */
  readonly mos: number
  /** Fractions, 0–1: of what should have come here, and of what was sent there. */
  readonly lostHere: number
  readonly lostThere: number
  /** ms; null: not known yet. */
  readonly roundTrip: number | null
  readonly codec: string | null
}

/** Capture, coding and playing at both ends, ms, beside what is measured. */
const ENDS = 40

/** The quality between two samples of a call; null if nothing came in between. */
export function qualityBetween(before: Sample, after: Sample): Quality | null {
  const received = Math.max(0, after.received - before.received)
  const lost = Math.max(0, after.lost - before.lost)
  if (received === 0) return null
  const lostHere = lost / (received + lost)
  const delay = (after.roundTrip ?? 0) / 2 + waitBetween(before, after) + ENDS
  const codec = after.codec?.replace('audio/', '') ?? null
  const { mos } = quality({ codec: codec ?? 'opus', loss: lostHere, delay })
  return { mos, lostHere, lostThere: Math.max(0, after.lostThere ?? 0), roundTrip: after.roundTrip, codec }
}

/** How long packets waited to be played, ms, on average. */
function waitBetween(before: Sample, after: Sample): number {
  const played = after.played - before.played
  return played > 0 ? (1000 * (after.waited - before.waited)) / played : 0
}

/** The score in a word: the steps of ITU-T G.107 Annex B (4.3, 4.0, 3.6, 3.1), below which ever more people complain. */
export function verdict({ mos, lostThere }: Quality): 'Excellent' | 'Good' | 'Fair' | 'Poor' | 'Bad' {
  // What is lost on the way there is not in our score, but the other side hears it.
  const worse = mos - 8 * lostThere
  if (worse >= 4.3) return 'Excellent'
  if (worse >= 4) return 'Good'
  if (worse >= 3.6) return 'Fair'
  return worse >= 3.1 ? 'Poor' : 'Bad'
}

/** The quality as a person reads it: `Good · 2 % lost · 48 ms there and back`. */
export function inWords(quality: Quality): string {
  const parts = [`${verdict(quality)} sound`]
  const lost = Math.max(quality.lostHere, quality.lostThere)
  if (lost >= 0.005) parts.push(`${Math.max(1, Math.round(100 * lost))} % lost`)
  if (quality.roundTrip !== null) parts.push(`${Math.round(quality.roundTrip)} ms there and back`)
  return parts.join(' · ')
}
