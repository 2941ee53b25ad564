import type { UserStore } from './api/userStore.ts'
import type { Bridge } from './bridge/bridge.ts'
import type { CallTable } from './bridge/callTable.ts'
import { repertoires } from './bridge/repertoire.ts'
import type { Usage } from './bridge/usage.ts'
import type { ServerOptions } from './config.ts'
import { goOn, route } from './dialplan/decide.ts'
import { nearCaps, timeLeft } from './dialplan/guard.ts'
import { type OwnHosts, otherAddresses } from './interfaces.ts'
import type { MediaEngine } from './media/engine.ts'
import type { Outside } from './outside.ts'
import { plainAddress } from './platform/address.ts'
import type { Platform } from './platform/platform.ts'
import type { Reach } from './reach.ts'
import type { Returns } from './returns.ts'
import type { UserAgent } from './sip/dialog/userAgent.ts'
import type { TransportLayer } from './sip/transport/layer.ts'

/** Parts of the server that calls are made with. */
export interface BridgeParts {
  readonly options: ServerOptions
  readonly platform: Platform
  readonly agent: UserAgent
  readonly engine: MediaEngine
  readonly transport: TransportLayer
  readonly calls: CallTable
  readonly usage: Usage
  readonly outside: Outside
  readonly hosts: OwnHosts
  readonly reach: Reach
  readonly returns: Returns
  readonly users: Pick<UserStore, 'find'>
}

/** What the parts of a call need of the rest of the server. */
export function wiredBridge(parts: BridgeParts): Bridge {
  const { platform, agent, engine, calls, usage, outside, hosts, reach, returns, users } = parts
  const { clock, random, log } = platform
  const repertoire = repertoires(engine.codecs)
  return {
    ...{ clock, random, log, agent, engine, calls, usage },
    noAnswerAfter: parts.options.noAnswer * 1000,
    route: (query) => route(query, outside.plan),
    goOn: (attempt, cause, query) => goOn(attempt, cause, query, outside.plan),
    line: (attempt, call, how) => outside.line(attempt, call, how),
    nearCaps: (attempt) => (attempt.action === 'dial' ? nearCaps(attempt, attempt.trunk, usage, outside.plan) : []),
    timeLeft: (attempt) => timeLeft(attempt, usage, outside.plan),
    isOurs: (host) => hosts.has(plainAddress(host)),
    devices: (user) => reach.devices(user),
    whenBack: (device, span) => returns.wait(device, span),
    gruu: (uri) => reach.gruu(uri),
    repertoire(party, isBrowser) {
      const trunk = trunkOf(party)
      if (trunk !== null) return outside.repertoire(trunk, repertoire(null, false))
      return repertoire(users.find(party)?.codecs ?? null, isBrowser)
    },
    keys(party) {
      const trunk = trunkOf(party)
      return trunk === null ? null : outside.keys(trunk)
    },
    needsSrtp(party) {
      const trunk = trunkOf(party)
      return trunk !== null && outside.needsSrtp(trunk)
    },
    media: (user) => users.find(user)?.media ?? 'relay',
    otherAddresses: (local) => otherAddresses(local, parts.transport.endpoints),
    displayName: (user) => users.find(user)?.displayName ?? null,
  }
}

function trunkOf(party: string): string | null {
  return party.startsWith('trunk:') ? party.slice('trunk:'.length) : null
}
