import type { ConcealingDecoder } from '../../codecs/codec.ts'
import { Resampler } from '../../codecs/resample.ts'
import type { SampleQueue } from './sampleQueue.ts'

/** The longest packet there is, ms (RFC 6716 §2.1.4), and so the most that is concealed at once. */
export const LONGEST_PACKET = 120
/** Views of payloads up to this length are kept; a longer one is made when it comes. */
const KEPT_VIEWS = 512

/** A decoder and the rate of what it gives, Hz. */
export interface DecoderAtRate {
  readonly decoder: ConcealingDecoder
  readonly sampleRate: number
}

/** One format of a stream: decodes into a queue of another rate. Allocates nothing in the long run. */
export class Voice {
  /** Whether it is the comfort noise of RFC 3389: it sounds until something else comes. */
  readonly isNoise: boolean
  readonly #decoder: ConcealingDecoder
  readonly #resampler: Resampler | null
  readonly #perMs: number
  readonly #decoded: Int16Array
  readonly #resampled: Int16Array
  readonly #payload = new Uint8Array(2048)
  readonly #payloads: (Uint8Array | undefined)[] = []
  /** Views of the scratch memories by whole ms, so that a frame costs no object. */
  readonly #decodedViews: (Int16Array | undefined)[] = []
  readonly #resampledViews: (Int16Array | undefined)[] = []

  constructor({ decoder, sampleRate }: DecoderAtRate, outRate: number, isNoise: boolean) {
    this.isNoise = isNoise
    this.#decoder = decoder
    this.#perMs = sampleRate / 1000
    this.#resampler = sampleRate === outRate ? null : new Resampler(sampleRate, outRate)
    this.#decoded = new Int16Array(LONGEST_PACKET * this.#perMs)
    this.#resampled = new Int16Array(this.#resampler === null ? 0 : 1 + Math.ceil((LONGEST_PACKET * outRate) / 1000))
  }

  /** Decodes a payload, the first `length` of `octets`, into `queue`; gives how long it is, ms. */
  decode(octets: Uint8Array, length: number, queue: SampleQueue): number {
    const count = this.#decoder.decode(this.#payloadOf(octets, length), this.#decoded)
    if (count > 0) this.#append(count, queue)
    return count / this.#perMs
  }

  /** Puts `ms` of what the decoder thinks is missing into `queue`: a whole number, at most `LONGEST_PACKET`. */
  conceal(ms: number, queue: SampleQueue): void {
    const count = Math.min(ms, LONGEST_PACKET) * this.#perMs
    this.#decoder.conceal(this.#viewOf(this.#decoded, this.#decodedViews, count, this.#perMs))
    this.#append(count, queue)
  }

  /** As `conceal`, before a payload that is here already, the first `length` of `octets`, and still to be decoded. */
  concealBefore(octets: Uint8Array, length: number, ms: number, queue: SampleQueue): void {
    const count = Math.min(ms, LONGEST_PACKET) * this.#perMs
    const missing = this.#viewOf(this.#decoded, this.#decodedViews, count, this.#perMs)
    this.#decoder.conceal(missing, this.#payloadOf(octets, length))
    this.#append(count, queue)
  }

  #append(count: number, queue: SampleQueue): void {
    const decoded = this.#viewOf(this.#decoded, this.#decodedViews, count, this.#perMs)
    if (this.#resampler === null) {
      queue.append(decoded)
      return
    }
    const resampled = this.#resampler.resample(decoded, this.#resampled)
    queue.append(
      this.#viewOf(this.#resampled, this.#resampledViews, resampled, (this.#resampled.length - 1) / LONGEST_PACKET),
    )
  }

  #payloadOf(octets: Uint8Array, length: number): Uint8Array {
    for (let i = 0; i < length; i++) this.#payload[i] = octets[i] ?? 0
    const kept = this.#payloads[length]
    if (kept !== undefined) return kept
    const view = this.#payload.subarray(0, length)
    if (length <= KEPT_VIEWS) this.#payloads[length] = view
    return view
  }

  #viewOf(memory: Int16Array, kept: (Int16Array | undefined)[], count: number, perMs: number): Int16Array {
    const ms = count / perMs
    const known = kept[ms]
    if (known !== undefined) return known
    const view = memory.subarray(0, count)
    if (Number.isInteger(ms)) kept[ms] = view
    return view
  }
}
