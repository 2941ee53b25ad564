import type { Binding, BindingChange, BindingStore } from '../sip/registrar/bindingStore.ts'
import type { SqliteDatabase } from './database.ts'
import type { GroupCommit } from './groupCommit.ts'

interface BindingRow {
  readonly user: string
  readonly key: string
  readonly contact: string
  readonly contact_params: string
  readonly q: number
  readonly call_id: string
  readonly c_seq: number
  readonly expires_at: number
  readonly registered_at: number
  readonly user_agent: string | null
  readonly domain: string
  readonly protocol: Binding['protocol']
  readonly source_address: string
  readonly source_port: number
  readonly local_address: string
  readonly local_port: number
  readonly instance: string | null
  readonly reg_id: number | null
  readonly gruu_epoch: string | null
  readonly path: string | null
}

/** Columns in the order in which `put` binds them. */
const columns: readonly (keyof BindingRow)[] = [
  'user',
  'key',
  'contact',
  'contact_params',
  'q',
  'call_id',
  'c_seq',
  'expires_at',
  'registered_at',
  'user_agent',
  'domain',
  'protocol',
  'source_address',
  'source_port',
  'local_address',
  'local_port',
  'instance',
  'reg_id',
  'gruu_epoch',
  'path',
]

/** Registrations. A change for a user that has been removed fails: its `done` gets the foreign key's error. */
export function bindings(database: SqliteDatabase, group: GroupCommit): BindingStore {
  const all = database.prepare<[], BindingRow>(`SELECT ${columns.join(', ')} FROM bindings`)
  const replace = database.prepare(
    `INSERT OR REPLACE INTO bindings (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  )
  const remove = database.prepare<[string, string]>('DELETE FROM bindings WHERE user = ? AND key = ?')

  function put(b: Binding): void {
    const call = [b.callId, b.cSeq, b.expiresAt, b.registeredAt, b.userAgent, b.domain]
    const flow = [b.protocol, b.source.address, b.source.port, b.local.address, b.local.port]
    const way = [b.instance, b.regId, b.gruuEpoch, b.path.length === 0 ? null : JSON.stringify(b.path)]
    replace.run(b.user, b.key, b.contact, b.contactParams, b.q, ...call, ...flow, ...way)
  }

  function apply(change: BindingChange): void {
    for (const key of change.removed) remove.run(change.user, key)
    for (const binding of change.put) put(binding)
  }

  return {
    load: () => all.all().map(toBinding),
    save: (change, done) => group.add({ apply: () => apply(change), done }),
  }
}

function toBinding(row: BindingRow): Binding {
  return {
    user: row.user,
    contact: row.contact,
    key: row.key,
    contactParams: row.contact_params,
    q: row.q,
    callId: row.call_id,
    cSeq: row.c_seq,
    expiresAt: row.expires_at,
    registeredAt: row.registered_at,
    userAgent: row.user_agent,
    domain: row.domain,
    protocol: row.protocol,
    source: { address: row.source_address, port: row.source_port },
    local: { address: row.local_address, port: row.local_port },
    instance: row.instance,
    regId: row.reg_id,
    gruuEpoch: row.gruu_epoch,
    path: row.path === null ? [] : pathOf(row.path),
  }
}

function pathOf(json: string): string[] {
  const path: unknown = JSON.parse(json)
  return Array.isArray(path) ? path.map(String) : []
}
