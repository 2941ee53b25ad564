import { effectiveTrunk, type Preset, presets } from '../../src/trunks/presets.ts'
import type { TrunkEntry, TrunkSettings } from '../../src/trunks/trunk.ts'

/** A trunk of which an admin has said no more than what is given. */
export function entry(given: Partial<TrunkEntry> = {}): TrunkEntry {
  return {
    ...{ name: 'out', preset: 'generic', host: 'sip.example.com', port: null, servers: [], transport: null },
    ...{ username: null, password: null, register: null, allowIp: [], callerIdHeader: null, callerId: null },
    ...{ numberFormat: null, maxCalls: null, callsPerSecond: null, codecs: null, dtmf: null, ptime: null },
    ...{ sessionTimers: null, emergency: false, srtp: false },
    ...given,
  }
}

export function preset(name: string): Preset {
  const found = presets().get(name)
  if (!found) throw new Error(`no preset ${name}`)
  return found
}

export function trunk(name: string, given: Partial<TrunkEntry> = {}): TrunkSettings {
  return effectiveTrunk(entry({ preset: name, ...given }), preset(name))
}
