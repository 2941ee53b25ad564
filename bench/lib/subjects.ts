import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startChild } from '../../test/support/child.ts'
import { within } from '../../test/support/deadline.ts'
import { type Offhook, startOffhook } from '../../test/support/offhook.ts'
import { moveFirstThread, onCore } from './cpu.ts'
import { type LoadOptions, user } from './loadProcess.ts'
import { type LoadName, type Measured, measure } from './measure.ts'
import { watchSlip } from './slip.ts'

type Load = Omit<LoadOptions, 'server' | 'relays'>

/** Puts `load` on a freshly started Offhook with `users` users. */
export function measureOffhook(name: LoadName, users: number, load: Load): Promise<Measured> {
  return withOffhook(users, ({ pid, sip }) => measure(pid, name, { ...load, server: sip.udp }))
}

/**
 * The same, and how late it made sound meanwhile. `apart`: the thread that signals shares the core of the load, so that the media
 * thread has the other one but for what else the server has (the threads of V8, and of SQLite's checkpoints).
 */
export function measureSound(name: LoadName, users: number, load: Load, apart: boolean): Promise<Measured> {
  return withOffhook(users, async ({ pid, sip }, directory) => {
    if (apart) moveFirstThread(pid, 1)
    const slip = await watchSlip(directory)
    return measure(pid, name, { ...load, server: sip.udp }, slip.now).finally(slip.close)
  })
}

/** Runs `run` with a freshly started Offhook that has `users` users, told where it lives, and ends it. */
export function withOffhook<T>(
  users: number,
  run: (server: Offhook, directory: string) => Promise<T>,
  args: readonly string[] = [],
): Promise<T> {
  return inDirectory(async (directory) => {
    const options = { under: onCore(0), args: ['--log-level', 'warn', ...args] }
    const server = await startOffhook(join(directory, 'data'), options)
    try {
      const csv = join(directory, 'users.csv')
      const rows = Array.from({ length: users }, (_, n) => `${user(n).user},${user(n).password}`)
      writeFileSync(csv, ['user,password', ...rows, ''].join('\n'))
      await server.cli('user', 'import', csv)
      return await run(server, directory)
    } catch (error) {
      console.error(server.log().slice(-4000))
      throw error
    } finally {
      await server.stop()
    }
  })
}

/** Puts `load` on the bare floor of that name: what no server can undercut. */
export async function measureFloor(
  name: LoadName,
  argumentsIn: (directory: string) => readonly string[],
  load: Load,
): Promise<Measured> {
  return inDirectory(async (directory) => {
    const file = fileURLToPath(new URL(`../floor/${name}.ts`, import.meta.url))
    const program = [process.execPath, ...process.execArgv, file, ...argumentsIn(directory)]
    const [command = '', ...args] = [...onCore(0), ...program]
    const floor = await startChild(command, args)
    try {
      const started = new Promise<string>((resolve, reject) => {
        floor.onLine(resolve)
        void floor.exited.then(() => reject(new Error(`floor/${name}.ts ended:\n${floor.output()}`)))
      })
      const { port = 0, relays }: { port?: number } & Pick<LoadOptions, 'relays'> = JSON.parse(
        await within(20_000, `floor/${name}.ts to start`, started),
      )
      return await measure(floor.pid, name, { ...load, server: port, relays })
    } finally {
      await floor.stop()
    }
  })
}

/** Runs `run` with a directory that is removed afterwards. */
export async function inDirectory<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'offhook-bench-'))
  try {
    return await run(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
