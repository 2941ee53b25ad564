import { pcma, pcmu } from '../../codecs/g711.ts'
import { octetsPerSample, type WavFormat } from './wav.ts'

/** The sound of a file at its own rate, in mono, of which not all need be in memory. */
export interface Samples {
  /** Hz. */
  readonly sampleRate: number
  /** How many there are. It shrinks if the file turns out to be shorter than it said. */
  readonly length: number
  /** Why there is no more to come, if the disk failed. */
  readonly failure: unknown
  /**
   * Writes what stands from sample `at` on to `out`, from `outAt` to its end, and gives how many that were: fewer at the end, and
   * where they are not in memory yet; those are asked for. Allocates nothing but where it asks.
   */
  copy(at: number, out: Int16Array, outAt: number): number
  /** Nobody needs them any more. */
  close(): void
}

/** All of a sound in memory: any number of players may share it. */
export class HeldSamples implements Samples {
  readonly sampleRate: number
  readonly failure = null
  readonly #samples: Int16Array

  constructor(samples: Int16Array, sampleRate: number) {
    this.#samples = samples
    this.sampleRate = sampleRate
  }

  get length(): number {
    return this.#samples.length
  }

  copy(at: number, out: Int16Array, outAt: number): number {
    return copySamples(this.#samples, at, this.#samples.length, out, outAt)
  }

  close(): void {}
}

/** Copies `from[at]` and what follows, before `end`, to `out[outAt]` and what follows; gives how many. */
export function copySamples(from: Int16Array, at: number, end: number, out: Int16Array, outAt: number): number {
  const count = Math.max(0, Math.min(end - at, out.length - outAt))
  // A frame is short: to make a view of it would cost more than it saves.
  for (let i = 0; i < count; i++) out[outAt + i] = from[at + i] ?? 0
  return count
}

/** Decodes the whole samples in `octets` to mono, two channels to their mean, and gives how many `out` had room for. */
export function decodeMono(format: WavFormat, octets: Uint8Array, out: Int16Array): number {
  const count = Math.min(Math.floor(octets.length / octetsPerSample(format)), out.length)
  const { encoding, channels } = format
  if (encoding === 'PCM') decodeLinear(octets, channels, out, count)
  else decodeTable(encoding === 'PCMU' ? MU_LAW : A_LAW, octets, channels, out, count)
  return count
}

function decodeLinear(octets: Uint8Array, channels: 1 | 2, out: Int16Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const at = 2 * channels * i
    const left = linear(octets, at)
    out[i] = channels === 1 ? left : (left + linear(octets, at + 2)) >> 1
  }
}

function linear(octets: Uint8Array, at: number): number {
  return (((octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8)) << 16) >> 16
}

function decodeTable(table: Int16Array, octets: Uint8Array, channels: 1 | 2, out: Int16Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const left = table[octets[channels * i] ?? 0] ?? 0
    out[i] = channels === 1 ? left : (left + (table[octets[2 * i + 1] ?? 0] ?? 0)) >> 1
  }
}

const OCTETS = Uint8Array.from({ length: 256 }, (_, octet) => octet)
const MU_LAW = new Int16Array(256)
const A_LAW = new Int16Array(256)
pcmu.decoder().decode(OCTETS, MU_LAW)
pcma.decoder().decode(OCTETS, A_LAW)
