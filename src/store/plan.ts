import { FieldProblem, type Kind, readFields } from '../api/plan/kind.ts'
import { kinds } from '../api/plan/kinds.ts'
import { type Entries, type KindName, kindNames, type PhoneNetwork } from '../api/plan/network.ts'
import type { PlanStore } from '../api/plan/planStore.ts'
import { OffhookError } from '../errors.ts'
import type { SqliteDatabase } from './database.ts'

interface Row {
  readonly name: string
  readonly position: number
  readonly value: string
}

/** The phone network in the table `plan_entries` of `file`, which errors name. */
export function plan(database: SqliteDatabase, file: string): PlanStore {
  const statements = prepare(database)
  let known: PhoneNetwork | null = null
  const load = (): PhoneNetwork => {
    known ??= {
      trunks: entriesOf('trunks'),
      schedules: entriesOf('schedules'),
      groups: entriesOf('groups'),
      numbers: entriesOf('numbers'),
      callers: entriesOf('callers'),
      routes: entriesOf('routes'),
      limits: entriesOf('limits'),
      forwards: entriesOf('forwards'),
      expectations: entriesOf('expectations'),
    }
    return known
  }
  const entriesOf = <K extends KindName>(name: K): readonly Entries[K][] =>
    statements.list.all(name).map((row) => fromRow<Entries[K]>(kinds[name], row, file))
  return {
    load,
    save(next) {
      const before = load()
      for (const name of kindNames)
        if (next[name] !== before[name]) saveKind(statements, name, before[name], next[name])
      known = next
    },
    forget() {
      known = null
    },
  }
}

/** Writes what is not as it was, and new positions only to entries whose order changed. */
function saveKind<K extends KindName>(
  statements: ReturnType<typeof prepare>,
  name: K,
  before: readonly Entries[K][],
  next: readonly Entries[K][],
): void {
  const kind: Kind<Entries[K]> = kinds[name]
  const values = new Map(before.map((entry) => [kind.key(entry), entry]))
  const positions = new Map(statements.positions.all(name).map(({ name: key, position }) => [key, position]))
  let last = 0
  for (const entry of next) {
    const key = kind.key(entry)
    const old = positions.get(key) ?? 0
    const position = old > last ? old : last + 1
    if (position !== old || values.get(key) !== entry) statements.put.run(name, key, position, JSON.stringify(entry))
    values.delete(key)
    last = position
  }
  for (const key of values.keys()) statements.remove.run(name, key)
}

function fromRow<T extends object>(kind: Kind<T>, row: Row, file: string): T {
  try {
    const value: unknown = JSON.parse(row.value)
    const entry = readFields(kind, typeof value === 'object' && value !== null ? value : {}, null)
    if (kind.key(entry) === row.name) return entry
    throw new FieldProblem('', 'it has another name inside')
  } catch (error) {
    if (!(error instanceof FieldProblem || error instanceof SyntaxError)) throw error
    const where = error instanceof FieldProblem && error.field !== '' ? `${error.field}: ` : ''
    const problem = `${kind.word} ${row.name} in it cannot be read (${where}${error.message})`
    throw new OffhookError('DATABASE_UNREADABLE', `${file} is damaged: ${problem}; put a backup in its place`)
  }
}

function prepare(database: SqliteDatabase) {
  return {
    list: database.prepare<[string], Row>(
      'SELECT name, position, value FROM plan_entries WHERE kind = ? ORDER BY position, name',
    ),
    positions: database.prepare<[string], Pick<Row, 'name' | 'position'>>(
      'SELECT name, position FROM plan_entries WHERE kind = ?',
    ),
    put: database.prepare<[string, string, number, string]>(
      'INSERT OR REPLACE INTO plan_entries (kind, name, position, value) VALUES (?, ?, ?, ?)',
    ),
    remove: database.prepare<[string, string]>('DELETE FROM plan_entries WHERE kind = ? AND name = ?'),
  }
}
