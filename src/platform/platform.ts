import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Names } from './names.ts'
import type { Network } from './network.ts'
import { nodeNames } from './nodeNames.ts'
import { nodeNetwork } from './nodeNetwork.ts'
import { tlsConnector } from './nodeTls.ts'
import { type Random, systemRandom } from './random.ts'
import { systemClock } from './systemClock.ts'

/** All that the server needs of the machine it runs on. A test hands in a virtual one. */
export interface Platform {
  readonly clock: Clock
  readonly network: Network
  readonly names: Names
  readonly random: Random
  readonly log: Log
}

/** What the machine is not asked for, but told. */
export interface PlatformSettings {
  /** Name servers, `address` or `address:port`; none: the system's. */
  readonly dnsServers: readonly string[]
  /** PEM: authorities that are trusted besides those that all trust; null: none. */
  readonly tlsAuthorities: string | null
}

/** The real machine. */
export function systemPlatform(
  log: Log,
  { dnsServers, tlsAuthorities }: PlatformSettings = { dnsServers: [], tlsAuthorities: null },
): Platform {
  const network = tlsAuthorities === null ? nodeNetwork : { ...nodeNetwork, connectTls: tlsConnector(tlsAuthorities) }
  return { clock: systemClock, network, names: nodeNames({ servers: dnsServers }), random: systemRandom, log }
}
