import { useSink } from './speaker.ts'
import type { Tone } from './toneFor.ts'

/** A tone as it is made: sounds of `frequencies` Hz at [from, to] s of each period of `every` s. */
interface Cadence {
  readonly every: number
  readonly bursts: readonly { readonly at: readonly [number, number]; readonly frequencies: readonly number[] }[]
  readonly loudness: number
}

/** A warm two-note ring; a short knock for a second call; and what Europe hears while it rings there (425 Hz, 1 s of 5). */
const CADENCES: Readonly<Record<Exclude<Tone, 'none'>, Cadence>> = {
  ring: {
    every: 3,
    bursts: [
      { at: [0, 0.35], frequencies: [659.25, 830.6] },
      { at: [0.4, 0.75], frequencies: [880, 1108.7] },
      { at: [0.95, 1.3], frequencies: [659.25, 830.6] },
      { at: [1.35, 1.7], frequencies: [880, 1108.7] },
    ],
    loudness: 0.5,
  },
  waiting: {
    every: 4,
    bursts: [
      { at: [0, 0.12], frequencies: [440] },
      { at: [0.22, 0.34], frequencies: [440] },
    ],
    loudness: 0.12,
  },
  ringback: { every: 5, bursts: [{ at: [0, 1], frequencies: [425] }], loudness: 0.1 },
}

/** The two frequencies of each key, Hz (ITU-T Q.23). */
const LOW: Readonly<Record<string, number>> = {
  1: 697,
  2: 697,
  3: 697,
  4: 770,
  5: 770,
  6: 770,
  7: 852,
  8: 852,
  9: 852,
  '*': 941,
  0: 941,
  '#': 941,
}
const HIGH: Readonly<Record<string, number>> = {
  1: 1209,
  4: 1209,
  7: 1209,
  '*': 1209,
  2: 1336,
  5: 1336,
  8: 1336,
  0: 1336,
  3: 1477,
  6: 1477,
  9: 1477,
  '#': 1477,
}

/** How far ahead bursts are put into the audio clock, s: a hidden tab's timers may be held back to one a second. */
const AHEAD = 4
const RISE = 0.02

export interface Tones {
  readonly context: AudioContext
  /** Sounds `tone` until another; what sounded before stops at once. */
  set(tone: Tone): void
  /** A key was pressed. */
  key(key: string): void
  setRingVolume(volume: number): void
  setRinger(device: string | null): void
  /** Whether the browser keeps us silent until the page is touched. */
  blocked(): boolean
  /** The page was touched: browsers let it sound from then on. */
  unlock(): void
}

/** The tones of a phone, made as they sound: there are no files. */
export function tones(context: AudioContext): Tones {
  let current: Tone = 'none'
  let ringVolume = 1
  let stop = (): void => {}
  return {
    context,
    set: (tone) => {
      if (tone === current) return
      current = tone
      stop()
      stop = tone === 'none' ? () => {} : repeat(context, CADENCES[tone], tone === 'ring' ? () => ringVolume : () => 1)
    },
    key: (key) => {
      const frequencies = [LOW[key], HIGH[key]].filter((one) => one !== undefined)
      const now = context.currentTime
      burst(context, context.destination, frequencies, now, now + 0.12, 0.08)
    },
    setRingVolume: (volume) => {
      ringVolume = volume
    },
    setRinger: (device) => void useSink(context, device),
    blocked: () => context.state !== 'running',
    unlock: () => void context.resume().catch(() => {}),
  }
}

/** Sounds `cadence` over and over until what it gives back is called. */
function repeat(context: AudioContext, cadence: Cadence, volume: () => number): () => void {
  const out = new GainNode(context, { gain: 1 })
  out.connect(context.destination)
  let next = context.currentTime + 0.05
  const fill = (): void => {
    // A context that was asleep does not make up for what it slept through.
    next = Math.max(next, context.currentTime)
    while (context.state === 'running' && next < context.currentTime + AHEAD) {
      for (const { at, frequencies } of cadence.bursts) {
        burst(context, out, frequencies, next + at[0], next + at[1], cadence.loudness * volume())
      }
      next += cadence.every
    }
  }
  fill()
  const timer = setInterval(fill, 250)
  return () => {
    clearInterval(timer)
    out.disconnect()
  }
}

function burst(
  context: AudioContext,
  out: AudioNode,
  frequencies: readonly number[],
  from: number,
  to: number,
  loudness: number,
): void {
  const gain = new GainNode(context, { gain: 0 })
  gain.gain.setValueAtTime(0, from)
  gain.gain.linearRampToValueAtTime(loudness / Math.max(1, frequencies.length), from + RISE)
  gain.gain.setValueAtTime(loudness / Math.max(1, frequencies.length), Math.max(from + RISE, to - RISE))
  gain.gain.linearRampToValueAtTime(0, to)
  gain.connect(out)
  for (const frequency of frequencies) {
    const oscillator = new OscillatorNode(context, { frequency, type: 'sine' })
    oscillator.connect(gain)
    oscillator.start(from)
    oscillator.stop(to)
  }
}
