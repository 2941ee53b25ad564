import { execFile } from 'node:child_process'
import type { Millis } from './clock.ts'

/** How a program that was run has ended. */
export interface Ended {
  /** Its exit status; null: it could not be started, or was ended by a signal. */
  readonly status: number | null
  /** The system's code if it could not be started (ENOENT, EACCES). */
  readonly problem: string | null
  /** The end of what it wrote, of both streams. */
  readonly output: string
}

/** Runs `program` with these arguments, no shell between, for `timeout` ms at most. Never rejects. */
export type RunCommand = (program: string, args: readonly string[], timeout: Millis) => Promise<Ended>

const MOST_OUTPUT = 64 * 1024
const SHOWN = 500

/** Runs it on this machine. */
export const runCommand: RunCommand = (program, args, timeout) =>
  new Promise((resolve) => {
    execFile(program, args, { timeout, maxBuffer: MOST_OUTPUT, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim().slice(-SHOWN)
      const code = error?.code
      if (error === null) resolve({ status: 0, problem: null, output })
      else if (typeof code === 'number') resolve({ status: code, problem: null, output })
      else resolve({ status: null, problem: typeof code === 'string' ? code : null, output })
    })
  })
