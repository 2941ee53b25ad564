import type { Clock } from '../platform/clock.ts'
import type { SqliteDatabase } from './database.ts'

/** A change to the database, to be committed together with others. */
export interface Write {
  /** Runs its statements. May run a second time, alone, when another write of its group failed. */
  apply(): void
  /** Called once, after the commit, with the error if this write failed. */
  done(error?: Error): void
}

/** Writes that wait for no one: all of one turn of the event loop commit in one transaction. */
export interface GroupCommit {
  add(write: Write): void
  /** Commits whatever is queued now, held or not: for the end of the process. */
  flush(): void
  /** Lets writes queue up without touching the database until `release`. */
  hold(): void
  release(): void
}

/** At most this many in a transaction, so that a long queue does not hold up the loop: 512 bindings take 3 ms. */
const GROUP = 512

/**
 * A transaction of its own costs 25 µs and more, a binding within a group 6 µs (groups of 32, 10,000 users): as many
 * REGISTERs as one turn of the loop brings share the one commit.
 */
export function groupCommit(database: SqliteDatabase, clock: Clock): GroupCommit {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rollback = database.prepare('ROLLBACK')
  let queue: Write[] = []
  let held = false
  let scheduled = false

  function commitGroup(writes: readonly Write[]): void {
    const failed = transact(writes)
    if (failed === null) {
      for (const write of writes) write.done()
    } else if (writes.length === 1 || !failed.began) {
      for (const write of writes) write.done(failed.error)
    } else {
      // One bad write must not fail its neighbours: each has its own transaction now.
      for (const write of writes) commitGroup([write])
    }
  }

  /** null: committed. Else nothing of it holds. */
  function transact(writes: readonly Write[]): { began: boolean; error: Error } | null {
    let began = false
    try {
      begin.run()
      began = true
      for (const write of writes) write.apply()
      commit.run()
      return null
    } catch (error) {
      // SQLite has rolled back by itself when the disk is full.
      if (database.inTransaction) rollback.run()
      return { began, error: error instanceof Error ? error : new Error(String(error)) }
    }
  }

  function schedule(): void {
    if (scheduled || held || queue.length === 0) return
    scheduled = true
    clock.endOfTurn(() => {
      scheduled = false
      if (held) return
      const writes = queue
      queue = writes.length > GROUP ? writes.splice(GROUP) : []
      schedule()
      commitGroup(writes)
    })
  }

  return {
    add(write) {
      queue.push(write)
      schedule()
    },
    flush() {
      const writes = queue
      queue = []
      if (writes.length > 0) commitGroup(writes)
    },
    hold() {
      held = true
    },
    release() {
      held = false
      schedule()
    },
  }
}
