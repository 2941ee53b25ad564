import type { CompiledPlan } from './compiled.ts'
import type { Attempt, Caller, RouteQuery } from './decision.ts'
import type { ExpectationEntry } from './plan.ts'
import { QUIET } from './quiet.ts'
import { route } from './routing.ts'
import { targetOf } from './wording.ts'
import { whenLocal } from './zone.ts'

/** An expectation that does not hold. */
export interface Broken {
  readonly expectation: ExpectationEntry
  /** What the plan does instead: a destination as text. */
  readonly got: string
}

/**
 * The expectations that the plan does not fulfil, as if no call were up and of weighted trunks the first came first.
 * `now`: wall clock ms, for those without a time.
 */
export function broken(plan: CompiledPlan, expectations: readonly ExpectationEntry[], now: number): readonly Broken[] {
  return expectations.flatMap((expectation) => {
    const attempt = route(queryOf(expectation, plan, now), plan)
    return fulfils(attempt, expectation.to) ? [] : [{ expectation, got: targetOf(attempt) }]
  })
}

function queryOf({ number, from, caller, at }: ExpectationEntry, plan: CompiledPlan, now: number): RouteQuery {
  const who: Caller = from.startsWith('trunk:')
    ? { kind: 'trunk', trunk: from.slice('trunk:'.length), number: caller }
    : { kind: 'user', user: from }
  const when = at === null ? null : whenLocal(at, plan.surroundings.tz)
  return { caller: who, dialled: number, at: when ?? now, draw: 0, usage: QUIET }
}

/** A destination on the way counts as well: a group is expected by its name, whomever of it is rung. */
function fulfils(attempt: Attempt, to: string): boolean {
  if (targetOf(attempt) === to) return true
  return attempt.action !== 'reject' && attempt.trail.at.some(({ now }) => now === to)
}
