import type { LegId } from '../media/engine.ts'
import type { Endpoint } from '../platform/network.ts'
import type { Session } from '../sip/dialog/session.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import type { Cause } from '../sip/message/reason.ts'
import type { EndedBy } from './callEvent.ts'
import type { CallLog } from './callLog.ts'
import type { Outcome } from './callRecord.ts'
import type { LegMedia } from './legMedia.ts'
import type { Said } from './said.ts'

/** One party of a call: its media go through the server, or straight to the other party's browser. */
export type Leg = RelayedLeg | DirectLeg

/** What is known of a party either way. */
interface PartyFacts {
  /** Its place in the call: 0 for the caller's, then in the order in which phones are rung. */
  readonly number: number
  readonly role: 'caller' | 'callee'
  /** Whose it is: a user's name, or `trunk:NAME`. */
  readonly user: string
  readonly userAgent: string | null
  /** Where its signalling came from as the leg was opened. */
  readonly signalling: Endpoint
  /** null until it is answered. */
  session: Session | null
}

/** A party whose media are those of a leg of the media engine. */
export interface RelayedLeg extends PartyFacts {
  readonly way: 'relay'
  readonly id: LegId
  readonly media: LegMedia
  /** How it presses keys: by INFO, or as events of its media (RFC 4733); null: it has pressed none. */
  keys: 'info' | 'events' | null
}

/** A party whose media the server never sees. */
export interface DirectLeg extends PartyFacts {
  readonly way: 'direct'
  /** What it said last of its media, as the other party got it; null before its answer. */
  said: Said | null
}

/** How a call ended, and why, in a sentence for people. */
export interface Ending {
  readonly by: EndedBy
  readonly outcome: Outcome
  /** The final status that the caller gets, or got. */
  readonly status: number
  readonly reason: string
  /** What the party that ended it gave as its Reason (RFC 3326). */
  readonly causes?: readonly Cause[]
  /** What the caller's refusal holds beside its status. */
  readonly headers?: readonly HeaderLine[]
}

export type CallState = 'ringing' | 'up' | 'ended'

/** A call: its parties and what state it is in. What is done with it stands in files of its own. */
export class Call {
  readonly id: string
  /** Wall clock, ms. */
  readonly startedAt: number
  /** Whose the caller's leg is: a user's name, or `trunk:NAME`. */
  readonly by: string
  /** Who calls, as people know it: the user's name, the number behind a trunk, or `anonymous`. */
  readonly from: string
  /** The caller's name, UTF-8. */
  readonly fromName: string | null
  /** Unescaped. */
  readonly dialled: string
  /** The caller does not want its number shown. */
  readonly withheld: boolean
  /** What has happened in it, for its record. */
  readonly log: CallLog
  readonly legs: Leg[] = []
  /** What it uses of what is capped by the day. */
  readonly uses = new Set<string>()
  state: CallState = 'ringing'
  answeredAt: number | null = null
  /** The user or app that answered. */
  answeredBy: string | null = null
  #legs = 0
  readonly #whenEnded: ((ending: Ending) => void)[] = []
  readonly #whenAnswered: (() => void)[] = []

  constructor(facts: {
    id: string
    startedAt: number
    by: string
    from: string
    fromName: string | null
    dialled: string
    withheld: boolean
    log: CallLog
  }) {
    this.id = facts.id
    this.startedAt = facts.startedAt
    this.by = facts.by
    this.from = facts.from
    this.fromName = facts.fromName
    this.dialled = facts.dialled
    this.withheld = facts.withheld
    this.log = facts.log
  }

  /** The legs whose media go through the server. */
  get relayed(): readonly RelayedLeg[] {
    return this.legs.filter((leg) => leg.way === 'relay')
  }

  /** The number of the next leg. */
  nextLeg(): number {
    return this.#legs++
  }

  /** Runs `run` when the call ends, however it ends: whoever holds something for the call lets go of it here. */
  onEnded(run: (ending: Ending) => void): void {
    this.#whenEnded.push(run)
  }

  /** Runs `run` when it is answered. */
  onAnswered(run: () => void): void {
    this.#whenAnswered.push(run)
  }

  answered(by: string, at: number): void {
    this.state = 'up'
    this.answeredBy = by
    this.answeredAt = at
    for (const run of this.#whenAnswered.splice(0)) run()
  }

  /** Only the call table ends calls. */
  ended(ending: Ending): void {
    this.state = 'ended'
    for (const run of this.#whenEnded.splice(0)) run(ending)
  }
}
