import { attemptAt, failed, type Move, rejection, type Standing } from './attempt.ts'
import type { CompiledPlan } from './compiled.ts'
import type { Attempt, Cause, TrailStep } from './decision.ts'
import { circle, enter } from './enter.ts'
import type { Otherwise } from './plan.ts'

/** Attempts of one call. */
const MAX_STEPS = 10
/** Destinations that are looked at to find the next attempt: a bound on the time it takes. */
const MAX_MOVES = 32

/** What a walk came to. `cause`: why the last destination did not take the call, where there is no attempt. */
export type Walked =
  | { readonly attempt: Attempt }
  | { readonly attempt: null; readonly cause: Cause; readonly standing: Standing }

/** Goes on from a move until there is something to do, or nothing is left. */
export function walk(first: Move): Walked {
  let move = first
  for (let moves = 0; moves < MAX_MOVES; moves++) {
    if (move.move === 'attempt') return { attempt: move.attempt }
    if (move.move === 'enter') move = enter(move.standing)
    else {
      const next = following(move.standing, move.cause)
      if (next === null) return { attempt: null, cause: move.cause, standing: move.standing }
      move = next
    }
  }
  if (move.move === 'attempt') return { attempt: move.attempt }
  const round = circle(move.standing)
  return round.move === 'attempt' ? round : { attempt: null, cause: 'unavailable', standing: move.standing }
}

/** Whether the call has been tried often enough. */
export function spent({ steps }: Standing): boolean {
  return steps >= MAX_STEPS
}

/** The attempt of a walk that began with nothing tried: where all failed, the refusal that says why. */
export function attemptOf(walked: Walked, start: Standing): Attempt {
  if (walked.attempt) return walked.attempt
  const { refusal, at } = walked.standing
  const [status, reason] = REFUSALS[walked.cause]
  const { denied } = refusal ?? { denied: null }
  return attemptAt(
    { ...start, at: at.slice(0, 1) },
    rejection(refusal?.status ?? status, refusal?.reason ?? reason, denied),
    [],
  )
}

const REFUSALS: Readonly<Record<Cause, readonly [number, string]>> = {
  busy: [486, 'busy'],
  'no-answer': [480, 'nobody answered'],
  offline: [480, 'nobody can be reached now'],
  unavailable: [480, 'nobody can be reached now'],
}

/** What follows where the destination at which the call stands did not take it; null: nothing. */
export function following(standing: Standing, cause: Cause): Move | null {
  const step = standing.at.at(-1)
  if (!step) return null
  const below = { ...standing, at: standing.at.slice(0, -1) }
  if (step.entry.startsWith('group ')) {
    const heard = telling(step.heard, cause)
    return onward({ ...step, heard }, step.left, below) ?? failed(below, heard)
  }
  if (step.entry.startsWith('forward ')) return failed(below, cause)
  return afterEntry(step, cause, below) ?? (below.at.length === 0 ? null : failed(below, cause))
}

/** A list of trunks is gone through before the entry's own word on `unavailable`; for all else its own word comes first. */
function afterEntry(step: TrailStep, cause: Cause, below: Standing): Move | null {
  const own = ownWord(step, cause, below.plan)
  const otherwise = own === null || own === step.now ? null : onward(step, [own], below)
  const list = goesOnAfter(step, cause, below.plan) ? onward(step, step.left, below) : null
  return cause === 'unavailable' ? (list ?? otherwise) : (otherwise ?? list)
}

function onward(step: TrailStep, left: readonly string[], below: Standing): Move | null {
  const [now, ...rest] = left
  if (now === undefined) return null
  return { move: 'enter', standing: { ...below, at: [...below.at, { ...step, now, left: rest }] } }
}

function ownWord({ entry }: TrailStep, cause: Cause, plan: CompiledPlan): string | null {
  const said = entry.startsWith('route ')
    ? plan.rulesByName.get(entry.slice('route '.length))?.entry
    : entry.startsWith('number ')
      ? plan.numbers.get(entry.slice('number '.length))?.entry
      : undefined
  return said ? wordOn(said, cause) : null
}

function wordOn(said: Otherwise, cause: Cause): string | null {
  switch (cause) {
    case 'busy':
      return said.busy
    case 'no-answer':
      return said.noAnswer
    case 'offline':
      return said.offline
    case 'unavailable':
      return said.unavailable
    default:
      return cause satisfies never
  }
}

/** People and groups are tried one after the other; outside, a busy line or one that rings is an answer. */
function goesOnAfter({ entry, now }: TrailStep, cause: Cause, plan: CompiledPlan): boolean {
  if (cause === 'unavailable') return true
  if (entry === 'emergency numbers') return cause === 'busy'
  if (now.startsWith('number:')) return plan.numbers.has(now.slice('number:'.length))
  return !now.startsWith('trunk:') && !now.startsWith('sip:')
}

const TELLING: readonly Cause[] = ['no-answer', 'busy', 'offline', 'unavailable']

/** Of two causes the one that tells more of a group: that somebody was rung, that somebody is there. */
function telling(earlier: Cause | null, cause: Cause): Cause {
  if (earlier === null) return cause
  return TELLING.indexOf(earlier) <= TELLING.indexOf(cause) ? earlier : cause
}
