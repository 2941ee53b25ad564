import type { CallRecord } from '../bridge/callRecord.ts'

/** Which of the calls that have ended. Times are wall-clock ms since 1970. */
export interface CallFilter {
  /** Started at this time or later; null: however long ago. */
  readonly since: number | null
  /** Who had a part in it: called, was called, or answered; null: anybody. */
  readonly user: string | null
}

/** Where a page of calls ended: the next one goes on after it. */
export interface CallCursor {
  readonly startedAt: number
  readonly seq: number
}

/** A record without its legs and events, with its place in the list. */
export interface CallRow extends Omit<CallRecord, 'legs' | 'events'> {
  readonly seq: number
}

/** What an admin asks of past calls. */
export interface CallQueries {
  /** The latest first, at most `limit`, beginning after `after`. */
  list(filter: CallFilter, limit: number, after: CallCursor | null): CallRow[]
  find(id: string): CallRecord | null
}
