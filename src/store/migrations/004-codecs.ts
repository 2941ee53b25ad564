import type { Migration } from './migration.ts'

/** The codecs that alone are spoken with a user's phones. */
export const codecs: Migration = {
  name: '004-codecs',
  sql: `
    ALTER TABLE users ADD COLUMN codecs TEXT;            -- comma-separated, the preferred first; null: any
  `,
}
