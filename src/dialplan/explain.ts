import type { CompiledPlan, OwnNumber } from './compiled.ts'
import { type Asked, whyNot } from './conditions.ts'
import type { Attempt, Cause, RouteQuery } from './decision.ts'
import { shown } from './destination.ts'
import { goOn } from './goOn.ts'
import { ownNumberOfTrunk, ownNumberOfUser, route } from './routing.ts'
import { inWords } from './wording.ts'

/** Why a rule did or did not match, as one plain sentence without a full stop. */
export interface RuleTrace {
  /** As Attempt's `rule`. */
  readonly name: string
  readonly matched: boolean
  readonly why: string
}

/** What follows where the first attempt comes to nothing, in words. */
export interface Follows {
  readonly cause: Cause
  readonly what: string
  /** null: nothing. */
  readonly next: Attempt | null
}

export interface Explanation {
  readonly attempt: Attempt
  /** What it does, in words. */
  readonly what: string
  /** In the order in which they are asked; rules after the one that decided are in it too, as not matching. */
  readonly trace: readonly RuleTrace[]
  /** How it came there, step by step: rules, numbers and forwards on the way. */
  readonly way: readonly string[]
  readonly follows: readonly Follows[]
}

const CAUSES: readonly Cause[] = ['busy', 'no-answer', 'offline', 'unavailable']

/** As `route`, and why: for people, and slow. */
export function explain(query: RouteQuery, plan: CompiledPlan): Explanation {
  const attempt = route(query, plan)
  return {
    attempt,
    what: inWords(attempt),
    trace: traceOf(query, plan),
    way: attempt.trail.at.map(({ entry, now }) => `${entry} sends it to ${shown(now)}`),
    follows: CAUSES.flatMap((cause) => afterCause(attempt, cause, query, plan)),
  }
}

function afterCause(attempt: Attempt, cause: Cause, query: RouteQuery, plan: CompiledPlan): readonly Follows[] {
  if (attempt.action === 'run' || attempt.action === 'reject') return []
  const next = goOn(attempt, cause, query, plan)
  return [{ cause, what: next === null ? 'the caller hears so' : `${next.rule} ${inWords(next)}`, next }]
}

function traceOf(query: RouteQuery, plan: CompiledPlan): readonly RuleTrace[] {
  const before = query.caller.kind === 'user' ? beforeRulesOfUser(query, plan) : beforeRulesOfTrunk(query, plan)
  const asked: Asked = { dialled: query.dialled, account: query.caller, query }
  let decided = before.find(({ matched }) => matched)?.name ?? null
  const rules = plan.rules.map((rule): RuleTrace => {
    const name = `route ${rule.entry.name}`
    const not = whyNot(rule, asked, plan)
    if (not !== null) return { name, matched: false, why: not }
    if (decided !== null) return { name, matched: false, why: `it would match too, but ${decided} comes first` }
    decided = name
    return {
      name,
      matched: true,
      why: `${shown(query.dialled)} matches ${rule.entry.match}, and so does all else it asks`,
    }
  })
  return [...before, ...rules]
}

/** Those of what comes before the rules, up to the first that decides. */
function beforeRulesOfUser({ dialled }: RouteQuery, plan: CompiledPlan): readonly RuleTrace[] {
  const { numbering, surroundings } = plan
  const own = ownNumberOfUser(dialled, plan)
  const number = shown(dialled)
  return upToFirst([
    told('emergency numbers', numbering.isEmergency(dialled), `${number} is an emergency number`, `${number} is none`),
    told('built-in numbers', surroundings.builtIn(dialled) !== null, `${number} is built in`, `${number} is none`),
    told('users', surroundings.isUser(dialled), `${number} is a user`, `there is no user ${number}`),
    told('groups', plan.groups.has(dialled), `${number} is a group`, `there is no group ${number}`),
    ofOwn(own, dialled),
  ])
}

function beforeRulesOfTrunk({ dialled, caller }: RouteQuery, plan: CompiledPlan): readonly RuleTrace[] {
  const own = caller.kind === 'trunk' ? ownNumberOfTrunk(dialled, caller.trunk, plan) : null
  return [ofOwn(own, dialled)]
}

function ofOwn(own: OwnNumber | null, dialled: string): RuleTrace {
  if (own === null) return told('numbers', false, '', `${shown(dialled)} is no number of ours that this caller reaches`)
  return told(`number ${own.entry.number}`, true, `${shown(dialled)} is a number of ours`, '')
}

function told(name: string, matched: boolean, why: string, whyNot: string): RuleTrace {
  return { name, matched, why: matched ? why : whyNot }
}

function upToFirst(traces: readonly RuleTrace[]): readonly RuleTrace[] {
  const first = traces.findIndex(({ matched }) => matched)
  return first < 0 ? traces : traces.slice(0, first + 1)
}
