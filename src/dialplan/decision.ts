/** Who calls: proven, never by what a stranger can write. */
export type Caller =
  | { readonly kind: 'user'; readonly user: string }
  /** `number`: what the provider says of the caller, E.164 where it can be read so, else as it came; null: withheld. */
  | { readonly kind: 'trunk'; readonly trunk: string; readonly number: string | null }

/** What is known when it must be decided where a call goes. */
export interface RouteQuery {
  readonly caller: Caller
  /** What was dialled, unescaped. */
  readonly dialled: string
  /** Wall clock, ms since 1970. */
  readonly at: number
  /** From 0 up to 1, of chance: what picks among weighted trunks. */
  readonly draw: number
  readonly usage: Usage
  /** Those whose calls of the day count this one by now, as it goes on from a trunk that failed. None if left out. */
  readonly countedToday?: readonly string[]
}

/** What has been used of what is capped. Subjects as in `limit set`: `any`, `user:101`, `trunk:NAME`, and `number:+1555…`. */
export interface Usage {
  /** Calls that are up now: of `any`, all; of a user, those to the phone network; of a trunk or number, all over or to it. */
  callsUp(subject: string): number
  /** Calls to the phone network since midnight, the server's time. */
  callsToday(subject: string): number
  minutesToday(subject: string): number
  /** When the user's last call ended, wall clock ms; now, while it talks; 0: none was seen. */
  idleSince(user: string): number
}

/** Why a destination did not take a call. */
export type Cause = 'busy' | 'no-answer' | 'offline' | 'unavailable'

/** What is to be done with a call: one thing at a time. What comes next, if it fails, `goOn` says. */
export type Attempt = {
  /** What in the plan says so, by its name: `route out`, `number +15551234567`, `users`, `emergency numbers`. */
  readonly rule: string
  /** Who had the call sent on here, first to last, as `user:101` or `number:+1555…`: for Diversion and History-Info. */
  readonly divertedBy: readonly string[]
  /** How the plan came here: opaque to all but the plan. */
  readonly trail: Trail
} & Action

export type Action =
  /** Ring all phones of these users together. `timeout`: seconds; null: the server's. */
  | { readonly action: 'ring'; readonly users: readonly string[]; readonly timeout: number | null }
  | ({ readonly action: 'dial'; readonly trunk: string; readonly timeout: number | null } & Outbound)
  /** Call a SIP address of somebody else's. */
  | { readonly action: 'sip'; readonly uri: string; readonly timeout: number | null }
  | { readonly action: 'run'; readonly app: string }
  /** `denied`: the guard that forbids it, in a few words; null: it is no matter of guards. */
  | { readonly action: 'reject'; readonly status: number; readonly reason: string; readonly denied: string | null }

/** A call to the phone network. */
export interface Outbound {
  readonly number: OutsideNumber
  /** The number to show, E.164; null: the trunk's own. */
  readonly callerId: string | null
  /** On whose account: `user:101`, `trunk:NAME` or `number:+1555…`. */
  readonly account: string
  readonly emergency: boolean
}

/** A number of the phone network. */
export interface OutsideNumber {
  /** As it was dialled, rewritten by the rule. */
  readonly raw: string
  /** With its plus; null: it has no such form (an emergency or short number), or we don't know our country. */
  readonly e164: string | null
}

/** What was tried before, so that nothing is tried twice: `dialplan/` makes and reads it. */
export interface Trail {
  /** Destinations that were tried, as text; a trunk's with the number. */
  readonly seen: readonly string[]
  /** How many attempts it were, a group that is rung in turn counted once. */
  readonly steps: number
  /** Where it goes on, the outermost first. */
  readonly at: readonly TrailStep[]
}

export interface TrailStep {
  /** `route out`, `number +1555…`, `group sales`, `forward 101`, `users`, `groups`, `emergency numbers`. */
  readonly entry: string
  /** The destination of the entry that is being tried. */
  readonly now: string
  /** Of the destinations in their order for this call, those that are left. */
  readonly left: readonly string[]
  /** What it is dialled as from here. */
  readonly outbound: Outbound | null
  /** Of a group that is rung in turn: what its earlier members said that tells most. */
  readonly heard: Cause | null
}
