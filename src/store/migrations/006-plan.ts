import type { Migration } from './migration.ts'

/** The phone network: trunks, numbers, rules and all else that calls go by. */
export const plan: Migration = {
  name: '006-plan',
  sql: `
    CREATE TABLE plan_entries (
      kind     TEXT NOT NULL,
      name     TEXT NOT NULL,
      position INTEGER NOT NULL,             -- their order within the kind; gaps mean nothing
      value    TEXT NOT NULL,                -- JSON; a trunk's password is in it
      PRIMARY KEY (kind, name)
    ) STRICT, WITHOUT ROWID;
  `,
}
