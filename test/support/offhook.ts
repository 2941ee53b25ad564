import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startChild } from './child.ts'
import { within } from './deadline.ts'

/** The built program's entry. */
export const offhookMain = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** For tap's `skip`: why a test of a command cannot run, or false: the program that is built does not have it yet. */
export function unlessBuilt(command: string): string | false {
  const help = execFileSync(process.execPath, [offhookMain, '--help'], { encoding: 'utf8' })
  return new RegExp(`^ +${command}\\b`, 'm').test(help) ? false : `offhook ${command} is not built yet`
}

/** A running server: the real one, as a person starts it. */
export interface Offhook {
  readonly pid: number
  readonly sip: { readonly udp: number; readonly tcp: number }
  readonly https: number
  /** Its data directory. */
  readonly data: string
  /** HOST:PORT of its SIP listener. */
  readonly address: (transport: 'udp' | 'tcp') => string
  /** Runs one command of the CLI against it and gives its stdout; rejects when the exit code is not 0. */
  cli(...args: string[]): Promise<string>
  /** What it has logged. */
  log(): string
  /** Ends it and gives its exit code; null if it had to be killed. */
  stop(): Promise<number | null>
}

export interface OffhookOptions {
  /** 127.0.0.1 unless said otherwise. */
  readonly host?: string
  readonly args?: readonly string[]
  readonly under?: readonly string[]
}

const run = promisify(execFile)

/**
 * Starts `offhook serve` on `host` with free ports and the data directory `data`; resolves once it says ready. `under`
 * is the start of a command line that runs it, such as taskset's.
 */
export async function startOffhook(
  data: string,
  { args = [], under = [], host = '127.0.0.1' }: OffhookOptions = {},
): Promise<Offhook> {
  const serve = ['serve', '--host', host, '--sip-port', '0', '--https-port', '0', '--data', data, ...args]
  const [command = '', ...rest] = [...under, process.execPath, offhookMain, ...serve]
  const child = await startChild(command, rest)
  const ready = new Promise<string>((resolve, reject) => {
    child.onLine((line) => {
      if (line.startsWith('{"ready":')) resolve(line)
    })
    void child.exited.then((code) => reject(new Error(`offhook serve ended with ${code}:\n${child.output()}`)))
  })
  const line = await within(30_000, 'the server to be ready', ready).catch(async (error: unknown) => {
    await child.stop()
    throw error
  })
  const { sip, https, pid }: Pick<Offhook, 'sip' | 'https' | 'pid'> = JSON.parse(line)
  const cli = async (...command: string[]) => {
    const { stdout } = await run(process.execPath, [offhookMain, ...command, '--data', data], { timeout: 10_000 })
    return stdout
  }
  return {
    pid,
    sip,
    https,
    data,
    cli,
    address: (transport) => `${host}:${sip[transport]}`,
    log: child.output,
    async stop() {
      await child.stop(10_000)
      return child.exited
    },
  }
}
