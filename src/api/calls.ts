import type { LegRecord } from '../bridge/callRecord.ts'
import { OffhookError } from '../errors.ts'
import { hostPort } from '../platform/address.ts'
import type { CallCursor, CallRow } from './callQueries.ts'
import { type Context, isoTime } from './context.ts'
import type { ActiveCall } from './live.ts'
import type { CallDetailView, CallsFilter, CallView, LegView, Pages } from './operations.ts'

const PAGE = 200

export async function* listCalls(context: Context, filter: CallsFilter): Pages<CallView> {
  const now = context.clock.wall().getTime()
  const active = activeCalls(context, filter).slice(0, filter.limit)
  yield active.map((call) => activeView(call, now))
  let left = filter.active ? 0 : filter.limit - active.length
  let after: CallCursor | null = null
  while (left > 0) {
    const rows: CallRow[] = context.calls.list(filter, Math.min(PAGE, left), after)
    if (rows.length === 0) return
    yield rows.map(endedView)
    left -= rows.length
    after = rows.at(-1) ?? null
  }
}

export async function showCall(context: Context, id: string): Promise<CallDetailView> {
  const active = (await context.live?.call(id)) ?? null
  if (active !== null) {
    return { ...activeView(active, context.clock.wall().getTime()), legs: legViews(active.legs), events: active.events }
  }
  const record = context.calls.find(id)
  if (record === null) throw noCall(id)
  return { ...endedView(record), legs: legViews(record.legs), events: record.events }
}

export async function hangUp(context: Context, id: string): Promise<void> {
  if (await context.live?.hangUp(id)) return
  const record = context.calls.find(id)
  if (record === null) throw noCall(id)
  throw new OffhookError(
    'CALL_ENDED',
    `call ${id} is over since ${isoTime(record.endedAt)}; see: offhook call show ${id}`,
  )
}

function noCall(id: string): OffhookError {
  return new OffhookError('CALL_UNKNOWN', `no call ${id}; see: offhook call list`)
}

function activeCalls(context: Context, { since, user }: CallsFilter): ActiveCall[] {
  const calls = context.live?.calls() ?? []
  return calls
    .filter((call) => (since === null || call.startedAt >= since) && (user === null || call.parties.includes(user)))
    .sort((a, b) => b.startedAt - a.startedAt)
}

function activeView(call: ActiveCall, now: number): CallView {
  return {
    id: call.id,
    state: call.state,
    from: call.from,
    fromName: call.fromName,
    to: call.to,
    answeredBy: call.answeredBy,
    startedAt: isoTime(call.startedAt),
    answeredAt: call.answeredAt === null ? null : isoTime(call.answeredAt),
    endedAt: null,
    duration: seconds(call.answeredAt, now),
    outcome: null,
    endedBy: null,
    status: null,
    reason: null,
  }
}

function endedView(call: Omit<CallRow, 'seq'>): CallView {
  return {
    id: call.id,
    state: 'ended',
    from: call.from,
    fromName: call.fromName,
    to: call.to,
    answeredBy: call.answeredBy,
    startedAt: isoTime(call.startedAt),
    answeredAt: call.answeredAt === null ? null : isoTime(call.answeredAt),
    endedAt: isoTime(call.endedAt),
    duration: seconds(call.answeredAt, call.endedAt),
    outcome: call.outcome,
    endedBy: call.endedBy,
    status: call.status,
    reason: call.reason,
  }
}

function seconds(from: number | null, to: number): number | null {
  return from === null ? null : Math.max(0, Math.round((to - from) / 1000))
}

function legViews(legs: readonly LegRecord[]): LegView[] {
  return legs.map((leg) => ({ ...leg, chain: chain(leg, legs) }))
}

/** From where the leg's packets come to where the other leg's go; the echo test sends them back. `direct`: not through us. */
function chain(leg: LegRecord, legs: readonly LegRecord[]): string | null {
  if (leg.way === 'direct') return 'direct'
  const from = stage(leg)
  if (from === null) return null
  const other = legs.find((candidate) => candidate !== leg && hears(candidate, leg))
  return other === undefined ? from : `${from} → ${stage(other) ?? other.user}`
}

/** Of several that were rung only the one that answered has media. */
function hears(candidate: LegRecord, leg: LegRecord): boolean {
  const facing = leg.role === 'caller' ? candidate.role !== 'caller' : candidate.role === 'caller'
  return facing && (candidate.role === 'app' || candidate.stats !== null)
}

/** A leg as a stage of the media's way, as in `rtp 10.0.0.5:4000 PCMU`; null: it has no media. */
function stage({ stats, codec }: LegRecord): string | null {
  if (stats === null || stats.remote === null) return null
  const spoken = codec ?? stats.codec
  const name = spoken === null ? '' : ` ${spoken.split('/')[0]?.toUpperCase()}`
  // Records of former versions say nothing of it: all was plain RTP.
  return `${stats.transport ?? 'rtp'} ${hostPort(stats.remote.address, stats.remote.port)}${name}`
}
