import type { Expression } from './expression.ts'
import type { CompiledHours } from './hours.ts'
import type { Numbering } from './numbering.ts'
import type { ForwardEntry, GroupEntry, NumberEntry, PlanSource, PlanSurroundings, RouteEntry } from './plan.ts'
import type { RuleIndex } from './ruleIndex.ts'
import type { CompiledSchedule } from './schedule.ts'

/** A plan that was found sound, ready to be asked on every call. */
export interface CompiledPlan {
  readonly source: PlanSource
  readonly surroundings: PlanSurroundings
  readonly numbering: Numbering
  /** In the order in which they are tried. */
  readonly rules: readonly Rule[]
  readonly index: RuleIndex
  readonly rulesByName: ReadonlyMap<string, Rule>
  readonly groups: ReadonlyMap<string, Group>
  readonly numbers: ReadonlyMap<string, OwnNumber>
  readonly forwards: ReadonlyMap<string, ForwardEntry>
  /** By subject: `user:101`, `trunk:NAME`, `any`. */
  readonly limits: ReadonlyMap<string, Limit>
}

/** A rule, compiled. */
export interface Rule {
  readonly entry: RouteEntry
  /** In the order of rules, from 0. */
  readonly place: number
  readonly match: Expression
  readonly from: From
  readonly caller: Expression | null
  readonly when: When | null
  /** Whether a destination of it is outside: a trunk, a number, a SIP address. */
  readonly goesOut: boolean
  /** Whether a trunk is among its destinations, so that it must be known what is dialled. */
  readonly dials: boolean
  /** Whether it only refuses calls: then it is asked of guessed numbers as well. */
  readonly refuses: boolean
}

export type From =
  | { readonly kind: 'any' }
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'group'; readonly group: string; readonly members: ReadonlySet<string> }
  | { readonly kind: 'trunk'; readonly trunk: string }

/** While the schedule is open, or while it is closed. */
export interface When {
  readonly name: string
  readonly schedule: CompiledSchedule
  readonly open: boolean
}

export interface Group {
  readonly entry: GroupEntry
}

/** A number of ours. */
export interface OwnNumber {
  readonly entry: NumberEntry
  readonly schedule: CompiledSchedule | null
  /** Where callers go who have a destination of their own, by their number. */
  readonly callers: ReadonlyMap<string, string>
}

export interface Limit {
  readonly calls: number | null
  readonly callsPerDay: number | null
  readonly minutesPerDay: number | null
  readonly night: CompiledHours | null
  /** As it was written. */
  readonly nightText: string | null
}
