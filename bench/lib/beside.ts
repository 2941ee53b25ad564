import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LoadOptions } from './loadProcess.ts'
import type { Setup } from './newcomers.ts'

/**
 * Starts load/newcomers.ts beside this process, on its core but behind it: what its handshakes take must not keep packets
 * waiting here, or they would be late by our own doing. Resolves when it is warm, with those that have called since.
 */
export async function newcomersBeside(options: LoadOptions): Promise<Setup[]> {
  const setups: Setup[] = []
  if ((options.newcomers?.rate ?? 0) === 0) return setups
  const file = fileURLToPath(new URL('../load/newcomers.ts', import.meta.url))
  const program = [process.execPath, ...process.execArgv, file, JSON.stringify(options)]
  const child = spawn('nice', ['-n', '15', ...program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  // Without them nothing would be measured: it ends this process.
  child.once('exit', (code) => {
    throw new Error(`those who were to call ended with ${code}`)
  })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.on('message', (message: Setup | 'warm') => {
      if (message === 'warm') resolve()
      else setups.push(message)
    })
  })
  return setups
}
