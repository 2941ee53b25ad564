import type { Codec } from './codec.ts'
import { comfortNoise } from './comfortNoise.ts'
import { pcma, pcmu } from './g711.ts'
import { g722 } from './g722/g722.ts'
import { l16 } from './l16.ts'
import { opus } from './opus/opus.ts'
import { hasOpus, OPUS_RATES } from './opus/opusLibrary.ts'
import { opusSettings } from './opus/opusSettings.ts'

/** Makes a codec from the peer's a=fmtp, if there is one, and the sample rate that is wanted inside, Hz. */
type Make = (fmtp: string | null, wantedRate: number | null) => Codec

const OPUS = 'opus/48000/2'

/** By the name that SDP gives them: `name/clockRate/channels`, in lower case. */
const codecs: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['pcmu/8000/1', () => pcmu],
  ['pcma/8000/1', () => pcma],
  ['g722/8000/1', () => g722],
  [OPUS, (fmtp, wanted) => opus(wanted !== null && OPUS_RATES.includes(wanted) ? wanted : 48_000, opusSettings(fmtp))],
  ['l16/8000/1', () => l16(8000)],
  ['l16/16000/1', () => l16(16_000)],
  ['l16/48000/1', () => l16(48_000)],
  ['cn/8000/1', (_, wanted) => comfortNoise(wanted ?? 8000)],
])

/**
 * The codec of a format, named as `sdp/match.ts` names it (`opus/48000/2`), for a peer whose a=fmtp is `fmtp`. Opus and
 * comfort noise come at `wantedRate`, Hz, if they can: where they can't, and all others, the codec's spec says at which. Null:
 * we don't have it; Opus we have once `loadOpus` has found it.
 */
export function codecNamed(codec: string, fmtp: string | null = null, wantedRate?: number): Codec | null {
  return canTranscode(codec) ? (codecs.get(codec)?.(fmtp, wantedRate ?? null) ?? null) : null
}

/** Whether packets of this codec can be turned into sound here, and sound into them. */
export function canTranscode(codec: string): boolean {
  return codecs.has(codec) && (codec !== OPUS || hasOpus())
}

/** All that can be transcoded here, by name. */
export function transcodable(): string[] {
  return [...codecs.keys()].filter(canTranscode)
}
