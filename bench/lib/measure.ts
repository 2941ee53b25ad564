import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LiveLateness } from '../../src/api/live.ts'
import { cpuTime, onCore } from './cpu.ts'
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
  readonly load: LoadResult
  /** How late it made sound meanwhile, where it is an Offhook and was asked. */
  readonly slip?: Slip | null
}

/** The programs in load/. */
export type LoadName = 'register' | 'calls' | 'relay' | 'transcode' | 'storm'

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
  let rest = { cpu: 0, at: 0 }
  let begin = rest
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      clearTimeout(limit)
      reject(new Error(`the load ${name} ended with ${code} before it was done`))
    })
    child.on('message', (message: LoadMessage) => {
      try {
        const now = { cpu: cpuTime(pid), at: performance.now() }
        if (message.type === 'rest') rest = now
        else if (message.type === 'begin') {
          begin = now
          begun().catch(reject)
        } else {
          const idle = (begin.cpu - rest.cpu) / (begin.at - rest.at)
          resolve({ cpu: now.cpu - begin.cpu, wall: now.at - begin.at, idle, load: message.result })
        }
      } catch (cause) {
        reject(new Error(`what was measured ended under the load ${name}`, { cause }))
      }
    })
  })
}
