import type { Migration } from './migration.ts'

/** What each call into the phone network used of what is capped by the day. */
export const callUses: Migration = {
  name: '007-call-uses',
  sql: `
    CREATE TABLE call_uses (
      started_at INTEGER NOT NULL,
      call       INTEGER NOT NULL REFERENCES calls (seq) ON DELETE CASCADE,
      subject    TEXT NOT NULL,               -- user:101, trunk:twilio, number:+15551234567
      minutes    INTEGER NOT NULL,            -- begun
      PRIMARY KEY (started_at, call, subject)
    ) STRICT, WITHOUT ROWID;
  `,
}
