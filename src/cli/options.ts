import type { Command } from 'commander'
import { type DataDirectory, dataDirectory, defaultDataPath } from '../store/dataDirectory.ts'
import type { Terminal } from './terminal.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly data?: string
  readonly json?: boolean
}

export function chosenDirectory(command: Command, terminal: Terminal): DataDirectory {
  const { data } = command.optsWithGlobals<GlobalOptions>()
  return dataDirectory(data ?? defaultDataPath(terminal.env))
}

export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals<GlobalOptions>().json === true
}
