import type { Migration } from './migration.ts'

/** Users, their registrations, and the calls they made. Times are wall-clock ms since 1970. */
export const firstCall: Migration = {
  name: '001-first-call',
  sql: `
    CREATE TABLE settings (
      key   TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE users (
      name         TEXT PRIMARY KEY,
      display_name TEXT,
      caller_id    TEXT,
      allow        TEXT NOT NULL,             -- comma-separated
      digest       TEXT,                      -- comma-separated, in the order of challenges
      ha1_md5      TEXT NOT NULL,
      ha1_sha256   TEXT NOT NULL,
      created_at   INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE bindings (
      user           TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
      key            TEXT NOT NULL,
      contact        TEXT NOT NULL,
      contact_params TEXT NOT NULL,
      q              INTEGER NOT NULL,
      call_id        TEXT NOT NULL,
      c_seq          INTEGER NOT NULL,
      expires_at     INTEGER NOT NULL,
      registered_at  INTEGER NOT NULL,
      user_agent     TEXT,
      domain         TEXT NOT NULL,
      protocol       TEXT NOT NULL,
      source_address TEXT NOT NULL,
      source_port    INTEGER NOT NULL,
      local_address  TEXT NOT NULL,
      local_port     INTEGER NOT NULL,
      PRIMARY KEY (user, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE calls (
      seq         INTEGER PRIMARY KEY,
      id          TEXT NOT NULL UNIQUE,
      started_at  INTEGER NOT NULL,
      answered_at INTEGER,
      ended_at    INTEGER NOT NULL,
      from_user   TEXT NOT NULL,
      from_name   TEXT,
      dialled     TEXT NOT NULL,
      answered_by TEXT,
      outcome     TEXT NOT NULL,
      ended_by    TEXT NOT NULL,
      status      INTEGER NOT NULL,
      reason      TEXT NOT NULL,
      legs        TEXT NOT NULL               -- JSON
    ) STRICT;

    CREATE INDEX calls_by_time ON calls (started_at);

    -- Whoever had a part in a call: a user's calls are found without reading everybody's.
    CREATE TABLE call_parties (
      party      TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      call       INTEGER NOT NULL REFERENCES calls (seq) ON DELETE CASCADE,
      PRIMARY KEY (party, started_at, call)
    ) STRICT, WITHOUT ROWID;
  `,
}
