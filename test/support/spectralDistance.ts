/** A look at sound, ms, and from one look to the next. */
const LOOK = 32
const HOP = 16
/** Sound is compared in bands of about equal width to the ear, of which there are so many up to 4 kHz. */
const BANDS = 20
/** What is this far below the loudest look's mean over all frequencies is not heard, dB. */
const FLOOR = 55

/**
 * How far `other` is from `sound`, both of `rate` Hz: the difference of their levels (dB) in bands of hearing, its root mean
 * square over the bands and its mean over all looks of 32 ms. Looks at which both are the same to the sample count as 0.
 */
export function spectralDistance(sound: Int16Array, other: Int16Array, rate: number): number {
  const size = (LOOK * rate) / 1000
  const hop = (HOP * rate) / 1000
  const bands = bandsOf(rate, size)
  const floor = loudest(sound, size) * 10 ** (-FLOOR / 10)
  let [sum, looks] = [0, 0]
  for (let at = 0; at + size <= sound.length; at += hop) {
    sum += distanceAt(sound, other, at, size, bands, floor)
    looks++
  }
  return sum / looks
}

/** Bins of the transform that make up a band: from the first to before the second. */
type Band = readonly [number, number]

function bandsOf(rate: number, size: number): readonly Band[] {
  // Traunmüller's Bark scale and back.
  const bark = (hz: number) => (26.81 * hz) / (1960 + hz) - 0.53
  const hertz = (z: number) => (1960 * (z + 0.53)) / (26.28 - z)
  const [low, high] = [bark(100), bark(rate / 2)]
  const width = (bark(4000) - low) / BANDS
  const bin = (z: number) => Math.round((hertz(z) * size) / rate)
  return Array.from({ length: Math.floor((high - low) / width) }, (_, i): Band => {
    const from = bin(low + i * width)
    return [from, Math.max(from + 1, bin(low + (i + 1) * width))]
  })
}

function distanceAt(
  sound: Int16Array,
  other: Int16Array,
  at: number,
  size: number,
  bands: readonly Band[],
  floor: number,
): number {
  const [one, two] = [sound.subarray(at, at + size), other.subarray(at, at + size)]
  if (one.every((sample, i) => sample === two[i])) return 0
  const [ours, theirs] = [energies(one, bands), energies(two, bands)]
  const squares = ours.map((energy, i) => (10 * Math.log10((energy + floor) / ((theirs[i] ?? 0) + floor))) ** 2)
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / bands.length)
}

/** The energy of the loudest look: by Parseval its mean over all frequencies. */
function loudest(sound: Int16Array, size: number): number {
  let most = 1
  for (let at = 0; at + size <= sound.length; at += size) {
    const look = windowed(sound.subarray(at, at + size))
    most = Math.max(
      most,
      look.reduce((sum, sample) => sum + sample ** 2, 0),
    )
  }
  return most
}

/** By a Hann window. */
function windowed(look: Int16Array): Float64Array {
  return Float64Array.from(look, (sample, i) => sample * Math.sin((Math.PI * (i + 0.5)) / look.length) ** 2)
}

/** Mean over the frequencies of each band. */
function energies(look: Int16Array, bands: readonly Band[]): number[] {
  const samples = windowed(look)
  return bands.map(([from, to]) => {
    let sum = 0
    for (let bin = from; bin < to; bin++) sum += power(samples, bin / look.length)
    return sum / (to - from)
  })
}

/** Of one frequency, given in cycles a sample, by Goertzel's recurrence. */
function power(samples: Float64Array, cycles: number): number {
  const coefficient = 2 * Math.cos(2 * Math.PI * cycles)
  let [last, before] = [0, 0]
  for (const sample of samples) {
    const next = sample + coefficient * last - before
    before = last
    last = next
  }
  return last * last + before * before - coefficient * last * before
}
