import type { Migration } from './migration.ts'

/** What happened in a call, for `call explain`. */
export const callEvents: Migration = {
  name: '003-call-events',
  sql: `
    ALTER TABLE calls ADD COLUMN events TEXT NOT NULL DEFAULT '[]';   -- JSON
  `,
}
