/**
 * The two libraries that make Opus out of libopus, neither of which is always there. @discordjs/opus is native: fast, and may
 * fail to build. libopus-wasm also decodes what packets repeat of those before them (FEC), and keeps what hostile packets do
 * to itself, so that it decodes where there is one. See docs/decisions/015-opus.md.
 *
 * **A worker that uses the native one must never be terminated from outside:** in the middle of a frame that ends the process.
 */

/** What this thread can do with Opus. */
export interface OpusSupport {
  /** Whether decoders can recover what was lost from the packet behind it. */
  readonly fec: boolean
}

/** Opus cannot be encoded or decoded here, for this reason. */
export interface OpusMissing {
  readonly missing: string
}

/** An encoder and a decoder of the native library, of which each comes to be when it is first used. */
export interface NativeOpus {
  /** A frame of 10, 20, 40 or 60 ms, as octets of the host's order. **Of any other length it ends the process.** */
  encode(pcm: Uint8Array): Uint8Array
  /** Throws where the packet is broken. */
  decode(packet: Uint8Array): Uint8Array
  /** Throws where libopus does not know the request or takes no such value. */
  applyEncoderCTL(request: number, value: number): void
}

/** One stream's decoder, of either library. Both ways throw where the packet is broken, and allocate what they give. */
export interface RawDecoder {
  decode(packet: Uint8Array): Int16Array
  /** The `samples` before `next`, from what that repeats of them; null: this library can't. */
  readonly recover: ((next: Uint8Array, samples: number) => Int16Array) | null
}

interface WasmDecoder {
  decode(packet: Uint8Array, options?: { decodeFec: boolean; frameSize: number }): Int16Array
  free(): void
}

type NewNative = new (sampleRate: number, channels: number) => NativeOpus
type CreateDecoder = (options: { sampleRate: number; channels: 1 }) => Promise<WasmDecoder>

/** Rates that libopus encodes from and decodes to, Hz. */
export const OPUS_RATES: readonly number[] = [8000, 12_000, 16_000, 24_000, 48_000]
/** Those for which decoders are kept ready from the start. */
const USUAL_RATES: readonly number[] = [8000, 16_000, 48_000]
/** Decoders of one rate that are ready at any time. */
const SPARES = 4

let native: NewNative | null = null
let createDecoder: CreateDecoder | null = null
let loading: Promise<OpusSupport | OpusMissing> | null = null
const spares = new Map<number, WasmDecoder[]>()
// Nobody says when a stream is over; what it held inside of the WebAssembly goes when it is collected.
const abandoned = new FinalizationRegistry<WasmDecoder>((decoder) => decoder.free())

/** Loads what there is, once for each thread. Never rejects: without Opus all other codecs work. */
export function loadOpus(): Promise<OpusSupport | OpusMissing> {
  loading ??= load()
  return loading
}

/** Whether `loadOpus` has found what it takes. */
export function hasOpus(): boolean {
  return native !== null
}

/** Mono, at one of OPUS_RATES. Throws where Opus was not loaded: ask `hasOpus`. */
export function nativeOpus(sampleRate: number): NativeOpus {
  if (native === null) throw new Error('Opus was not loaded')
  return new native(sampleRate, 1)
}

/** A decoder to mono at one of OPUS_RATES. Throws where Opus was not loaded. */
export function rawDecoder(sampleRate: number): RawDecoder {
  const ready = spares.get(sampleRate)?.pop()
  if (createDecoder !== null) void refill(sampleRate)
  return ready ? new Wasm(ready) : new Native(sampleRate)
}

async function load(): Promise<OpusSupport | OpusMissing> {
  try {
    native = await loadNative()
  } catch (error) {
    return { missing: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }
  }
  createDecoder = await loadWasm()
  for (const rate of USUAL_RATES) await refill(rate)
  return { fec: createDecoder !== null }
}

async function loadNative(): Promise<NewNative> {
  // Not a literal: types must be right where the package is not installed.
  const name: string = '@discordjs/opus'
  const loaded: unknown = await import(name)
  const found = property(property(loaded, 'default'), 'OpusEncoder')
  if (!isNewNative(found)) throw new Error(`${name} has no OpusEncoder`)
  new found(8000, 1).encode(new Uint8Array(320))
  return found
}

/** Null: it is not installed, or this Node cannot run it. */
async function loadWasm(): Promise<CreateDecoder | null> {
  const name: string = 'libopus-wasm'
  try {
    const create = property(await import(name), 'createDecoder')
    return isCreateDecoder(create) ? create : null
  } catch {
    return null
  }
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined
}

function isNewNative(value: unknown): value is NewNative {
  return typeof value === 'function'
}

function isCreateDecoder(value: unknown): value is CreateDecoder {
  return typeof value === 'function'
}

/**
 * The library makes decoders by promise alone, though once it is loaded that is kept within the turn of the event loop. Who
 * needs more than SPARES in one turn has native ones beyond.
 */
async function refill(sampleRate: number): Promise<void> {
  const ready = spares.get(sampleRate) ?? []
  spares.set(sampleRate, ready)
  try {
    while (createDecoder !== null && ready.length < SPARES) ready.push(await createDecoder({ sampleRate, channels: 1 }))
  } catch {
    // Out of its memory: native ones serve until some is free.
  }
}

class Wasm implements RawDecoder {
  readonly #decoder: WasmDecoder
  readonly #recovering = { decodeFec: true, frameSize: 0 }

  constructor(decoder: WasmDecoder) {
    this.#decoder = decoder
    abandoned.register(this, decoder)
  }

  decode(packet: Uint8Array): Int16Array {
    return this.#decoder.decode(packet)
  }

  readonly recover = (next: Uint8Array, samples: number): Int16Array => {
    this.#recovering.frameSize = samples
    return this.#decoder.decode(next, this.#recovering)
  }
}

class Native implements RawDecoder {
  readonly recover = null
  readonly #opus: NativeOpus

  constructor(sampleRate: number) {
    this.#opus = nativeOpus(sampleRate)
  }

  decode(packet: Uint8Array): Int16Array {
    const pcm = this.#opus.decode(packet)
    return new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1)
  }
}
