import { saturate } from '../../codecs/clamp.ts'
import type { Millis } from '../../platform/clock.ts'
import type { Files, WritableFile } from '../../platform/files.ts'
import { MOST_WAV_OCTETS, WAV_HEADER_OCTETS, wavHeader } from './wav.ts'

export interface RecorderOptions {
  /** Hz. */
  readonly sampleRate: number
  /** 1: both sides mixed; 2: the near one left, the far one right. */
  readonly channels: 1 | 2
  /** It ends by itself after as much sound. */
  readonly maxDuration: Millis
}

/** What came of a recording. */
export interface Recording {
  /** `full`: as long as it may be. `failed`: the disk said no; what it took until then is there, and can be played. */
  readonly end: 'stopped' | 'full' | 'failed'
  /** What is in the file. */
  readonly duration: Millis
  /** What is not, because the disk was too slow or failed. */
  readonly dropped: Millis
  /** Of a failure, what the disk said. */
  readonly cause: unknown
}

/** Sound that may wait for the disk, ms. */
const BUFFER = 4000
/** Sound that is written at once, ms: a quarter of it, so that a full buffer is never one write. */
const PIECE = 1000
/** How often the header is brought up to date, ms of sound: what a crash takes from the end at most, and a little. */
const HEADER_EVERY = 5000

/** Records a call to a WAV file, which can be played whenever the process ends. */
export class Recorder {
  /** What came of it, when all of it is in the file and the file is closed. Never rejects. */
  readonly ended: Promise<Recording>
  readonly #file: WritableFile
  readonly #options: RecorderOptions
  readonly #frameOctets: number
  /** A ring of little-endian samples: those from octet `#written` to octet `#taken` of the sound wait. */
  readonly #ring: Uint8Array
  readonly #pieceOctets: number
  readonly #headerOctets: number
  readonly #mostOctets: number
  #taken = 0
  #written = 0
  /** Octets of sound that the header in the file knows of. */
  #claimed = 0
  #dropped = 0
  #end: Recording['end'] | null = null
  #cause: unknown = null
  #isWriting = false
  #settle: (recording: Recording) => void = () => {}

  /** Makes the file, which must not be there yet. Rejects with the system's error. */
  static async start(files: Files, path: string, options: RecorderOptions): Promise<Recorder> {
    const file = await files.create(path)
    try {
      await file.write(0, wavHeader(options.sampleRate, options.channels, 0))
    } catch (error) {
      await file.close().catch(() => {})
      throw error
    }
    return new Recorder(file, options)
  }

  private constructor(file: WritableFile, options: RecorderOptions) {
    this.#file = file
    this.#options = options
    this.#frameOctets = 2 * options.channels
    this.#ring = new Uint8Array(this.#octets(BUFFER))
    this.#pieceOctets = this.#octets(PIECE)
    this.#headerOctets = this.#octets(HEADER_EVERY)
    this.#mostOctets = Math.min(this.#octets(options.maxDuration), MOST_WAV_OCTETS - (MOST_WAV_OCTETS % 4))
    this.ended = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Sound that was taken so far. */
  get duration(): Millis {
    return this.#millis(this.#taken)
  }

  /** Sound that was not, because the disk was too slow or failed. */
  get dropped(): Millis {
    return this.#millis(this.#dropped)
  }

  /** Whether it takes more. */
  get isOpen(): boolean {
    return this.#end === null
  }

  /**
   * Takes what both sides said in one tick, frames of equal length; null: that side said nothing. Without either, silence of
   * `near`'s length would have to be given as such. Never waits for the disk; allocates only where it gives it something to do.
   */
  write(near: Int16Array | null, far: Int16Array | null): void {
    if (this.#end !== null) return
    const length = near?.length ?? far?.length ?? 0
    const count = Math.min(length, (this.#mostOctets - this.#taken) / this.#frameOctets)
    if (this.#taken - this.#written + count * this.#frameOctets > this.#ring.length) {
      this.#dropped += length * this.#frameOctets
      return
    }
    if (this.#options.channels === 1) this.#takeMixed(near, far, count)
    else this.#takeBeside(near, far, count)
    if (this.#taken >= this.#mostOctets) this.#endAs('full')
    else if (this.#taken - this.#written >= this.#pieceOctets) this.#writeAll()
  }

  /** Ends it, and says what came of it when all is in the file. */
  stop(): Promise<Recording> {
    this.#endAs('stopped')
    return this.ended
  }

  #takeMixed(near: Int16Array | null, far: Int16Array | null, count: number): void {
    for (let i = 0; i < count; i++) this.#put(saturate((near?.[i] ?? 0) + (far?.[i] ?? 0)))
  }

  #takeBeside(near: Int16Array | null, far: Int16Array | null, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#put(near?.[i] ?? 0)
      this.#put(far?.[i] ?? 0)
    }
  }

  #put(sample: number): void {
    const at = this.#taken % this.#ring.length
    this.#ring[at] = sample
    this.#ring[at + 1] = sample >> 8
    this.#taken += 2
  }

  #endAs(end: Recording['end']): void {
    if (this.#end !== null) return
    this.#end = end
    this.#writeAll()
  }

  /** Has the disk take what waits, unless it is at it. */
  #writeAll(): void {
    if (this.#isWriting) return
    this.#isWriting = true
    void this.#writeOut()
  }

  async #writeOut(): Promise<void> {
    try {
      while (this.#hasMore()) await this.#writePiece()
      if (this.#end !== null) await this.#complete()
    } catch (error) {
      await this.#fail(error)
    }
    this.#isWriting = false
    if (this.#end !== null) this.#settle(this.#recording(this.#end))
  }

  /** While it goes on, less than a piece is left to the next time. */
  #hasMore(): boolean {
    const waiting = this.#taken - this.#written
    return this.#end === null ? waiting >= this.#pieceOctets : waiting > 0
  }

  /** The sound first, then the header: it never claims what is not there. */
  async #writePiece(): Promise<void> {
    const at = this.#written % this.#ring.length
    const length = Math.min(this.#taken - this.#written, this.#pieceOctets, this.#ring.length - at)
    await this.#file.write(WAV_HEADER_OCTETS + this.#written, this.#ring.subarray(at, at + length))
    this.#written += length
    if (this.#written - this.#claimed >= this.#headerOctets) await this.#writeHeader()
  }

  async #writeHeader(): Promise<void> {
    const { sampleRate, channels } = this.#options
    const octets = this.#written
    await this.#file.write(0, wavHeader(sampleRate, channels, octets))
    this.#claimed = octets
  }

  async #complete(): Promise<void> {
    await this.#writeHeader()
    await this.#file.sync()
    await this.#file.close()
  }

  /** What waits is lost. The header may still be written where there is no room for sound: it takes none. */
  async #fail(error: unknown): Promise<void> {
    this.#end = 'failed'
    this.#cause = error
    this.#dropped += this.#taken - this.#written
    this.#taken = this.#written
    await this.#writeHeader().catch(() => {})
    await this.#file.close().catch(() => {})
  }

  #recording(end: Recording['end']): Recording {
    return { end, duration: this.duration, dropped: this.dropped, cause: this.#cause }
  }

  #octets(span: Millis): number {
    return Math.floor((span * this.#options.sampleRate) / 1000) * this.#frameOctets
  }

  #millis(octets: number): Millis {
    return (1000 * octets) / this.#frameOctets / this.#options.sampleRate
  }
}
