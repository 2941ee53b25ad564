import type { LegId, LegStats, MediaEngine } from '../media/engine.ts'
import { hostPort } from '../platform/address.ts'
import type { Clock } from '../platform/clock.ts'
import { hexToken, type Random } from '../platform/random.ts'
import { Call, type DirectLeg, type Ending, type Leg, type RelayedLeg } from './call.ts'
import type { CallEvent } from './callEvent.ts'
import { CallLog } from './callLog.ts'
import type { CallRecordStore, LegRecord } from './callRecord.ts'
import { reasonFor } from './causes.ts'
import type { Said } from './said.ts'

/** The calls that are up: begins them, ends them, and writes down how they went. */
export class CallTable {
  readonly #clock: Clock
  readonly #random: Random
  readonly #engine: MediaEngine
  readonly #records: CallRecordStore
  readonly #calls = new Map<string, Call>()
  readonly #byLeg = new Map<LegId, Call>()
  #total = 0

  constructor(clock: Clock, random: Random, engine: MediaEngine, records: CallRecordStore) {
    this.#clock = clock
    this.#random = random
    this.#engine = engine
    this.#records = records
  }

  /** Calls since the start. */
  get total(): number {
    return this.#total
  }

  get size(): number {
    return this.#calls.size
  }

  all(): readonly Call[] {
    return [...this.#calls.values()]
  }

  find(id: string): Call | null {
    return this.#calls.get(id) ?? null
  }

  /** The call that a leg of the media engine belongs to; null if it is over. */
  ofLeg(leg: LegId): Call | null {
    return this.#byLeg.get(leg) ?? null
  }

  begin(facts: { by: string; from: string; fromName: string | null; dialled: string; withheld: boolean }): Call {
    const call = new Call({
      id: hexToken(this.#random, 6),
      startedAt: this.#clock.wall().getTime(),
      by: facts.by,
      from: facts.from,
      fromName: facts.fromName,
      dialled: facts.dialled,
      withheld: facts.withheld,
      log: new CallLog(this.#clock),
    })
    this.#calls.set(call.id, call)
    this.#total++
    return call
  }

  /** Takes a leg into the call. */
  enter(call: Call, leg: Leg): void {
    call.legs.push(leg)
    if (leg.way === 'relay') this.#byLeg.set(leg.id, call)
  }

  /** Takes a leg that did not come to talk out of the call, and closes its media. */
  leave(call: Call, leg: Leg): void {
    call.legs.splice(call.legs.indexOf(leg), 1)
    if (leg.way === 'relay') this.#closeMedia(leg)
  }

  /** The media of a party will not go through us after all: gives the leg that stands for it from now on. */
  goDirect(call: Call, leg: RelayedLeg, said: Said): DirectLeg {
    const { number, role, user, userAgent, signalling, session } = leg
    const direct: DirectLeg = { way: 'direct', number, role, user, userAgent, signalling, session, said }
    call.legs.splice(call.legs.indexOf(leg), 1, direct)
    this.#closeMedia(leg)
    return direct
  }

  /** Ends a call: every party hears of it, all media is closed, and the record is written. Once; later ends change nothing. */
  end(call: Call, ending: Ending): void {
    if (call.state === 'ended') return
    this.#calls.delete(call.id)
    call.ended(ending)
    const reason = reasonFor(ending)
    for (const leg of call.legs) {
      if (leg.way === 'relay') this.#byLeg.delete(leg.id)
      leg.session?.bye(reason)
    }
    void this.#record(call, ending, [...call.log.events, ended(call, ending)])
  }

  #closeMedia({ id }: RelayedLeg): void {
    this.#byLeg.delete(id)
    void this.#engine.close(id)
  }

  async #lastStats(leg: Leg): Promise<LegStats | null> {
    return leg.way === 'relay' ? this.#engine.close(leg.id) : null
  }

  async #record(call: Call, ending: Ending, events: readonly CallEvent[]): Promise<void> {
    const endedAt = this.#clock.wall().getTime()
    const closed = await Promise.all(call.legs.map(async (leg) => ({ leg, stats: await this.#lastStats(leg) })))
    const legs = closed.filter(({ leg }) => talked(call, leg)).map(({ leg, stats }) => legRecord(leg, stats))
    this.#records.append({
      id: call.id,
      startedAt: call.startedAt,
      answeredAt: call.answeredAt,
      endedAt,
      from: call.from,
      fromName: call.fromName,
      to: call.dialled,
      answeredBy: call.answeredBy,
      outcome: ending.outcome,
      endedBy: ending.by,
      status: ending.status,
      reason: ending.reason,
      legs,
      uses: [...call.uses],
      events,
    })
  }
}

function ended({ log }: Call, { by, status, reason, causes = [] }: Ending): CallEvent {
  return { at: log.now(), type: 'ended', by, status, reason, causes }
}

// Of all the phones that rang, the record shows those that talked.
function talked(call: Call, leg: Leg): boolean {
  return leg.role === 'caller' || leg.session !== null || call.answeredAt === null
}

/** A leg as records and the admin's eyes see it; `stats`: the engine's counters, null if it has none. */
export function legRecord(leg: Leg, stats: LegStats | null): LegRecord {
  const { address, port } = leg.session?.flow.remote ?? leg.signalling
  const remote = hostPort(address, port)
  const { role, user, userAgent } = leg
  // Before its answer nothing has gone either way.
  const way = leg.way === 'direct' && leg.said !== null ? 'direct' : 'relay'
  return { role, user, remote, userAgent, way, codec: stats?.codec ?? null, stats }
}
