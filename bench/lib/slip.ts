import { join } from 'node:path'
import { connectControl } from '../../src/api/controlClient.ts'
import type { LiveLateness } from '../../src/api/live.ts'
import { systemClock } from '../../src/platform/systemClock.ts'
import { dataDirectory } from '../../src/store/dataDirectory.ts'

/** How late a server made sound during a measurement, ms; both rounded up to a quarter. */
export interface Slip {
  readonly turns: number
  readonly p99: number
  readonly worst: number
  /** Turns that came more than 20 ms late: a packet later than the one behind it should be. */
  readonly over20: number
}

const OVER = 20

/** Asks the server whose data is in `directory`, over its control socket, how late it made sound so far. */
export async function watchSlip(directory: string) {
  const server = await connectControl(dataDirectory(join(directory, 'data')).controlSocket, systemClock)
  if (server === null) throw new Error('the server is gone')
  return {
    now: async (): Promise<LiveLateness | null> => (await server.status()).media?.late ?? null,
    close: () => server.close(),
  }
}

/** What came between two readings. */
export function slipBetween(from: LiveLateness | null, to: LiveLateness | null): Slip | null {
  if (from === null || to === null) return null
  const before = new Map(from.buckets.map(({ upTo, turns }) => [upTo, turns]))
  const buckets = to.buckets
    .map(({ upTo, turns }) => ({ upTo: upTo ?? to.worst, turns: turns - (before.get(upTo) ?? 0) }))
    .filter(({ turns }) => turns > 0)
  const turns = to.turns - from.turns
  const over20 = buckets.reduce((sum, bucket) => sum + (bucket.upTo > OVER ? bucket.turns : 0), 0)
  return { turns, p99: percentile(buckets, 0.99 * turns), worst: buckets.at(-1)?.upTo ?? 0, over20 }
}

function percentile(buckets: readonly { upTo: number; turns: number }[], turns: number): number {
  let sum = 0
  for (const bucket of buckets) {
    sum += bucket.turns
    if (sum >= turns) return bucket.upTo
  }
  return 0
}
