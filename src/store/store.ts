import type { CallQueries } from '../api/callQueries.ts'
import type { PlanStore } from '../api/plan/planStore.ts'
import type { CallRecordStore } from '../bridge/callRecord.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { hexToken, type Random } from '../platform/random.ts'
import type { BindingStore } from '../sip/registrar/bindingStore.ts'
import { bindings } from './bindings.ts'
import { callRecords } from './callRecords.ts'
import { checkpointer } from './checkpointer.ts'
import { openDatabase } from './database.ts'
import { groupCommit } from './groupCommit.ts'
import { plan } from './plan.ts'
import { type Settings, settings } from './settings.ts'
import { SqliteUsers } from './users.ts'

/** All that lives in the database. */
export interface Store {
  readonly users: SqliteUsers
  readonly bindings: BindingStore
  readonly callRecords: CallRecordStore & CallQueries
  readonly plan: PlanStore
  readonly settings: Settings
  /** What every stored HA1 was made with, as in `offhook-3f9a1c52`. */
  readonly realm: string
  /** Another realm, for HA1s that were all made with it elsewhere. */
  setRealm(realm: string): void
  /** Runs `change` in one transaction and gives what it gives: if it throws, nothing of it holds. */
  atomically<T>(change: () => T): T
  /** What GRUUs are made with, 32 octets that are the same in each start. */
  readonly gruuSecret: Uint8Array
  /** Commits what is queued and closes the file. */
  close(): Promise<void>
}

/**
 * Opens the store in `file`. The caller owns its data directory (`ownership.ts`). `checkpoints` on a `thread` for a
 * server, where an fsync must not hold up a call; `inline` for a command that is gone in a moment.
 */
export function openStore(options: {
  file: string
  clock: Clock
  random: Random
  log: Log
  checkpoints: 'thread' | 'inline'
}): Store {
  const { file, clock, random, log } = options
  const database = openDatabase(file)
  const group = groupCommit(database, clock)
  const thread = options.checkpoints === 'thread' ? checkpointer({ file, database, group, clock, log }) : null
  const kept = settings(database)
  const users = new SqliteUsers(database, clock)
  const network = plan(database, file)
  return {
    users,
    plan: network,
    bindings: bindings(database, group),
    callRecords: callRecords(database, group, log),
    settings: kept,
    realm: keptRealm(kept, random),
    setRealm: (realm) => kept.set('realm', realm),
    atomically(change) {
      try {
        return database.transaction(change)()
      } catch (error) {
        // What was read within the transaction is not so.
        network.forget()
        users.forget()
        throw error
      }
    },
    gruuSecret: keptSecret(kept, random),
    async close() {
      group.flush()
      await thread?.close()
      database.close()
    },
  }
}

/**
 * RFC 3261 §22.1 wants realms globally unique. Ours says nothing about the host, so it can stay when the host's name
 * or address changes: with another realm every stored HA1 would be worthless.
 */
function keptRealm(kept: Settings, random: Random): string {
  const realm = kept.get('realm')
  if (realm !== null) return realm
  const made = `offhook-${hexToken(random, 4)}`
  kept.set('realm', made)
  return made
}

function keptSecret(kept: Settings, random: Random): Uint8Array {
  const secret = kept.get('gruu-secret') ?? hexToken(random, 32)
  if (kept.get('gruu-secret') === null) kept.set('gruu-secret', secret)
  return Buffer.from(secret, 'hex')
}
