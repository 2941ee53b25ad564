import { join } from 'node:path'
import { startOffhook } from '../test/support/offhook.ts'
import { cpuTime, onCore } from './lib/cpu.ts'
import { residentMemory } from './lib/memory.ts'
import { median } from './lib/percentiles.ts'
import { inDirectory } from './lib/subjects.ts'

/** How long a server that has just started is left to settle, and then watched, ms. */
const SETTLE = 2000
const IDLE = 5000

interface Started {
  /** From the command to the line that says ready, ms. */
  readonly ready: number
  /** Resident memory when nothing happens, MB. */
  readonly memory: number
  /** CPU of all threads while nothing happens, % of a core. */
  readonly idle: number
}

/** Starts the server `runs` times, each on a data directory that is there already, and watches it do nothing. */
export async function benchStart(runs: number): Promise<{ report: object; text: string }> {
  return inDirectory(async (directory) => {
    const data = join(directory, 'data')
    // The first start makes the database and two users.
    const first = await start(data)
    const later: Started[] = []
    while (later.length < runs) later.push(await start(data))
    const of = (name: keyof Started) => median(later.map((started) => started[name]))
    const offhook = { firstReady: Math.round(first.ready), ready: of('ready'), memory: of('memory'), idle: of('idle') }
    const { firstReady, ready, memory, idle } = offhook
    return {
      report: { runs, units: { ready: 'ms', memory: 'MB', idle: '% of a core' }, offhook },
      text: `ready after ${ready} ms (${firstReady} ms the first time), idle at ${memory} MB and ${idle} % of a core; medians of ${runs} runs`,
    }
  })
}

async function start(data: string): Promise<Started> {
  const begin = performance.now()
  const server = await startOffhook(data, { under: onCore(0) })
  const ready = performance.now() - begin
  try {
    await pause(SETTLE)
    const [cpuBefore, from] = [cpuTime(server.pid), performance.now()]
    await pause(IDLE)
    const idle = ((cpuTime(server.pid) - cpuBefore) / (performance.now() - from)) * 100
    return { ready, memory: residentMemory(server.pid), idle }
  } finally {
    await server.stop()
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
