import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { closest } from '../closest.ts'
import { OffhookError } from '../errors.ts'
import { systemCode } from '../platform/systemError.ts'
import type { Terminal } from './terminal.ts'

/** Rows passed on together. */
const PAGE = 200

/** A row of a CSV file by the names of its columns; `line`: where it stands, from 1. */
export interface CsvRow<Column extends string> {
  readonly record: Readonly<Partial<Record<Column, string>>>
  readonly line: number
}

/**
 * Reads a CSV file whose first line names its columns, as much as is asked for: a large file is never in memory as a whole.
 * `file`: - is stdin. Throws IMPORT_INVALID naming the line.
 */
export async function* csvRows<Column extends string>(
  file: string,
  columns: readonly Column[],
  needed: readonly Column[],
  terminal: Terminal,
): AsyncGenerator<readonly CsvRow<Column>[]> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) => columnNames(header, columns, needed),
    info: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: 4096,
  })
  const source: Readable = file === '-' ? Readable.from(terminal.input) : createReadStream(file)
  const input = source.on('error', (error) => parser.destroy(error))
  const records: AsyncIterable<{ record: CsvRow<Column>['record']; info: { lines: number } }> = input.pipe(parser)
  let page: CsvRow<Column>[] = []
  let found = false
  for await (const { record, info } of records) {
    found = true
    page.push({ record, line: info.lines })
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (!found)
    throw invalid(1, `there is no ${needed[0]} in it; name the columns first, then a ${needed[0]} on each line`)
  yield page
}

/** Whatever is wrong with a file, said with the file's name and the line. */
export function inFile(file: string, error: unknown): unknown {
  if (error instanceof OffhookError) {
    return error.code === 'IMPORT_INVALID' ? new OffhookError(error.code, `${file} ${error.message}`) : error
  }
  if (error instanceof CsvError) {
    return new OffhookError('IMPORT_INVALID', `${file} line ${Number(error.lines) || 1}: ${csvProblem(error)}`)
  }
  const code = systemCode(error)
  return code === null ? error : new OffhookError('IMPORT_INVALID', `cannot read ${file} (${code})`)
}

/** The first line: `Caller-ID`, `caller_id` and `callerId` all name the same column. */
function columnNames<Column extends string>(
  header: readonly string[],
  columns: readonly Column[],
  needed: readonly Column[],
): Column[] {
  const names = header.map((heading) => {
    const known = columns.find((column) => bare(column) === bare(heading))
    if (known !== undefined) return known
    const meant = closest(heading, columns)
    throw invalid(
      1,
      `no column ${heading} is known; ${meant ? `did you mean ${meant}?` : `take ${columns.join(', ')}`}`,
    )
  })
  for (const column of needed) {
    if (!names.includes(column))
      throw invalid(1, `there is no column ${column}; name the columns, as in ${columns.join(',')}`)
  }
  return names
}

function bare(heading: string): string {
  return heading.toLowerCase().replace(/[^a-z]/g, '')
}

function invalid(line: number, problem: string): OffhookError {
  return new OffhookError('IMPORT_INVALID', `line ${line}: ${problem}`)
}

function csvProblem(error: CsvError): string {
  if (error.code === 'CSV_RECORD_INCONSISTENT_COLUMNS') return 'it has not as many columns as the first line'
  if (error.code === 'CSV_MAX_RECORD_SIZE') return 'it is longer than 4096 characters'
  return `${error.message.replace(/ (on|at) line .*/, '')}; quotes stand around a whole field, and are doubled inside`
}
