import { wavHeader } from '../../src/media/sound/wav.ts'

/** A sine of `hz` of `peak`, which begins at 0. */
export function sine(hz: number, rate: number, count: number, peak = 10_000, start = 0): Int16Array {
  return Int16Array.from({ length: count }, (_, i) =>
    Math.round(peak * Math.sin((2 * Math.PI * hz * (start + i)) / rate)),
  )
}

/** A WAV file of 16 bit PCM, channels interleaved. */
export function wavOf(samples: Int16Array, sampleRate: number, channels: 1 | 2 = 1): Uint8Array {
  return Buffer.concat([wavHeader(sampleRate, channels, 2 * samples.length), octetsOf(samples)])
}

/** Little-endian, two octets a sample. */
export function octetsOf(samples: Int16Array): Uint8Array {
  const octets = new Uint8Array(2 * samples.length)
  const view = new DataView(octets.buffer)
  for (const [i, sample] of samples.entries()) view.setInt16(2 * i, sample, true)
  return octets
}

/** Of a tone at `hz` the amplitude in `samples`, by projection (Goertzel's result); whole periods of it make it exact. */
export function amplitude(samples: Int16Array, hz: number, rate: number): number {
  let [cosine, sin] = [0, 0]
  for (const [i, sample] of samples.entries()) {
    cosine += sample * Math.cos((2 * Math.PI * hz * i) / rate)
    sin += sample * Math.sin((2 * Math.PI * hz * i) / rate)
  }
  return (2 * Math.hypot(cosine, sin)) / samples.length
}

/** What is left of `samples` without its tone at `hz`, against that tone, dB. */
export function snr(samples: Int16Array, hz: number, rate: number): number {
  const tone = amplitude(samples, hz, rate) ** 2 / 2
  let all = 0
  for (const sample of samples) all += sample * sample
  return 10 * Math.log10(tone / Math.max(1e-9, all / samples.length - tone))
}

/** The greatest step from one sample to the next. */
export function greatestStep(samples: Int16Array): number {
  let greatest = 0
  for (let i = 1; i < samples.length; i++) {
    greatest = Math.max(greatest, Math.abs((samples[i] ?? 0) - (samples[i - 1] ?? 0)))
  }
  return greatest
}

export const decibels = (ratio: number): number => 20 * Math.log10(ratio)

export function joined(frames: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(frames.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const frame of frames) {
    all.set(frame, at)
    at += frame.length
  }
  return all
}

/** Tap's own comparison of so many samples takes seconds. */
export function isSame(one: Int16Array, other: Int16Array): boolean {
  return one.length === other.length && one.every((sample, i) => sample === other[i])
}
