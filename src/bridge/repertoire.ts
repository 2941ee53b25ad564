import type { MadeCodec } from '../media/engine.ts'
import type { PayloadFormat } from '../sdp/description.ts'
import type { Repertoire } from '../sdp/repertoire.ts'

/** The lowest number that we suggest for what has none by RFC 3551 (§3: 96 to 127). */
const FIRST_SUGGESTED = 96

/**
 * What legs can do where the engine makes `codecs`: gives the repertoire for a list of `only`, as in `Repertoire`. Legs are
 * opened on the path of every call, so each list that an admin has thought of is made once, and none for those without.
 */
export function repertoires(codecs: readonly MadeCodec[]): (only: readonly string[] | null) => Repertoire {
  const made = codecs.map(suggested)
  const any: Repertoire = { made, only: null }
  const known = new Map<string, Repertoire>()
  return (only) => {
    if (only === null) return any
    const list = only.join(',')
    const found = known.get(list)
    if (found !== undefined) return found
    const repertoire = { made, only }
    known.set(list, repertoire)
    return repertoire
  }
}

function suggested({ name, clockRate, channels, fmtp }: MadeCodec, at: number): PayloadFormat {
  return { name, clockRate, channels, fmtp, payloadType: FIRST_SUGGESTED + at }
}
