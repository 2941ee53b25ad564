import type { CompiledPlan } from './compiled.ts'
import { type Account, accountText, callersNumber } from './conditions.ts'
import type { Action, Attempt, Cause, Outbound, RouteQuery, TrailStep } from './decision.ts'

/** How far a call has come in the plan. */
export interface Standing {
  readonly query: RouteQuery
  readonly plan: CompiledPlan
  /** As in Trail. */
  readonly seen: readonly string[]
  readonly steps: number
  readonly at: readonly TrailStep[]
  /** Why a destination could not be tried, the last that said so; null: none did. */
  readonly refusal: Refusal | null
}

/** An answer that says more than that nobody can be reached. `denied`: as in Attempt. */
export interface Refusal {
  readonly status: number
  readonly reason: string
  readonly denied: string | null
}

/** What comes of trying a destination: something to do, another destination, or none of both. */
export type Move =
  | { readonly move: 'attempt'; readonly attempt: Attempt }
  | { readonly move: 'enter'; readonly standing: Standing }
  | { readonly move: 'failed'; readonly cause: Cause; readonly standing: Standing }

/** The attempt that is made from here. `tried`: what it tries, so that it is not tried again. */
export function attempting(standing: Standing, action: Action, tried: readonly string[]): Move {
  return { move: 'attempt', attempt: attemptAt(standing, action, tried) }
}

export function attemptAt(standing: Standing, action: Action, tried: readonly string[]): Attempt {
  const { seen, steps, at } = standing
  const outside = action.action === 'dial' || action.action === 'sip'
  const trail = { seen: tried.length === 0 ? seen : [...seen, ...tried], steps: steps + stepsOf(at), at }
  return { rule: ruleOf(at), divertedBy: outside ? diverters(at) : [], trail, ...action }
}

/** A group that is rung in turn counts once. */
function stepsOf(at: readonly TrailStep[]): number {
  return (at.at(-1)?.heard ?? null) === null ? 1 : 0
}

/** `refusal`: what the caller hears where nothing else is left; null: it is not known better than by the cause. */
export function failed(standing: Standing, cause: Cause, refusal: Refusal | null = null): Move {
  return { move: 'failed', cause, standing: refusal ? { ...standing, refusal } : standing }
}

/** Goes into an entry of the plan, at the first of its destinations. */
export function entered(standing: Standing, step: Omit<TrailStep, 'now' | 'heard'>): Move {
  const [now, ...left] = step.left
  if (now === undefined) return failed(standing, 'unavailable')
  return { move: 'enter', standing: { ...standing, at: [...standing.at, { ...step, now, left, heard: null }] } }
}

export function rejection(status: number, reason: string, denied: string | null = null): Action {
  return { action: 'reject', status, reason, denied }
}

/** On whose account a call from here goes out: of who sent it on last, else of who calls. */
export function accountOf({ at, query }: Standing): Account {
  for (let i = at.length - 1; i >= 0; i--) {
    const diverter = diverterOf(at[i])
    if (diverter) return diverter
  }
  const { caller } = query
  return caller.kind === 'user' ? caller : { kind: 'trunk', trunk: caller.trunk }
}

/** What is dialled from here; null: nothing. */
export function outboundOf(at: readonly TrailStep[]): Outbound | null {
  for (let i = at.length - 1; i >= 0; i--) {
    const outbound = at[i]?.outbound
    if (outbound) return outbound
  }
  return null
}

/** The number to show where no rule says one: the caller's own, else of the user who sent the call on. */
export function shownNumber(account: Account, query: RouteQuery, plan: CompiledPlan): string | null {
  const own = callersNumber(query, plan)
  if (own?.startsWith('+')) return own
  // Who withholds the number is not given another's.
  if (query.caller.kind === 'trunk') return null
  return account.kind === 'user' ? plan.surroundings.callerId(account.user) : null
}

function ruleOf(at: readonly TrailStep[]): string {
  for (let i = at.length - 1; i >= 0; i--) {
    const entry = at[i]?.entry
    if (entry !== undefined && !entry.startsWith('group ')) return entry
  }
  return 'end of the plan'
}

function diverters(at: readonly TrailStep[]): readonly string[] {
  return at.flatMap((step) => {
    const diverter = diverterOf(step)
    return diverter ? [accountText(diverter)] : []
  })
}

function diverterOf(step: TrailStep | undefined): Account | null {
  if (step?.entry.startsWith('forward ')) return { kind: 'user', user: step.entry.slice('forward '.length) }
  if (step?.entry.startsWith('number ')) return { kind: 'number', number: step.entry.slice('number '.length) }
  return null
}
