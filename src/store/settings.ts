import type { SqliteDatabase } from './database.ts'

/** What the server must remember about itself: text under a key. */
export interface Settings {
  get(key: SettingKey): string | null
  set(key: SettingKey, value: string): void
}

export type SettingKey =
  /** The realm of every HA1 that is stored: fixed when the database is made. */
  | 'realm'
  /** What GRUUs are made with: hex. */
  | 'gruu-secret'
  /** The country that the last server read numbers with, for commands that run without one. */
  | 'country'
  /** When the first server started on this database, ISO 8601. */
  | 'first-start'

export function settings(database: SqliteDatabase): Settings {
  const select = database.prepare<[string], string>('SELECT value FROM settings WHERE key = ?').pluck()
  const replace = database.prepare<[string, string]>('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)')
  return {
    get: (key) => select.get(key) ?? null,
    set(key, value) {
      replace.run(key, value)
    },
  }
}
