import type { ReadableFile } from '../../platform/files.ts'
import { copySamples, decodeMono, type Samples } from './samples.ts'
import { octetsPerSample, type Wav } from './wav.ts'

/** A block: long enough that a disk which is busy for a while is not heard, s. */
const BLOCK = 1

/** A block of a sound in memory. */
interface Slot {
  readonly samples: Int16Array
  /** Which block, -1: none. */
  block: number
  count: number
}

/** Blocks in memory. A frame may need all of them: in a loop, where the last block is shorter than the frame. */
const SLOTS = 3

/**
 * The sound of a long file, of which three blocks of a second are in memory: the one that is played and those that come
 * after it, where behind the last stands the first.
 */
export class StreamedSamples implements Samples {
  readonly sampleRate: number
  readonly #file: ReadableFile
  readonly #wav: Wav
  readonly #blockLength: number
  readonly #slots: readonly Slot[]
  /** What is read, before it is decoded; there is one read at a time. */
  readonly #octets: Uint8Array
  #length: number
  #failure: unknown = null
  /** The block in which the last frame began. */
  #playing = 0
  #isLoading = false
  #isClosed = false

  /** The sound of `wav`, which is the header of `file`; it closes the file when it is closed. Its first block is there. */
  static async open(file: ReadableFile, wav: Wav): Promise<StreamedSamples> {
    const samples = new StreamedSamples(file, wav)
    await samples.#load(0)
    return samples
  }

  private constructor(file: ReadableFile, wav: Wav) {
    this.#file = file
    this.#wav = wav
    this.sampleRate = wav.sampleRate
    this.#length = wav.length
    this.#blockLength = BLOCK * wav.sampleRate
    this.#slots = Array.from({ length: SLOTS }, () => emptySlot(this.#blockLength))
    this.#octets = new Uint8Array(this.#blockLength * octetsPerSample(wav))
  }

  get length(): number {
    return this.#length
  }

  get failure(): unknown {
    return this.#failure
  }

  copy(at: number, out: Int16Array, outAt: number): number {
    let copied = 0
    // Where a frame goes on in another block, and that is late, all of it is asked for again: so the first must stay.
    if (outAt === 0 && at < this.#length) this.#playing = Math.floor(at / this.#blockLength)
    while (outAt + copied < out.length && at + copied < this.#length) {
      const count = this.#copyWithin(at + copied, out, outAt + copied)
      if (count === 0) break
      copied += count
    }
    this.#readAhead()
    return copied
  }

  /** Copies what of the block of sample `at` is in memory. */
  #copyWithin(at: number, out: Int16Array, outAt: number): number {
    const slot = this.#slotOf(Math.floor(at / this.#blockLength))
    return slot ? copySamples(slot.samples, at % this.#blockLength, slot.count, out, outAt) : 0
  }

  #slotOf(block: number): Slot | null {
    for (const slot of this.#slots) if (slot.block === block) return slot
    return null
  }

  /** Asks for the first block of those wanted that is missing. */
  #readAhead(): void {
    if (this.#isLoading || this.#isClosed || this.#failure !== null) return
    for (let ahead = 0; ahead < SLOTS; ahead++) {
      const block = this.#blockAhead(ahead)
      if (this.#slotOf(block)) continue
      void this.#load(block)
      return
    }
  }

  #blockAhead(ahead: number): number {
    const blocks = Math.max(1, Math.ceil(this.#length / this.#blockLength))
    return (this.#playing + ahead) % blocks
  }

  async #load(block: number): Promise<void> {
    this.#isLoading = true
    try {
      const at = this.#wav.dataAt + block * this.#octets.length
      this.#take(block, await this.#file.read(at, this.#octets))
    } catch (error) {
      this.#failure = error
    }
    this.#isLoading = false
    if (this.#isClosed) this.#closeFile()
    else this.#readAhead()
  }

  #take(block: number, octets: number): void {
    const slot = this.#slotToFill()
    if (!slot) return
    const start = block * this.#blockLength
    const expected = Math.min(this.#blockLength, this.#length - start)
    slot.count = Math.min(expected, decodeMono(this.#wav, this.#octets.subarray(0, octets), slot.samples))
    slot.block = block
    // The file has become shorter since it was opened.
    if (slot.count < expected) this.#length = start + slot.count
  }

  /** One that holds nothing that is wanted now, which may be something else than when the block was asked for. */
  #slotToFill(): Slot | null {
    for (const slot of this.#slots) {
      let isWanted = false
      for (let ahead = 0; ahead < SLOTS; ahead++) if (slot.block === this.#blockAhead(ahead)) isWanted = true
      if (!isWanted) return slot
    }
    return null
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (!this.#isLoading) this.#closeFile()
  }

  /** It was only read: what closing it may say is of no use to anybody. */
  #closeFile(): void {
    this.#file.close().catch(() => {})
  }
}

function emptySlot(length: number): Slot {
  return { samples: new Int16Array(length), block: -1, count: 0 }
}
