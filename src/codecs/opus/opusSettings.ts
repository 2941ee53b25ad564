import { clamp } from '../clamp.ts'

/**
 * What we say of ourselves in a=fmtp (RFC 7587 §7): packets of 10 ms are welcome, and what is sent twice is made use of.
 * Nothing of stereo, for we play and send mono, and nothing of the rate: any is decoded to what we want.
 */
export const OPUS_FMTP = 'minptime=10;useinbandfec=1'

/** How to encode for a peer: what its a=fmtp says it wants to receive. */
export interface OpusSettings {
  /** What it can play, Hz: no more than half of it is worth sending as sound. */
  readonly maxPlaybackRate: number
  /** Bits a second at most, on average; null: it has not said. */
  readonly maxAverageBitrate: number | null
  /** It makes use of frames sent once more, in few bits, in the packet behind. */
  readonly fec: boolean
  /** It wants no packets of silence. */
  readonly dtx: boolean
  /** It wants packets that are all of one size. */
  readonly cbr: boolean
}

/** From 6 to 510 kbit/s (RFC 7587 §7). */
const BITRATES = [6000, 510_000] as const
const PLAYBACK_RATES = [8000, 48_000] as const

/**
 * Reads the peer's a=fmtp by RFC 7587 §6.1; what it does not say, or not as it should, is as by default. Of `stereo` nothing
 * is kept: it says what the peer would like best, and mono is always right. `maxptime` and `ptime` are not for the encoder.
 */
export function opusSettings(fmtp: string | null): OpusSettings {
  const given = parametersOf(fmtp ?? '')
  const numberOf = (name: string): number | null => {
    const text = given.get(name) ?? ''
    return /^\d{1,9}$/.test(text) ? Number(text) : null
  }
  const bitrate = numberOf('maxaveragebitrate')
  return {
    maxPlaybackRate: clamp(numberOf('maxplaybackrate') ?? PLAYBACK_RATES[1], ...PLAYBACK_RATES),
    maxAverageBitrate: bitrate === null ? null : clamp(bitrate, ...BITRATES),
    fec: numberOf('useinbandfec') === 1,
    dtx: numberOf('usedtx') === 1,
    cbr: numberOf('cbr') === 1,
  }
}

function parametersOf(fmtp: string): Map<string, string> {
  const given = new Map<string, string>()
  for (const parameter of fmtp.toLowerCase().split(';')) {
    const [name = '', value = ''] = parameter.split('=', 2)
    given.set(name.trim(), value.trim())
  }
  return given
}
