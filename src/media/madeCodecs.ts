import type { Codec } from '../codecs/codec.ts'
import { canTranscode, codecNamed } from '../codecs/codecs.ts'
import { OPUS_FMTP } from '../codecs/opus/opusSettings.ts'
import type { MadeCodec } from './engine.ts'

/** The keys of RFC 4733 §3.2, without the hook flash. */
const KEYS = '0-15'
/** Comfort noise is for the pauses, and linear samples take more octets than a packet has. */
const NO_VOICES = /^(cn|l16)\//

const opus: MadeCodec = { name: 'opus', clockRate: 48_000, channels: 2, fmtp: OPUS_FMTP }

const always: readonly MadeCodec[] = [
  { name: 'G722', clockRate: 8000, channels: 1, fmtp: null },
  { name: 'PCMA', clockRate: 8000, channels: 1, fmtp: null },
  { name: 'PCMU', clockRate: 8000, channels: 1, fmtp: null },
  { name: 'CN', clockRate: 8000, channels: 1, fmtp: null },
  { name: 'telephone-event', clockRate: 8000, channels: 1, fmtp: KEYS },
]

const opusKeys: MadeCodec = { name: 'telephone-event', clockRate: 48_000, channels: 1, fmtp: KEYS }

/** What the engine turns into each other here, the best sounding first: Opus among them if it was loaded. */
export function madeCodecs(): readonly MadeCodec[] {
  return canTranscode('opus/48000/2') ? [opus, ...always, opusKeys] : always
}

/** As `codecNamed`, of those in which a leg is spoken to. */
export function voiceNamed(codec: string, fmtp: string | null = null, wantedRate?: number): Codec | null {
  return NO_VOICES.test(codec) ? null : codecNamed(codec, fmtp, wantedRate)
}
