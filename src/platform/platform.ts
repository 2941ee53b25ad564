import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Network } from './network.ts'
import { nodeNetwork } from './nodeNetwork.ts'
import { type Random, systemRandom } from './random.ts'
import { systemClock } from './systemClock.ts'

/** All that the server needs of the machine it runs on. A test hands in a virtual one. */
export interface Platform {
  readonly clock: Clock
  readonly network: Network
  readonly random: Random
  readonly log: Log
}

/** The real machine. */
export function systemPlatform(log: Log): Platform {
  return { clock: systemClock, network: nodeNetwork, random: systemRandom, log }
}
