import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { CsvError, parse } from 'csv-parse'
import type { ImportRow, Pages } from '../api/operations.ts'
import { closest } from '../closest.ts'
import { OffhookError } from '../errors.ts'
import { systemCode } from '../platform/systemError.ts'
import { wantsJson } from './options.ts'
import { withOperations } from './reach.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { json } from './text.ts'

/** Rows passed on together. */
const PAGE = 200

const columns = ['user', 'password', 'name', 'caller-id', 'allow', 'digest', 'codecs', 'media'] as const
type CsvColumn = (typeof columns)[number]

interface CsvRow {
  readonly record: Readonly<Partial<Record<CsvColumn, string>>>
  readonly info: { readonly lines: number }
}

/** `offhook user import FILE` */
export async function importUsers(file: string, command: Command, terminal: Terminal): Promise<void> {
  const open = () => (file === '-' ? Readable.from(terminal.input) : createReadStream(file))
  const shown = file === '-' ? 'stdin' : file
  const imported = await withOperations(
    command,
    terminal,
    (operations) => operations.importUsers(rows(open)).catch((error) => Promise.reject(inFile(shown, error))),
    'makes',
  )
  if (wantsJson(command)) return terminal.out(json(imported))
  terminal.out(`${imported.imported} users imported\n`)
  if (imported.passwords.length === 0) return
  terminal.out('\nMade for those without a password, and not shown again:\n\n')
  const made = imported.passwords.map(({ user, password }) => [user, password])
  terminal.out(table([{ heading: 'USER' }, { heading: 'PASSWORD' }], made, null))
}

/** Reads as much as is asked for: a large file is never in memory as a whole. */
async function* rows(open: () => Readable): Pages<ImportRow> {
  const parser = parse({
    bom: true,
    columns: columnNames,
    info: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: 4096,
  })
  const input = open().on('error', (error) => parser.destroy(error))
  const records: AsyncIterable<CsvRow> = input.pipe(parser)
  let page: ImportRow[] = []
  let found = false
  for await (const row of records) {
    found = true
    page.push(importRow(row))
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (!found) throw invalid(1, 'there is no user in it; name the columns first, then a user on each line')
  yield page
}

function importRow({ record, info }: CsvRow): ImportRow {
  return {
    line: info.lines,
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

/** The first line: `Caller-ID`, `caller_id` and `callerId` all name the same column. */
function columnNames(header: readonly string[]): CsvColumn[] {
  const names = header.map((heading) => {
    const known = columns.find((column) => bare(column) === bare(heading))
    if (known !== undefined) return known
    const meant = closest(heading, columns)
    throw invalid(
      1,
      `no column ${heading} is known; ${meant ? `did you mean ${meant}?` : `take ${columns.join(', ')}`}`,
    )
  })
  if (!names.includes('user')) throw invalid(1, `there is no column user; name the columns, as in ${columns.join(',')}`)
  return names
}

function bare(heading: string): string {
  return heading.toLowerCase().replace(/[^a-z]/g, '')
}

function invalid(line: number, problem: string): OffhookError {
  return new OffhookError('IMPORT_INVALID', `line ${line}: ${problem}`)
}

/** Whatever is wrong with a file, said with the file's name and the line. */
function inFile(file: string, error: unknown): unknown {
  if (error instanceof OffhookError) {
    return error.code === 'IMPORT_INVALID' ? new OffhookError(error.code, `${file} ${error.message}`) : error
  }
  if (error instanceof CsvError) {
    return new OffhookError('IMPORT_INVALID', `${file} line ${Number(error.lines) || 1}: ${csvProblem(error)}`)
  }
  const code = systemCode(error)
  return code === null ? error : new OffhookError('IMPORT_INVALID', `cannot read ${file} (${code})`)
}

function csvProblem(error: CsvError): string {
  if (error.code === 'CSV_RECORD_INCONSISTENT_COLUMNS') return 'it has not as many columns as the first line'
  if (error.code === 'CSV_MAX_RECORD_SIZE') return 'it is longer than 4096 characters'
  return `${error.message.replace(/ (on|at) line .*/, '')}; quotes stand around a whole field, and are doubled inside`
}
