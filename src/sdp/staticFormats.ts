import type { CodecFormat } from './description.ts'
import { codecOf } from './match.ts'

/** The audio payload types that RFC 3551 §6 assigns for good: name, clock rate in Hz, channels. */
const assigned: readonly (readonly [payloadType: number, name: string, clockRate: number, channels: number])[] = [
  [0, 'PCMU', 8000, 1],
  [3, 'GSM', 8000, 1],
  [4, 'G723', 8000, 1],
  [5, 'DVI4', 8000, 1],
  [6, 'DVI4', 16_000, 1],
  [7, 'LPC', 8000, 1],
  [8, 'PCMA', 8000, 1],
  [9, 'G722', 8000, 1], // sampled at 16 kHz; the clock is a historical mistake that stays, §4.5.2
  [10, 'L16', 44_100, 2],
  [11, 'L16', 44_100, 1],
  [12, 'QCELP', 8000, 1],
  [13, 'CN', 8000, 1],
  [14, 'MPA', 90_000, 1],
  [15, 'G728', 8000, 1],
  [16, 'DVI4', 11_025, 1],
  [17, 'DVI4', 22_050, 1],
  [18, 'G729', 8000, 1],
]

const formats = new Map<number, CodecFormat>(
  assigned.map(([payloadType, name, clockRate, channels]) => [payloadType, { name, clockRate, channels, fmtp: null }]),
)
const payloadTypes = new Map<string, number>(
  [...formats].map(([payloadType, format]) => [codecOf(format), payloadType]),
)

/** What a payload type means without any a=rtpmap; null if nothing. */
export function staticFormat(payloadType: number): CodecFormat | null {
  return formats.get(payloadType) ?? null
}

/** The payload type that a codec (as `codecOf` names it) has by RFC 3551; null if none. */
export function staticPayloadType(codec: string): number | null {
  return payloadTypes.get(codec) ?? null
}
