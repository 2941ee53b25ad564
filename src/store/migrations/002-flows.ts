import type { Migration } from './migration.ts'

/** The way to a phone: its Path, the instance that it is, and which of its flows a binding is. */
export const flows: Migration = {
  name: '002-flows',
  sql: `
    ALTER TABLE bindings ADD COLUMN instance TEXT;
    ALTER TABLE bindings ADD COLUMN reg_id INTEGER;
    ALTER TABLE bindings ADD COLUMN gruu_epoch TEXT;
    ALTER TABLE bindings ADD COLUMN path TEXT;           -- JSON; null: there is none
    UPDATE bindings SET instance = substr(key, 1, instr(key, '#') - 1) WHERE key LIKE 'urn:%#%';
  `,
}
