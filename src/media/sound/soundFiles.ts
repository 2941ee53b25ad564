import type { Files, ReadableFile } from '../../platform/files.ts'
import { decodeMono, HeldSamples, type Samples } from './samples.ts'
import { StreamedSamples } from './streamedSamples.ts'
import { octetsPerSample, readWavHeader, type Wav, type WavRefusal } from './wav.ts'

export interface SoundFilesLimits {
  /** Files of up to as many octets are held in memory as a whole; longer ones are streamed. */
  readonly held: number
  /** What the files that are held may take in memory, octets. */
  readonly memory: number
}

const DEFAULTS: SoundFilesLimits = { held: 1_000_000, memory: 16_000_000 }

/** The WAV files that one thread plays. What many hear, the greetings and the music, is read once and shared. */
export class SoundFiles {
  readonly #files: Files
  readonly #limits: SoundFilesLimits
  /** By path, size and time of change; who was used last comes last. */
  readonly #held = new Map<string, Int16Array>()
  readonly #loading = new Map<string, Promise<Int16Array>>()
  #memory = 0

  constructor(files: Files, limits: SoundFilesLimits = DEFAULTS) {
    this.#files = files
    this.#limits = limits
  }

  /** What the files that are held take in memory, octets. */
  get memory(): number {
    return this.#memory
  }

  /** The sound of the file at `path`, to be closed by who asked; or why it cannot be played. Rejects with the system's error. */
  async open(path: string): Promise<Samples | WavRefusal> {
    const file = await this.#files.open(path)
    let isKept = false
    try {
      const wav = await readWavHeader(file)
      if (wav.kind === 'refused') return wav
      if (file.size <= this.#limits.held) return new HeldSamples(await this.#hold(path, file, wav), wav.sampleRate)
      isKept = true
      return await StreamedSamples.open(file, wav)
    } finally {
      if (!isKept) await file.close()
    }
  }

  async #hold(path: string, file: ReadableFile, wav: Wav): Promise<Int16Array> {
    const key = `${file.modified} ${file.size} ${path}`
    const known = this.#held.get(key)
    if (known) return this.#keep(key, known)
    const loading = this.#loading.get(key)
    if (loading) return loading
    const load = readAll(file, wav)
    this.#loading.set(key, load)
    try {
      return this.#keep(key, await load)
    } finally {
      this.#loading.delete(key)
    }
  }

  /** Makes `samples` the last used, and lets go of the first until what is held is small enough again. */
  #keep(key: string, samples: Int16Array): Int16Array {
    if (!this.#held.delete(key)) this.#memory += samples.byteLength
    this.#held.set(key, samples)
    for (const [oldest, { byteLength }] of this.#held) {
      if (this.#memory <= this.#limits.memory) break
      this.#held.delete(oldest)
      this.#memory -= byteLength
    }
    return samples
  }
}

async function readAll(file: ReadableFile, wav: Wav): Promise<Int16Array> {
  const octets = new Uint8Array(wav.length * octetsPerSample(wav))
  const samples = new Int16Array(wav.length)
  const count = decodeMono(wav, octets.subarray(0, await file.read(wav.dataAt, octets)), samples)
  return count === samples.length ? samples : samples.slice(0, count)
}
