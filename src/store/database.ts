import { OffhookError } from '../errors.ts'
import type { Millis } from '../platform/clock.ts'
import { systemCode } from '../platform/systemError.ts'
import { makePrivateFile, unwritable } from './dataDirectory.ts'
import { migrations } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import { openSqlite, type SqliteDatabase } from './sqlite.ts'

export type { SqliteDatabase }

/** Marks a file as ours: "OHOK" in SQLite's application id. */
const APPLICATION_ID = 0x4f484f4b

/** How long a statement waits for another connection's lock before it fails. */
const BUSY_TIMEOUT: Millis = 2_000

/**
 * Opens the database in `file` (made with mode 0600 if missing; `:memory:` for tests) and brings its schema up to date.
 * Throws DATABASE_NEWER, DATABASE_UNREADABLE or DATA_UNWRITABLE.
 *
 * synchronous=NORMAL: in WAL mode a commit is handed to the kernel and not waited for on the disk. That survives any
 * death of the process, kill -9 included, which is what we promise. FULL would add one fsync to each group commit, on
 * the signalling thread: on a fast virtual disk 0.45 ms a commit instead of 0.18 and a third more CPU (8,000 bindings a
 * second), on slow ones 5–20 ms of standstill for every turn of the loop. What a power cut can take is bounded by the
 * checkpointer instead, which syncs on a thread of its own every second; the file stays consistent either way.
 */
export function openDatabase(file: string, steps: readonly Migration[] = migrations): SqliteDatabase {
  if (file !== ':memory:') makePrivateFile(file)
  let database: SqliteDatabase | null = null
  try {
    database = openSqlite(file, { timeout: BUSY_TIMEOUT })
    migrate(database, file, steps)
    return database
  } catch (error) {
    database?.close()
    throw error instanceof OffhookError ? error : openingFailed(file, error)
  }
}

/** WAL checkpoints are somebody else's from now on: no commit of this connection makes one. */
export function leaveCheckpoints(database: SqliteDatabase): void {
  database.pragma('wal_autocheckpoint = 0')
}

/** Undoes `leaveCheckpoints`: a commit that finds 1000 pages in the WAL checkpoints them. */
export function makeCheckpoints(database: SqliteDatabase): void {
  database.pragma('wal_autocheckpoint = 1000')
}

function migrate(database: SqliteDatabase, file: string, steps: readonly Migration[]): void {
  const found = Number(database.pragma('user_version', { simple: true }))
  if (!isOurs(database)) throw notOurs(file)
  if (found > steps.length) {
    const versions = `its schema is ${found}, this one knows up to ${steps.length}`
    const mend = 'upgrade Offhook, or name another directory with --data'
    throw new OffhookError('DATABASE_NEWER', `${file} was written by a newer Offhook (${versions}); ${mend}`)
  }
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  database.pragma('foreign_keys = ON')
  for (const [index, step] of steps.entries()) {
    if (index >= found) apply(database, step, index + 1)
  }
}

/** An empty file becomes ours with the first migration. */
function isOurs(database: SqliteDatabase): boolean {
  const empty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  return empty || database.pragma('application_id', { simple: true }) === APPLICATION_ID
}

function apply(database: SqliteDatabase, step: Migration, version: number): void {
  database.transaction(() => {
    database.exec(step.sql)
    database.pragma(`application_id = ${APPLICATION_ID}`)
    database.pragma(`user_version = ${version}`)
  })()
}

function notOurs(file: string): OffhookError {
  return new OffhookError(
    'DATABASE_UNREADABLE',
    `${file} is not an Offhook database; name another directory with --data`,
  )
}

function openingFailed(file: string, cause: unknown): unknown {
  const code = systemCode(cause)
  if (code === 'SQLITE_NOTADB') return notOurs(file)
  if (code?.startsWith('SQLITE_CORRUPT')) {
    return new OffhookError('DATABASE_UNREADABLE', `${file} is damaged; put a backup in its place`, { cause })
  }
  return code?.startsWith('SQLITE_') ? unwritable(file, cause) : cause
}
