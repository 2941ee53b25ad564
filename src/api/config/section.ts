import type { z } from 'zod'
import { closest } from '../../closest.ts'
import { OffhookError } from '../../errors.ts'
import type { Context } from '../context.ts'
import type { Pages, SectionCounts } from '../operations.ts'

/** One kind of thing that an admin makes, as it stands in a configuration: the file of each kind has its own. */
export interface Section {
  /** All of them, in an order that stays. Scalars are text. */
  export(context: Context, secrets: boolean): Pages<object>
  /** Begins an import. */
  reader(context: Context, how: ReadOptions): SectionReader
}

export interface ReadOptions {
  /** Whether what the file does not name is removed. */
  readonly replace: boolean
  /** What the password hashes in the file were made with; null: it names none. */
  readonly realm: string | null
}

/** The entries of one section of a file. Nothing changes until `Prepared.apply`. */
export interface SectionReader {
  /** Checks one entry, which stands at `path` in the file (`users[3]`). Throws IMPORT_INVALID. */
  take(value: unknown, path: string): void
  /** There are no more: checks what only the whole can tell, and gets ready, in steps that hold up no call. */
  prepare(): Promise<Prepared>
  /** Where an entry that it took stands; null: it took none of that kind and key. */
  placeOf?(word: string, key: string): string | null
}

export interface Prepared {
  /** Makes the change, at once, within one transaction with those of other sections. */
  apply(): SectionCounts
  /** Lets go of what was prepared, whether it was applied or not. */
  release(): void
  /** Tells a running server of the change. */
  announce(): Promise<void>
}

/** An entry as its schema has it. Throws IMPORT_INVALID naming the path and the mend; `kind` as in `a user`. */
export function readEntry<T extends z.ZodRawShape>(
  schema: z.ZodObject<T>,
  value: unknown,
  path: string,
  kind: string,
): z.output<z.ZodObject<T>> {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const inside = (issue?.path ?? []).map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  if (issue?.code !== 'unrecognized_keys') throw invalid(`${path}${inside}`, issue?.message ?? 'it cannot be read')
  const [key = ''] = issue.keys
  const meant = closest(key, Object.keys(schema.shape))
  const known = Object.keys(schema.shape).join(', ')
  const mend = meant === null ? `take ${known}` : `did you mean ${meant}?`
  throw invalid(`${path}${inside}.${key}`, `nothing that ${kind} has; ${mend}`)
}

/** Runs `check`; what it refuses, it refuses naming the path. */
export function at<T>(path: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    throw error instanceof OffhookError ? invalid(path, error.message) : error
  }
}

export function invalid(path: string, problem: string): OffhookError {
  return new OffhookError('IMPORT_INVALID', `${path}: ${problem}`)
}
