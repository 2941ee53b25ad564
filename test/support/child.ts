import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { within } from './deadline.ts'

/** A program that a test started. */
export interface Child {
  readonly pid: number
  /** All it has written so far, stdout and stderr as they came. */
  readonly output: () => string
  /** Resolves with the exit code (null: ended by a signal) when it is gone and its output has been read. */
  readonly exited: Promise<number | null>
  /** Calls `run` for each line of stdout from now on. */
  onLine(run: (line: string) => void): void
  write(text: string): void
  /** Ends this process, and only this one: SIGTERM, and SIGKILL if it is still there after `grace` ms. */
  stop(grace?: number): Promise<void>
}

/** Starts `command`; rejects if it cannot be started. It is killed if this process ends before it. */
export async function startChild(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Child> {
  const child = spawn(command, args, { ...options, stdio: 'pipe' })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      process.removeListener('exit', kill)
      resolve(code)
    })
  })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => output.push(text.toString()))
  // Writing to a program that has just ended is no failure of ours: `exited` tells.
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })
  return {
    pid: await started(child, command),
    output: () => output.join(''),
    exited,
    onLine: (run) => void lines.on('line', run),
    write: (text) => void child.stdin.write(text),
    stop: (grace = 3000) => stop(child, exited, grace),
  }
}

function started(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`cannot start ${command}: ${cause.message}`)))
    child.once('spawn', () => resolve(child.pid ?? 0))
  })
}

async function stop(child: ChildProcess, exited: Promise<number | null>, grace: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return void (await exited)
  child.kill('SIGTERM')
  try {
    await within(grace, 'the end of a child process', exited)
  } catch {
    child.kill('SIGKILL')
    await exited
  }
}
