import Database from 'better-sqlite3'
import type { Millis } from '../platform/clock.ts'

export type SqliteDatabase = Database.Database

/**
 * Everything that better-sqlite3 has made in this thread. Before its version 13 (which does not run on Node 20), Node 24.19
 * and later abort the whole process when a database or statement is garbage collected while no JavaScript runs
 * (`RemoveEnvironmentCleanupHook … env != nullptr`). So none ever is: ours are few, and live as long as the process.
 */
const kept: object[] = []

/** Opens a SQLite file. `timeout`: how long a statement waits for another connection's lock, ms. Throws SQLite's error. */
export function openSqlite(file: string, { timeout = 5_000 }: { readonly timeout?: Millis } = {}): SqliteDatabase {
  const database = new Database(file, { timeout })
  kept.push(database)
  const prepare = database.prepare.bind(database)
  return Object.assign(database, {
    prepare(source: string) {
      const statement = prepare(source)
      kept.push(statement)
      return statement
    },
    // Its own would make a statement at each call and leave it to the collector.
    pragma(source: string, { simple = false } = {}): unknown {
      const statement = database.prepare<[], unknown>(`PRAGMA ${source}`)
      if (!statement.reader) return statement.run() && []
      return simple ? statement.pluck().get() : statement.all()
    },
  })
}
