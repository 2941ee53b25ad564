import { parentPort, workerData } from 'node:worker_threads'
import { openSqlite } from './sqlite.ts'

/** What the thread answers to each `checkpoint`. Pages in the WAL, and how many of them are in the database by now. */
export interface CheckpointReport {
  readonly pages: number
  readonly moved: number
  /** null: it went well. */
  readonly error: string | null
}

export type CheckpointCommand = 'checkpoint' | 'close'

const database = openSqlite(String(workerData))
// The connection that checkpoints decides what is synced: NORMAL is the WAL before, the database after.
database.pragma('synchronous = NORMAL')
database.pragma('wal_autocheckpoint = 0')
const passive = database.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(PASSIVE)')

parentPort?.on('message', (command: CheckpointCommand) => {
  if (command === 'checkpoint') return parentPort?.postMessage(checkpoint())
  database.close()
  parentPort?.close()
})

/** PASSIVE takes no lock that a reader or a writer would have to wait for. */
function checkpoint(): CheckpointReport {
  try {
    const report = passive.get()
    return { pages: report?.log ?? 0, moved: report?.checkpointed ?? 0, error: null }
  } catch (error) {
    return { pages: 0, moved: 0, error: String(error) }
  }
}
