import type { Clock, Millis, Timer } from './clock.ts'
import { CoarseTimers } from './coarseTimers.ts'

const exact = {
  now: () => performance.now(),
  after(delay: Millis, run: () => void): Timer {
    const timeout = setTimeout(run, delay)
    timeout.unref()
    return { cancel: () => clearTimeout(timeout) }
  },
}

const coarse = new CoarseTimers(exact)

/** From this delay on, being a grain late is nothing: what SIP waits for is 200 ms and more. */
const COARSE_FROM: Millis = 200

/** The machine's clock. */
export const systemClock: Clock = {
  now: exact.now,
  wall: () => new Date(),
  after: (delay, run) => (delay < COARSE_FROM ? exact : coarse).after(delay, run),
  endOfTurn: (run) => {
    setImmediate(run)
  },
}
