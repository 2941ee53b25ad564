import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LiveLateness } from '../../src/api/live.ts'
import { coreTimes, cpuTime, onCore } from './cpu.ts'
import type { LoadMessage, LoadOptions, LoadResult } from './loadProcess.ts'
import { type Slip, slipBetween } from './slip.ts'

/** What one subject took for one load. */
export interface Measured {
  /** CPU time of all its threads, user and system, ms. */
  readonly cpu: number
  /** Wall time of the measurement, ms. */
  readonly wall: number
  /** CPU in the second before, while nothing was asked of it: share of a core. */
  readonly idle: number
  /** By number, how busy each core of the machine was with all that ran, %. */
  readonly cores: readonly number[]
  readonly load: LoadResult
  /** How late it made sound meanwhile, where it is an Offhook and was asked. */
  readonly slip?: Slip | null
}

/** The programs in load/. */
export type LoadName = 'register' | 'calls' | 'relay' | 'transcode' | 'webrtc' | 'setup' | 'storm'

/** Runs load `name` in a process of its own against process `pid`, and asks `late` before and after, if given. */
export async function measure(
  pid: number,
  name: LoadName,
  options: LoadOptions,
  late?: () => Promise<LiveLateness | null>,
): Promise<Measured> {
  let before: LiveLateness | null = null
  const begun = async () => {
    before = (await late?.()) ?? null
  }
  const measured = await runLoad(pid, name, options, begun)
  return late ? { ...measured, slip: slipBetween(before, await late()) } : measured
}

function runLoad(pid: number, name: LoadName, options: LoadOptions, begun: () => Promise<void>): Promise<Measured> {
  const file = fileURLToPath(new URL(`../load/${name}.ts`, import.meta.url))
  const [command = '', ...args] = [...onCore(1), process.execPath, ...process.execArgv, file, JSON.stringify(options)]
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const limit = setTimeout(() => child.kill('SIGKILL'), (options.seconds + 60) * 1000)
  let rest = { cpu: 0, at: 0, cores: coreTimes() }
  let begin = rest
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      clearTimeout(limit)
      reject(new Error(`the load ${name} ended with ${code} before it was done`))
    })
    child.on('message', (message: LoadMessage) => {
      try {
        const now = { cpu: cpuTime(pid), at: performance.now(), cores: coreTimes() }
        if (message.type === 'rest') rest = now
        else if (message.type === 'begin') {
          begin = now
          begun().catch(reject)
        } else {
          const idle = (begin.cpu - rest.cpu) / (begin.at - rest.at)
          const cores = shares(begin.cores, now.cores)
          resolve({ cpu: now.cpu - begin.cpu, wall: now.at - begin.at, idle, cores, load: message.result })
        }
      } catch (cause) {
        reject(new Error(`what was measured ended under the load ${name}`, { cause }))
      }
    })
  })
}

type CoreTimes = ReturnType<typeof coreTimes>

function shares(from: CoreTimes, to: CoreTimes): number[] {
  return to.map(({ busy, total }, core) => {
    const before = from[core] ?? { busy: 0, total: 0 }
    return Math.round((100 * (busy - before.busy)) / Math.max(1, total - before.total))
  })
}
