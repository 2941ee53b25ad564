import type { Command } from 'commander'
import type { ConfigEntry, Pages } from '../api/operations.ts'
import { csvRows, inFile } from './csv.ts'
import { wantsJson } from './options.ts'
import { withOperations } from './reach.ts'
import type { Terminal } from './terminal.ts'
import { json } from './text.ts'

interface Mapping {
  readonly number: string
  readonly map: readonly { readonly caller: string; readonly to: string }[]
  /** null: there is none. */
  readonly file: string | null
}

const columns = ['caller', 'to'] as const

/** Adds callers of a number and changes those that are there, all or none. */
export async function importCallers(mapping: Mapping, command: Command, terminal: Terminal): Promise<void> {
  const how = { sections: ['callers'] as const, replace: false, realm: null }
  const shown = mapping.file === '-' ? 'stdin' : mapping.file
  const imported = await withOperations(command, terminal, async (operations) => {
    const { number } = await operations.entry('numbers', mapping.number)
    return operations
      .importConfig(how, entries({ ...mapping, number }, terminal))
      .catch((error) => Promise.reject(shown === null ? error : inFile(shown, error)))
  })
  if (wantsJson(command)) return terminal.out(json(imported))
  const [{ added, changed, unchanged } = { added: 0, changed: 0, unchanged: 0 }] = imported
  terminal.out(`${added} callers added, ${changed} changed, ${unchanged} as they were\n`)
}

async function* entries({ number, map, file }: Mapping, terminal: Terminal): Pages<ConfigEntry> {
  const entry = (path: string, caller: string, to: string): ConfigEntry => ({
    section: 'callers',
    path,
    value: { number, caller, to },
  })
  if (map.length > 0) yield map.map(({ caller, to }) => entry(`--map ${caller}=${to}`, caller, to))
  if (file === null) return
  for await (const page of csvRows(file, columns, columns, terminal)) {
    yield page.map(({ record, line }) => entry(`line ${line}`, record.caller ?? '', record.to ?? ''))
  }
}
