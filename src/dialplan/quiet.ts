import type { Usage } from './decision.ts'

/** No call is up, and none was: what expectations are tried with. */
export const QUIET: Usage = {
  callsUp: () => 0,
  callsToday: () => 0,
  minutesToday: () => 0,
  idleSince: () => 0,
}
