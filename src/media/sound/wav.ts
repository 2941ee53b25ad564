import type { ReadableFile } from '../../platform/files.ts'

/**
 * WAV files: RIFF chunks of four letters, a length and a body, padded to an even length (Multimedia Programming Interface
 * and Data Specifications 1.0, "RIFF" and "WAVE"). Ours hold 16 bit linear PCM or G.711.
 */

/** How samples stand in a file, channels interleaved. */
export interface WavFormat {
  /** PCM is linear, 16 bits, little-endian; the others are G.711's octets. */
  readonly encoding: 'PCM' | 'PCMU' | 'PCMA'
  readonly channels: 1 | 2
  /** Samples a second and channel. */
  readonly sampleRate: number
}

/** A file that can be played. */
export interface Wav extends WavFormat {
  readonly kind: 'wav'
  /** The octet at which the sound begins. */
  readonly dataAt: number
  /** Samples a channel that are there, whatever the header claims. */
  readonly length: number
}

export type WavRefusalCode = 'NOT_WAV' | 'NO_FORMAT' | 'NO_DATA' | 'ENCODING' | 'CHANNELS' | 'RATE'

/** A file that cannot, and why in words for who chose it. */
export interface WavRefusal {
  readonly kind: 'refused'
  readonly code: WavRefusalCode
  readonly reason: string
}

/** A part of a file. */
interface Span {
  readonly at: number
  readonly length: number
}

/** The rates that the resampler knows, Hz. */
const RATES: readonly number[] = [8000, 16_000, 24_000, 48_000]

/** Format tags (RFC 2361 app. A); what is EXTENSIBLE says which of them it is in its sub-format. */
const ENCODINGS: ReadonlyMap<number, WavFormat['encoding']> = new Map([
  [1, 'PCM'],
  [6, 'PCMA'],
  [7, 'PCMU'],
])
const EXTENSIBLE = 0xfffe
/** All of a sub-format's GUID but the tag that it begins with. */
const SUB_FORMAT = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71]

const CHUNK_HEADER = 8
const FORMAT_LENGTH = 16
const EXTENSIBLE_LENGTH = 40
/** Chunks looked at: a file made to keep us busy has no more than these. */
const MOST_CHUNKS = 64
/** What of a file is read at once: the headers of most files lie in it. */
const FIRST_OCTETS = 4096
/** What a recorder that knows no length writes. */
const UNKNOWN = 0xffffffff

/** Octets of the header that `wavHeader` writes. */
export const WAV_HEADER_OCTETS = 44
/** Octets of sound that a file can hold: its lengths have 32 bits. */
export const MOST_WAV_OCTETS = 0xffffffff - WAV_HEADER_OCTETS

/** Octets of a sample of all channels. */
export function octetsPerSample({ encoding, channels }: WavFormat): number {
  return encoding === 'PCM' ? 2 * channels : channels
}

/** Reads the header of `file`. Rejects with the system's error alone. */
export async function readWavHeader(file: ReadableFile): Promise<Wav | WavRefusal> {
  const first = new Uint8Array(Math.min(FIRST_OCTETS, file.size))
  await file.read(0, first)
  const walk = walkChunks(file.size)
  let step = walk.next()
  while (!step.done) step = walk.next(await octetsOf(file, first, step.value))
  return step.value
}

async function octetsOf(file: ReadableFile, first: Uint8Array, { at, length }: Span): Promise<Uint8Array> {
  if (at + length <= first.length) return first.subarray(at, at + length)
  const octets = new Uint8Array(length)
  return octets.subarray(0, await file.read(at, octets))
}

/** The header of a file of which `octets` is all. */
export function parseWavHeader(octets: Uint8Array): Wav | WavRefusal {
  const walk = walkChunks(octets.length)
  let step = walk.next()
  while (!step.done) step = walk.next(octets.subarray(step.value.at, step.value.at + step.value.length))
  return step.value
}

/** Asks for one part of the file after another, until it knows. What is asked for may come short at the file's end. */
function* walkChunks(fileOctets: number): Generator<Span, Wav | WavRefusal, Uint8Array> {
  const riff = yield { at: 0, length: 12 }
  if (letters(riff, 0) !== 'RIFF' || letters(riff, 8) !== 'WAVE') return refused('NOT_WAV', 'is no WAV file')
  let format: WavFormat | null = null
  let data: Span | null = null
  let at = 12
  for (let count = 0; count < MOST_CHUNKS && at + CHUNK_HEADER <= fileOctets && !(format && data); count++) {
    const chunk = yield { at, length: CHUNK_HEADER + EXTENSIBLE_LENGTH }
    const length = uint32(chunk, 4)
    if (letters(chunk, 0) === 'fmt ' && format === null) {
      const read = readFormat(chunk.subarray(CHUNK_HEADER, CHUNK_HEADER + length))
      if ('code' in read) return read
      format = read
    } else if (letters(chunk, 0) === 'data' && data === null) {
      data = soundIn(at + CHUNK_HEADER, length, CHUNK_HEADER + uint32(riff, 4), fileOctets)
    }
    at += CHUNK_HEADER + length + (length % 2)
  }
  if (format === null) return refused('NO_FORMAT', 'says nowhere what its sound is')
  if (data === null) return refused('NO_DATA', 'has no sound in it')
  return { kind: 'wav', ...format, dataAt: data.at, length: Math.floor(data.length / octetsPerSample(format)) }
}

/**
 * What of a data chunk is there. A length of 0 or all ones was left by a recorder that was never closed: then all that
 * follows is sound, unless the RIFF chunk, which is as old, knows of something behind it.
 */
function soundIn(at: number, claimed: number, riffEnd: number, fileOctets: number): Span {
  const present = fileOctets - at
  const isOpen = claimed === UNKNOWN || (claimed === 0 && riffEnd <= at)
  return { at, length: isOpen ? present : Math.min(claimed, present) }
}

function readFormat(body: Uint8Array): WavFormat | WavRefusal {
  if (body.length < FORMAT_LENGTH) return refused('NO_FORMAT', 'has a format that is cut off')
  const encoding = ENCODINGS.get(formatTag(body))
  const [channels, sampleRate, bits] = [uint16(body, 2), uint32(body, 4), uint16(body, 14)]
  if (encoding === undefined || bits !== (encoding === 'PCM' ? 16 : 8)) {
    return refused('ENCODING', `has format ${uint16(body, 0)} with ${bits} bits: convert it to 16 bit PCM`)
  }
  if (channels !== 1 && channels !== 2) return refused('CHANNELS', `has ${channels} channels: convert it to mono`)
  if (!RATES.includes(sampleRate)) {
    return refused('RATE', `has ${sampleRate} samples a second: convert it to ${RATES.join(', ')}`)
  }
  return { encoding, channels, sampleRate }
}

function formatTag(body: Uint8Array): number {
  const tag = uint16(body, 0)
  if (tag !== EXTENSIBLE) return tag
  const isOfTag = SUB_FORMAT.every((octet, i) => body[26 + i] === octet)
  return isOfTag ? uint16(body, 24) : EXTENSIBLE
}

/**
 * The header of a file of 16 bit PCM that holds `dataOctets` of sound (at most `MOST_WAV_OCTETS`): what stands before the
 * sound when a recording begins, and is written anew when more of it is known.
 */
export function wavHeader(sampleRate: number, channels: 1 | 2, dataOctets: number): Uint8Array {
  const header = new Uint8Array(WAV_HEADER_OCTETS)
  const view = new DataView(header.buffer)
  header.set(LAYOUT)
  view.setUint32(4, WAV_HEADER_OCTETS - CHUNK_HEADER + dataOctets, true)
  view.setUint32(16, FORMAT_LENGTH, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, sampleRate, true)
  view.setUint32(28, sampleRate * 2 * channels, true)
  view.setUint16(32, 2 * channels, true)
  view.setUint16(34, 16, true)
  view.setUint32(40, dataOctets, true)
  return header
}

/** The letters of a header, and zeros where its numbers go. */
const LAYOUT = Uint8Array.from(`RIFF${'\0'.repeat(4)}WAVEfmt ${'\0'.repeat(20)}data`, (letter) => letter.charCodeAt(0))

function refused(code: WavRefusalCode, reason: string): WavRefusal {
  return { kind: 'refused', code, reason }
}

function letters(octets: Uint8Array, at: number): string {
  return String.fromCharCode(...octets.subarray(at, at + 4))
}

/** Octets that are missing are taken for 0. */
function uint16(octets: Uint8Array, at: number): number {
  return (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8)
}

function uint32(octets: Uint8Array, at: number): number {
  return uint16(octets, at) + uint16(octets, at + 2) * 0x10000
}
