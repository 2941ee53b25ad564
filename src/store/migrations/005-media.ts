import type { Migration } from './migration.ts'

/** Whether the media of a user's browsers may go directly to another's. */
export const media: Migration = {
  name: '005-media',
  sql: `
    ALTER TABLE users ADD COLUMN media TEXT NOT NULL DEFAULT 'relay';   -- relay or direct
  `,
}
