import { attemptAt, rejection, type Standing } from './attempt.ts'
import type { CompiledPlan } from './compiled.ts'
import type { Attempt, Cause, RouteQuery } from './decision.ts'
import { enterForward, forwardOf } from './enter.ts'
import { following, spent, walk } from './walk.ts'

/**
 * What is to be done next, where the attempt came to nothing for this cause; null: nothing, and the caller hears the cause.
 * First what the user that was rung has said of it, then what the rule or number has, then the next of its destinations.
 * `query`: as at first, with the time and usage of now. No destination is tried twice, and at most ten are.
 */
export function goOn(attempt: Attempt, cause: Cause, query: RouteQuery, plan: CompiledPlan): Attempt | null {
  if (attempt.action === 'run' || attempt.action === 'reject') return null
  const { seen, steps, at } = attempt.trail
  const standing: Standing = { query, plan, seen, steps, at, refusal: null }
  const forward = forwardAfter(standing, cause)
  if (spent(standing)) return null
  const first = forward ? enterForward(forward.user, forward.to, standing) : following(standing, cause)
  if (first === null) return null
  const walked = walk(first)
  if (walked.attempt) return walked.attempt
  const { refusal } = walked.standing
  // What was tried has its own answer for the caller, but a guard's word must be heard of.
  if (refusal === null || refusal.denied === null) return null
  return attemptAt(standing, rejection(refusal.status, refusal.reason, refusal.denied), [])
}

/** Members of a group are rung for the group: what they say of their own calls does not count. */
function forwardAfter({ at, plan }: Standing, cause: Cause): { user: string; to: string } | null {
  const step = at.at(-1)
  if (!step?.now.startsWith('user:') || step.entry.startsWith('group ')) return null
  const user = step.now.slice('user:'.length)
  const to = forwardOf(user, cause, plan)
  return to === null ? null : { user, to }
}
