import type { LegStats } from '../media/engine.ts'
import type { CallEvent, EndedBy } from './callEvent.ts'

export type Outcome =
  | 'answered'
  | 'busy'
  | 'rejected'
  | 'no-answer'
  | 'cancelled'
  | 'offline'
  | 'not-found'
  | 'failed'
  /** A guard of the dial plan forbade it; `reason` says which. */
  | 'denied'

/** Which way media go: through the server, or from one browser to the other. */
export type MediaWay = 'relay' | 'direct'

/** One call, from INVITE to end: who, when, how long, how it ended and why. Times are wall-clock ms since 1970. */
export interface CallRecord {
  readonly id: string
  readonly startedAt: number
  readonly answeredAt: number | null
  readonly endedAt: number
  /** The authenticated user that called; of a call from a trunk the caller's number, or `anonymous`. */
  readonly from: string
  readonly fromName: string | null
  /** What was dialled, unescaped. */
  readonly to: string
  /** The user or app that answered. */
  readonly answeredBy: string | null
  readonly outcome: Outcome
  readonly endedBy: EndedBy
  /** The final SIP status the caller got; 200 for an answered call, 503 where it could not be reached any more. */
  readonly status: number
  /** One sentence for people. */
  readonly reason: string
  readonly legs: readonly LegRecord[]
  /** What it used of what is capped by the day, as `user:101` and `trunk:twilio`; of a call within the house nothing. */
  readonly uses: readonly string[]
  /** What happened, in order; none in records of before events were kept. */
  readonly events: readonly CallEvent[]
}

export interface LegRecord {
  readonly role: 'caller' | 'callee' | 'app'
  readonly user: string
  /** Where its signalling came from last, as 10.0.0.7:5060. */
  readonly remote: string | null
  readonly userAgent: string | null
  readonly way: MediaWay
  /** null where the server has heard nothing, as of media that go directly. */
  readonly codec: string | null
  readonly stats: LegStats | null
}

/** What somebody has used of a day. */
export interface DayUsage {
  /** As in `user:101`. */
  readonly subject: string
  readonly calls: number
  /** Begun ones count whole. */
  readonly minutes: number
}

/** Where call records go. */
export interface CallRecordStore {
  /** Queued and committed with the next group; never on the call's path. */
  append(record: CallRecord): void
  /** What was used by calls that began at `since` (wall clock, ms) or later, and have ended. */
  usedSince(since: number): readonly DayUsage[]
}
