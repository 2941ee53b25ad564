import { readFileSync, writeFileSync } from 'node:fs'

/** Mono linear PCM. */
export interface Sound {
  /** Samples per second, Hz. */
  readonly rate: number
  readonly samples: Int16Array
}

/** A stretch in which something was not heard, ms from the start of the recording. */
export interface Gap {
  readonly at: number
  readonly length: number
}

/** A sine of `hz` at half of full scale. */
export function tone(hz: number, seconds: number, rate = 8000): Sound {
  const samples = new Int16Array(Math.round(seconds * rate))
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round(16384 * Math.sin((2 * Math.PI * hz * i) / rate))
  return { rate, samples }
}

/** Writes `sound` as a RIFF WAV file, PCM 16 bit, the same on each of its channels. */
export function writeWav(path: string, { rate, samples }: Sound, channels = 1): void {
  const frame = 2 * channels
  const bytes = samples.length * frame
  const file = Buffer.alloc(44 + bytes)
  file.write('RIFF', 0)
  file.writeUInt32LE(36 + bytes, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(channels, 22)
  file.writeUInt32LE(rate, 24)
  file.writeUInt32LE(rate * frame, 28)
  file.writeUInt16LE(frame, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(bytes, 40)
  for (let i = 0; i < samples.length * channels; i++) {
    file.writeInt16LE(samples[Math.floor(i / channels)] ?? 0, 44 + 2 * i)
  }
  writeFileSync(path, file)
}

/** Reads a 16 bit PCM WAV file; of several channels only the first. Throws if it is something else. */
export function readWav(path: string): Sound {
  const file = readFileSync(path)
  const format = chunk(file, 'fmt ')
  const data = chunk(file, 'data')
  if (!format || !data) throw new Error(`${path} is no WAV file`)
  const channels = format.readUInt16LE(2)
  if (format.readUInt16LE(14) !== 16) throw new Error(`${path} is not 16 bit PCM`)
  const samples = new Int16Array(Math.floor(data.length / 2 / channels))
  for (let i = 0; i < samples.length; i++) samples[i] = data.readInt16LE(2 * channels * i)
  return { rate: format.readUInt32LE(4), samples }
}

/** The body of the first RIFF chunk called `name`. A recorder that was not closed leaves its length 0: then the rest. */
function chunk(file: Buffer, name: string): Buffer | null {
  if (file.toString('latin1', 0, 4) !== 'RIFF') return null
  for (let at = 12; at + 8 <= file.length; ) {
    const length = file.readUInt32LE(at + 4)
    if (file.toString('latin1', at, at + 4) === name) {
      return file.subarray(at + 8, length === 0 ? file.length : Math.min(at + 8 + length, file.length))
    }
    at += 8 + length + (length % 2)
  }
  return null
}

/** The strongest frequency in `sound`, Hz, to within 5 Hz; null if it is silent. Looks at the second in its middle. */
export function dominantFrequency({ rate, samples }: Sound): number | null {
  const from = Math.max(0, Math.floor((samples.length - rate) / 2))
  const middle = samples.subarray(from, from + rate)
  if (!audible(energy(middle), middle.length)) return null
  let best = { hz: 0, power: 0 }
  for (let hz = 50; hz < rate / 2; hz += 5) {
    const power = goertzel(middle, hz / rate)
    if (power > best.power) best = { hz, power }
  }
  return best.hz
}

/**
 * Where a tone of `hz` was not heard: windows of 20 ms, 10 ms apart, that are silent or mostly something else, between
 * the first and the last in which it was heard.
 */
export function gaps(sound: Sound, hz: number): Gap[] {
  const heard = heardWindows(sound, hz)
  const found: Gap[] = []
  let last: number | null = null
  for (const [i, hears] of heard.entries()) {
    if (!hears) continue
    if (last !== null && i > last + 1) found.push({ at: (last + 1) * hop, length: (i - last - 1) * hop })
    last = i
  }
  return found
}

/** How long a tone of `hz` was heard in all, ms. */
export function heardFor(sound: Sound, hz: number): number {
  return heardWindows(sound, hz).filter(Boolean).length * hop
}

const hop = 10

function heardWindows({ rate, samples }: Sound, hz: number): boolean[] {
  const size = Math.round(rate / 50)
  const step = Math.round((rate * hop) / 1000)
  const heard: boolean[] = []
  for (let at = 0; at + size <= samples.length; at += step) {
    const window = samples.subarray(at, at + size)
    const all = energy(window)
    // A pure tone of amplitude a has energy n·a²/2 and Goertzel power (n·a/2)².
    heard.push(audible(all, size) && (2 * goertzel(window, hz / rate)) / size > all / 2)
  }
  return heard
}

function energy(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return sum
}

/** Above -40 dB of full scale. */
function audible(sum: number, count: number): boolean {
  return Math.sqrt(sum / count) > 327
}

/** The power of one frequency, given in cycles per sample, by Goertzel's recurrence. */
function goertzel(samples: Int16Array, cycles: number): number {
  const coefficient = 2 * Math.cos(2 * Math.PI * cycles)
  let last = 0
  let beforeLast = 0
  for (const sample of samples) {
    const next = sample + coefficient * last - beforeLast
    beforeLast = last
    last = next
  }
  return last * last + beforeLast * beforeLast - coefficient * last * beforeLast
}
