import type { MadeCodec } from '../media/engine.ts'
import type { PayloadFormat } from '../sdp/description.ts'
import type { Repertoire } from '../sdp/repertoire.ts'

/** The lowest number that we suggest for what has none by RFC 3551 (§3: 96 to 127). */
const FIRST_SUGGESTED = 96

/** What a browser speaks best (RFC 7874 §3): it hides what a home's network loses. */
const BROWSERS_CODEC = 'opus'

/** Gives what a leg can do, for the admin's list of codecs (`only` of `Repertoire`) and whether its phone is a browser. */
export type Repertoires = (only: readonly string[] | null, isBrowser: boolean) => Repertoire

/**
 * What legs can do where the engine makes `codecs`. Legs are opened on the path of every call, so each list that an admin has
 * thought of is made once, and none for those without.
 */
export function repertoires(codecs: readonly MadeCodec[]): Repertoires {
  const made = codecs.map(suggested)
  const anyPhone: Repertoire = { made, only: null, preferred: null }
  const anyBrowser: Repertoire = { made, only: null, preferred: BROWSERS_CODEC }
  const known = new Map<string, Repertoire>()
  return (only, isBrowser) => {
    if (only === null) return isBrowser ? anyBrowser : anyPhone
    const list = only.join(',')
    const found = known.get(list)
    if (found !== undefined) return found
    const repertoire = { made, only, preferred: null }
    known.set(list, repertoire)
    return repertoire
  }
}

function suggested({ name, clockRate, channels, fmtp }: MadeCodec, at: number): PayloadFormat {
  return { name, clockRate, channels, fmtp, payloadType: FIRST_SUGGESTED + at }
}
