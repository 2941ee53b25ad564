import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { OffhookError } from '../errors.ts'
import type { Millis } from '../platform/clock.ts'
import { systemCode } from '../platform/systemError.ts'
import { type DataDirectory, makePrivateFile, unwritable } from './dataDirectory.ts'
import { openSqlite, type SqliteDatabase } from './sqlite.ts'

/** While it lasts, this process alone may open the database of its data directory. */
export interface Ownership {
  release(): void
}

/**
 * Makes this process the owner of `directory`, waiting up to `wait` ms for another to let go (the thread sleeps: for
 * the command line, and for a server that has not begun to serve). null: another process owns it.
 * `doing` tells people what the owner is, as in `offhook serve`.
 *
 * The lock is an exclusive transaction on a SQLite file of its own: an fcntl lock, which the kernel releases when
 * the process dies, however it dies. No other lock that Node reaches without native code of our own does that: a pid
 * file outlives its process, a bound socket leaves its file behind and cannot be told from a server too busy to accept.
 */
export function takeOwnership(directory: DataDirectory, doing: string, wait: Millis): Ownership | null {
  makePrivateFile(directory.lock)
  const lock = lockFile(directory, wait)
  if (lock === null) return null
  writeFileSync(directory.owner, JSON.stringify({ pid: process.pid, doing }), { mode: 0o600 })
  return {
    release() {
      rmSync(directory.owner, { force: true })
      lock.close()
    },
  }
}

/** As `takeOwnership`, but throws DATA_IN_USE naming the owner. */
export function requireOwnership(directory: DataDirectory, doing: string, wait: Millis): Ownership {
  const ownership = takeOwnership(directory, doing, wait)
  if (ownership !== null) return ownership
  const mend = 'stop it, or name another directory with --data'
  throw new OffhookError('DATA_IN_USE', `${directory.path} is in use by ${describeOwner(directory)}; ${mend}`)
}

/** Who owns `directory`, for a message: `process 4711 (offhook serve)`. Right only while somebody holds the lock. */
export function describeOwner(directory: DataDirectory): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(directory.owner, 'utf8'))
    if (typeof owner === 'object' && owner !== null && 'pid' in owner && 'doing' in owner) {
      return `process ${owner.pid} (${owner.doing})`
    }
  } catch {
    // The owner has just come or is just leaving: its file is not there, or half written.
  }
  return 'another process'
}

function lockFile(directory: DataDirectory, wait: Millis): SqliteDatabase | null {
  let lock: SqliteDatabase | null = null
  try {
    lock = openSqlite(directory.lock, { timeout: wait })
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock?.close()
    if (systemCode(cause) === 'SQLITE_BUSY') return null
    throw unwritable(directory.lock, cause)
  }
}
