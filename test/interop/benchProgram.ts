import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

/** null where the bench says that no round counts: which is the machine's doing. */
export function tooLate(error: unknown): null {
  if (error instanceof Error && /no round of \w+ counts/.test(error.message)) return null
  throw error
}

/** What the bench says with these arguments. */
export async function bench(...args: string[]) {
  const env = { ...process.env, TS_NODE_TRANSPILE_ONLY: '1' }
  const program = ['--import', '@tapjs/typescript/import', main, ...args, '--json']
  const { stdout } = await run(process.execPath, program, { timeout: 90_000, env })
  return JSON.parse(stdout)
}
