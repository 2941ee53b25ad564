import type { Command } from 'commander'
import type { ImportRow, Pages } from '../api/operations.ts'
import { type CsvRow, csvRows, inFile } from './csv.ts'
import { wantsJson } from './options.ts'
import { withOperations } from './reach.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { json } from './text.ts'

const columns = ['user', 'password', 'name', 'caller-id', 'allow', 'digest', 'codecs', 'media'] as const
type UserColumn = (typeof columns)[number]

/** `offhook user import FILE` */
export async function importUsers(file: string, command: Command, terminal: Terminal): Promise<void> {
  const shown = file === '-' ? 'stdin' : file
  const imported = await withOperations(
    command,
    terminal,
    (operations) => operations.importUsers(rows(file, terminal)).catch((error) => Promise.reject(inFile(shown, error))),
    'makes',
  )
  if (wantsJson(command)) return terminal.out(json(imported))
  terminal.out(`${imported.imported} users imported\n`)
  if (imported.passwords.length === 0) return
  terminal.out('\nMade for those without a password, and not shown again:\n\n')
  const made = imported.passwords.map(({ user, password }) => [user, password])
  terminal.out(table([{ heading: 'USER' }, { heading: 'PASSWORD' }], made, null))
}

async function* rows(file: string, terminal: Terminal): Pages<ImportRow> {
  for await (const page of csvRows(file, columns, ['user'], terminal)) yield page.map(importRow)
}

function importRow({ record, line }: CsvRow<UserColumn>): ImportRow {
  return {
    line,
    user: record.user ?? '',
    password: record.password || null,
    name: record.name || null,
    callerId: record['caller-id'] || null,
    allow: items(record.allow),
    digest: items(record.digest),
    codecs: items(record.codecs),
    media: record.media || null,
  }
}

/** null: nothing is said. Commas are the file's own unless quoted: blanks and semicolons part items as well. */
function items(text: string | undefined): string[] | null {
  if (!text) return null
  return text === 'none' ? [] : text.split(/[\s,;]+/)
}
