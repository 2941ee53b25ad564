import type { CompiledPlan, OwnNumber, Rule } from './compiled.ts'
import { type Asked, asking, whyNot } from './conditions.ts'
import type { Attempt, Cause, RouteQuery } from './decision.ts'
import { shown } from './destination.ts'
import { available, ownWay } from './entries.ts'
import { formMatching } from './forms.ts'
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

/** What follows where the first attempt comes to nothing. */
export interface Follows {
  readonly cause: Cause
  /** All that is tried, one after the other, where each comes to nothing for this cause. */
  readonly what: string
  /** The first of it; null: nothing. */
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

/** Of what stands in Attempt's `rule`. */
const PLURAL: ReadonlySet<string> = new Set(['emergency numbers', 'built-in numbers', 'users', 'groups'])
/** Attempts that are told of: nobody reads a hundred members of a group. */
const MOST_TOLD = 8
const CAUSES: readonly Cause[] = ['busy', 'no-answer', 'offline', 'unavailable']

/** As `route`, and why: for people, and slow. */
export function explain(query: RouteQuery, plan: CompiledPlan): Explanation {
  const attempt = route(query, plan)
  return {
    attempt,
    what: inWords(attempt),
    trace: traceOf(query, plan),
    way: attempt.trail.at.map(
      ({ entry, now }) => `${entry} ${PLURAL.has(entry) ? 'send' : 'sends'} it to ${shown(now)}`,
    ),
    follows: CAUSES.flatMap((cause) => afterCause(attempt, cause, query, plan)),
  }
}

function afterCause(attempt: Attempt, cause: Cause, query: RouteQuery, plan: CompiledPlan): readonly Follows[] {
  if (attempt.action === 'run' || attempt.action === 'reject') return []
  const all: Attempt[] = []
  let next = goOn(attempt, cause, query, plan)
  while (next !== null && all.length <= MOST_TOLD) {
    all.push(next)
    next = goOn(next, cause, query, plan)
  }
  return [{ cause, what: oneAfterTheOther(all), next: all[0] ?? null }]
}

/** What is tried while each comes to nothing for the same cause; a rule is named where it is another than before. */
function oneAfterTheOther(attempts: readonly Attempt[]): string {
  if (attempts.length === 0) return 'the caller hears so'
  const told = attempts.slice(0, MOST_TOLD).map((attempt, place) => {
    const { rule } = attempt
    return rule === attempts[place - 1]?.rule ? inWords(attempt) : `${rule} ${inWords(attempt)}`
  })
  return [...told, ...(attempts.length > MOST_TOLD ? ['so on'] : [])].join(', then ')
}

function traceOf(query: RouteQuery, plan: CompiledPlan): readonly RuleTrace[] {
  const before = query.caller.kind === 'user' ? beforeRulesOfUser(query, plan) : beforeRulesOfTrunk(query, plan)
  const asked = asking(query.dialled, query.caller, query, plan)
  let decided = before.find(({ matched }) => matched)?.name ?? null
  const rules = plan.rules.map((rule): RuleTrace => {
    const name = `route ${rule.entry.name}`
    const not = whyNot(rule, asked, plan)
    if (not !== null) return { name, matched: false, why: not }
    if (decided !== null) return { name, matched: false, why: `it would match too, but ${decided} comes first` }
    decided = name
    return { name, matched: true, why: `${whatMatches(rule, asked)}, and so does all else it asks` }
  })
  return [...before, ...rules]
}

function whatMatches(rule: Rule, { dialled, read }: Asked): string {
  const form = formMatching(rule, dialled, read)
  const other = form === null || form === dialled ? '' : ` is ${form}, which`
  return `${shown(dialled)}${other} matches ${rule.entry.match}`
}

/** Those of what comes before the rules, up to the first that decides. */
function beforeRulesOfUser(query: RouteQuery, plan: CompiledPlan): readonly RuleTrace[] {
  const { dialled } = query
  const { numbering, surroundings } = plan
  const own = ownNumberOfUser(dialled, plan)
  const number = shown(dialled)
  return upToFirst([
    told('emergency numbers', numbering.isEmergency(dialled), `${number} is an emergency number`, `${number} is none`),
    told('built-in numbers', surroundings.builtIn(dialled) !== null, `${number} is built in`, `${number} is none`),
    told('users', surroundings.isUser(dialled), `${number} is a user`, `there is no user ${number}`),
    told('groups', plan.groups.has(dialled), `${number} is a group`, `there is no group ${number}`),
    ofOwn(own, query, plan),
  ])
}

function beforeRulesOfTrunk(query: RouteQuery, plan: CompiledPlan): readonly RuleTrace[] {
  const { dialled, caller } = query
  const own = caller.kind === 'trunk' ? ownNumberOfTrunk(dialled, caller.trunk, plan) : null
  return [ofOwn(own, query, plan)]
}

function ofOwn(own: OwnNumber | null, query: RouteQuery, plan: CompiledPlan): RuleTrace {
  const { dialled } = query
  if (own === null) return told('numbers', false, '', `${shown(dialled)} is no number of ours that this caller reaches`)
  return told(`number ${own.entry.number}`, true, `${shown(dialled)} is a number of ours${turn(own, query, plan)}`, '')
}

/** Why its calls do not go where all of them go; empty: they do. */
function turn(own: OwnNumber, query: RouteQuery, plan: CompiledPlan): string {
  if (ownWay(own, query, plan) !== null) return ', and this caller has a destination of its own there'
  if (available(own, query)) return ''
  const { availability, schedule, number, overCalls } = own.entry
  const up = `${query.usage.callsUp(`number:${number}`)} calls to it are up and it wants at least ${overCalls}`
  const why = {
    always: '',
    never: 'it never is',
    scheduled: `schedule ${schedule} is closed then`,
    'after-hours': `schedule ${schedule} is open then`,
    overflow: up,
  }
  return `, but not available: ${why[availability]}`
}

function told(name: string, matched: boolean, why: string, whyNot: string): RuleTrace {
  return { name, matched, why: matched ? why : whyNot }
}

function upToFirst(traces: readonly RuleTrace[]): readonly RuleTrace[] {
  const first = traces.findIndex(({ matched }) => matched)
  return first < 0 ? traces : traces.slice(0, first + 1)
}
