import type { Repertoire } from '../sdp/repertoire.ts'
import type { TrunkSettings } from './trunk.ts'

/** What a trunk's legs speak: `base` is what any phone's leg can do where nobody has set its codecs. */
export function trunkRepertoire(
  { codecs, dtmf, ptime }: Pick<TrunkSettings, 'codecs' | 'dtmf' | 'ptime'>,
  base: Repertoire,
): Repertoire {
  const only = codecs?.map((name) => name.toLowerCase()) ?? null
  return { made: base.made, only, preferred: null, events: dtmf === 'events', ptime }
}
