import type { CallQueries, CallRow } from '../api/callQueries.ts'
import type { CallRecord, CallRecordStore, DayUsage, LegRecord } from '../bridge/callRecord.ts'
import type { Log } from '../platform/log.ts'
import type { SqliteDatabase } from './database.ts'
import type { GroupCommit } from './groupCommit.ts'

const columns = `id, started_at AS startedAt, answered_at AS answeredAt, ended_at AS endedAt, from_user AS "from",
  from_name AS fromName, dialled AS "to", answered_by AS answeredBy, outcome, ended_by AS endedBy, status, reason`

interface Page {
  readonly since: number
  readonly user: string | null
  readonly limit: number
  readonly startedAt: number
  readonly seq: number
}

interface StoredRecord extends Omit<CallRecord, 'legs' | 'uses' | 'events'> {
  readonly legs: string
  readonly events: string
}

/** Calls that have ended. A record that could not be written is logged: nobody waits for it. */
export function callRecords(database: SqliteDatabase, group: GroupCommit, log: Log): CallRecordStore & CallQueries {
  const insert = database.prepare(`
    INSERT INTO calls (id, started_at, answered_at, ended_at, from_user, from_name, dialled, answered_by, outcome,
      ended_by, status, reason, legs, events)
    VALUES (@id, @startedAt, @answeredAt, @endedAt, @from, @fromName, @to, @answeredBy, @outcome,
      @endedBy, @status, @reason, @legs, @events)`)
  const insertUse = database.prepare('INSERT INTO call_uses (started_at, call, subject, minutes) VALUES (?, ?, ?, ?)')
  const uses = database.prepare<[number], DayUsage>(
    'SELECT subject, count(*) AS calls, sum(minutes) AS minutes FROM call_uses WHERE started_at >= ? GROUP BY subject',
  )
  const usesOf = database
    .prepare<[string], string>('SELECT subject FROM call_uses JOIN calls ON seq = call WHERE id = ? ORDER BY subject')
    .pluck()
  const insertParty = database.prepare('INSERT INTO call_parties (party, started_at, call) VALUES (?, ?, ?)')
  const find = database.prepare<[string], StoredRecord>(`SELECT ${columns}, legs, events FROM calls WHERE id = ?`)
  const latest = database.prepare<[Page], CallRow>(`
    SELECT ${columns}, seq FROM calls
    WHERE started_at >= @since AND (started_at, seq) < (@startedAt, @seq)
    ORDER BY started_at DESC, seq DESC LIMIT @limit`)
  const latestOf = database.prepare<[Page], CallRow>(`
    SELECT ${columns.replace('started_at', 'calls.started_at')}, seq FROM call_parties JOIN calls ON seq = call
    WHERE party = @user AND call_parties.started_at >= @since
      AND (call_parties.started_at, call) < (@startedAt, @seq)
    ORDER BY call_parties.started_at DESC, call DESC LIMIT @limit`)

  function apply(record: CallRecord): void {
    const { lastInsertRowid } = insert.run({
      ...record,
      legs: JSON.stringify(record.legs),
      events: JSON.stringify(record.events),
    })
    for (const subject of record.uses) insertUse.run(record.startedAt, lastInsertRowid, subject, minutesOf(record))
    for (const party of parties(record)) insertParty.run(party, record.startedAt, lastInsertRowid)
  }

  return {
    append(record) {
      group.add({
        apply: () => apply(record),
        done(error) {
          if (error) log.error({ call: record.id, cause: error.message }, 'a call record could not be written')
        },
      })
    },
    usedSince: (since) => uses.all(since),
    list({ since, user }, limit, after) {
      const { startedAt, seq } = after ?? { startedAt: Number.MAX_SAFE_INTEGER, seq: 0 }
      const page = { since: since ?? 0, user, limit, startedAt, seq }
      return user === null ? latest.all(page) : latestOf.all(page)
    },
    find(id) {
      const stored = find.get(id)
      if (stored === undefined) return null
      return { ...stored, legs: legsIn(stored.legs), uses: usesOf.all(id), events: JSON.parse(stored.events) }
    },
  }
}

function minutesOf({ answeredAt, endedAt }: CallRecord): number {
  return answeredAt === null ? 0 : Math.ceil((endedAt - answeredAt) / 60_000)
}

/** Older records lack what was not known then: the peers' reports, and the way of media that always was the same. */
function legsIn(text: string): LegRecord[] {
  const legs: LegRecord[] = JSON.parse(text)
  const relayed = { way: 'relay' } as const
  const unknown = { peer: null, roundTrip: null, mos: { heard: null, told: null }, playout: null }
  return legs.map((leg) => ({ ...relayed, ...leg, stats: leg.stats && { ...unknown, ...leg.stats } }))
}

/** Each once: who called, what was dialled, who was rung. */
function parties(record: CallRecord): Set<string> {
  const answered = record.answeredBy === null ? [] : [record.answeredBy]
  return new Set([record.from, record.to, ...answered, ...record.legs.map((leg) => leg.user)])
}
