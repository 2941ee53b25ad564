import type { RouteQuery } from '../../dialplan/decision.ts'
import type { ExpectationEntry } from '../../dialplan/plan.ts'
import type { TrunkEntry } from '../../trunks/trunk.ts'
import type { PhoneNetwork } from './network.ts'

/** The dial plan's own code, as an admin's changes need it. Its answers depend on the users that there are at that moment. */
export interface Planning {
  /** What is written, as E.164 with its plus, read with the server's country; null: it is no number of the phone network. */
  e164(written: string): string | null
  /** The server's local time, as in `2026-12-25T10:00`, in wall clock ms; null: it is no time. */
  localTime(text: string): number | null
  /** Whether the network can be as it is. */
  compile(network: PhoneNetwork): Planned | { readonly problems: readonly PlanProblem[] }
  /** What is odd in a network that can be. Pauses every few milliseconds, so that calls go on meanwhile. */
  check(network: PhoneNetwork): Generator<undefined, readonly Finding[]>
  /** What is wrong with a trunk by itself or with its preset, in words; null: nothing. */
  trunkProblem(trunk: TrunkEntry): string | null
  /** The host of a preset's provider where nobody names another; null: there is none. */
  usualHost(preset: string): string | null
}

/** A network that can be. */
export interface Planned {
  /** Expectations that it does not keep. `at`: wall clock ms. */
  broken(expectations: readonly ExpectationEntry[], at: number): readonly BrokenExpectation[]
  explain(query: RouteQuery): Explained
}

export interface PlanProblem {
  /** As in `route`; with `name`, what is wrong. */
  readonly kind: string
  readonly name: string
  /** One plain sentence with the mend. */
  readonly message: string
}

export interface BrokenExpectation {
  readonly expectation: ExpectationEntry
  /** Where the call goes instead, as in `reject 403: no rule allows it`. */
  readonly got: string
}

export interface Finding {
  readonly severity: 'error' | 'warning' | 'note'
  /** As in `route out`. */
  readonly about: string
  readonly message: string
}

/** Why a call goes where it goes. */
export interface Explained {
  readonly rules: readonly { readonly name: string; readonly matched: boolean; readonly why: string }[]
  /** By its name, as in `route out`. */
  readonly rule: string
  /** As in `dials +49301234567 over trunk twilio, showing +15551234567`. */
  readonly does: string
  /** As in `trunk:twilio`: what an expectation would say. */
  readonly to: string
  /** How it came there, where there was something on the way. */
  readonly way: readonly string[]
  /** What follows where that fails. `to`: null, the caller hears so. */
  readonly follows: readonly { readonly cause: string; readonly does: string; readonly to: string | null }[]
}
