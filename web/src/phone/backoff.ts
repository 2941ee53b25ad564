const FIRST = 1000
const MOST = 30_000

/**
 * How long to wait before the next attempt to connect, in ms: doubling from 1 s to 30 s, each between a half and the
 * whole of that, so that a thousand pages do not come back in the same instant. `attempt` counts from 0; `chance` is in
 * [0, 1).
 */
export function backoff(attempt: number, chance: number): number {
  const most = Math.min(MOST, FIRST * 2 ** Math.min(attempt, 10))
  return Math.round(most / 2 + (most / 2) * chance)
}
