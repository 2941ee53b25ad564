import type { MadeCodec } from '../media/engine.ts'
import type { PayloadFormat } from '../sdp/description.ts'
import type { Repertoire } from '../sdp/repertoire.ts'

/** The lowest number that we suggest for what has none by RFC 3551 (§3: 96 to 127). */
const FIRST_SUGGESTED = 96

/** What every leg can do where the engine makes `codecs`. `only`: as in `Repertoire`. */
export function repertoireOf(codecs: readonly MadeCodec[], only: readonly string[] | null = null): Repertoire {
  const made = codecs.map((codec, at): PayloadFormat => {
    const { name, clockRate, channels, fmtp } = codec
    return { name, clockRate, channels, fmtp, payloadType: FIRST_SUGGESTED + at }
  })
  return { made, only }
}
