import type { PhoneNetwork } from './api/plan/network.ts'
import type { Explained, Planned, Planning, PlanProblem } from './api/plan/planning.ts'
import type { UserStore } from './api/userStore.ts'
import { BUILT_IN_NUMBERS } from './builtInNumbers.ts'
import { checkPlan } from './dialplan/check.ts'
import { compile } from './dialplan/compile.ts'
import type { CompiledPlan } from './dialplan/compiled.ts'
import type { RouteQuery } from './dialplan/decision.ts'
import { broken } from './dialplan/expect.ts'
import { explain } from './dialplan/explain.ts'
import { numbering } from './dialplan/number.ts'
import type { Numbering } from './dialplan/numbering.ts'
import type { DialClass, PlanSurroundings } from './dialplan/plan.ts'
import { targetOf } from './dialplan/wording.ts'
import type { Log } from './platform/log.ts'
import { checkTrunk, presets } from './trunks/presets.ts'

const APPS: ReadonlySet<string> = new Set(BUILT_IN_NUMBERS.values())

/** Makes plans of what an admin has said: for the running server, and for whoever changes or tries them. */
export interface Planner extends Planning {
  readonly numbering: Numbering
  /** ISO 3166-1; null: unknown. */
  readonly country: string | null
  /** As in `Europe/Berlin`. */
  readonly tz: string
  /** The plan that calls go by, or what is wrong with it. */
  planOf(network: PhoneNetwork): { readonly plan: CompiledPlan } | { readonly problems: readonly PlanProblem[] }
  /** The same of what was stored: what is no good any more is left out, with a line in the log. */
  bestPlanOf(network: PhoneNetwork, log: Log): CompiledPlan
}

/** `users`: those that there are at any time; `country`: the server's own. */
export function planner(users: Pick<UserStore, 'find'>, country: string | null): Planner {
  const numbers = numbering(country)
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone
  const around = (network: PhoneNetwork): PlanSurroundings => ({
    isUser: (name) => users.find(name) !== null,
    isApp: (name) => APPS.has(name),
    builtIn: (dialled) => BUILT_IN_NUMBERS.get(dialled) ?? null,
    allowed: (user) => (users.find(user)?.allow ?? []).filter(isDialClass),
    callerId: (user) => users.find(user)?.callerId ?? null,
    trunks: network.trunks,
    ...{ country, tz },
  })
  const planOf = (network: PhoneNetwork) => compile(network, around(network), numbers)
  return {
    ...{ numbering: numbers, country, tz, planOf },
    e164: (written) => numbers.read(written)?.e164 ?? null,
    compile(network) {
      const made = planOf(network)
      return 'problems' in made ? made : planned(made.plan)
    },
    check: (network) => checkPlan(network, around(network), numbers),
    trunkProblem: (trunk) => trunkProblem(trunk),
    bestPlanOf: (network, log) => bestOf(network, planOf, log),
  }
}

function planned(plan: CompiledPlan): Planned {
  return {
    broken: (expectations, at) => broken(plan, expectations, at),
    explain: (query) => explained(query, plan),
  }
}

function explained(query: RouteQuery, plan: CompiledPlan): Explained {
  const { attempt, what, trace, follows } = explain(query, plan)
  const then = follows.map(({ cause, what }) => ({ cause, does: what }))
  return { rules: trace, rule: attempt.rule, does: what, to: targetOf(attempt), then }
}

function trunkProblem(trunk: Parameters<Planning['trunkProblem']>[0]): string | null {
  const preset = presets().get(trunk.preset)
  if (preset === undefined) return `there is no preset ${trunk.preset}; take ${[...presets().keys()].join(', ')}`
  return checkTrunk(trunk, preset)
}

// Users that are gone, a country that is another now: calls must go on by all the rest.
function bestOf(network: PhoneNetwork, planOf: Planner['planOf'], log: Log): CompiledPlan {
  const made = planOf(network)
  if (!('problems' in made)) return made.plan
  for (const { message } of made.problems) log.error({ problem: message }, 'a part of the dial plan is left out')
  const bad = new Set(made.problems.map(({ kind, name }) => `${kind} ${name}`))
  const rest = withoutThose(network, (kind, name) => bad.has(`${kind} ${name}`))
  return bestOf(rest === null ? { ...network, ...NOTHING } : rest, planOf, log)
}

const NOTHING = {
  routes: [],
  groups: [],
  numbers: [],
  callers: [],
  schedules: [],
  limits: [],
  forwards: [],
  expectations: [],
} as const

// null: nothing of it is one of those.
function withoutThose(network: PhoneNetwork, isOne: (kind: string, name: string) => boolean): PhoneNetwork | null {
  const rest: PhoneNetwork = {
    ...network,
    routes: network.routes.filter(({ name }) => !isOne('route', name)),
    groups: network.groups.filter(({ name }) => !isOne('group', name)),
    numbers: network.numbers.filter(({ number }) => !isOne('number', number)),
    callers: network.callers.filter(({ number, caller }) => !isOne('caller', `${number} ${caller}`)),
    schedules: network.schedules.filter(({ name }) => !isOne('schedule', name)),
    limits: network.limits.filter(({ subject }) => !isOne('limit', subject)),
    forwards: network.forwards.filter(({ user }) => !isOne('forward', user)),
    expectations: [],
  }
  const size = ({ trunks: _, ...lists }: PhoneNetwork): number =>
    Object.values(lists).reduce((sum, list) => sum + list.length, 0)
  return size(rest) === size(network) ? null : rest
}

function isDialClass(name: string): name is DialClass {
  return name === 'internal' || name === 'national' || name === 'international' || name === 'premium'
}
