import type { Caller, RouteQuery } from '../dialplan/decision.ts'
import type { Bridge } from './bridge.ts'

/** Values that chance picks trunks by. */
const DRAWS = 2 ** 30

/** What the dial plan is asked, now. */
export function queryFor(bridge: Bridge, caller: Caller, dialled: string): RouteQuery {
  const { clock, random, usage } = bridge
  return { caller, dialled, at: clock.wall().getTime(), draw: random.integer(DRAWS) / DRAWS, usage }
}
