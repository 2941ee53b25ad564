import { type PlanningParts, surroundings } from './api/plan/dialplan.ts'
import type { PhoneNetwork } from './api/plan/network.ts'
import { compile } from './dialplan/compile.ts'
import type { CompiledPlan } from './dialplan/compiled.ts'
import { numbering } from './dialplan/number.ts'
import type { Numbering } from './dialplan/numbering.ts'
import { EMPTY_PLAN } from './dialplan/plan.ts'
import type { Log } from './platform/log.ts'

/** Makes the plan that calls go by of what an admin has made. */
export interface Planner {
  readonly numbering: Numbering
  /** ISO 3166-1; null: unknown. */
  readonly country: string | null
  /** As in `Europe/Berlin`. */
  readonly tz: string
  /** What is no good any more of what was stored is left out, with a line in the log: all other calls must go on. */
  planOf(network: PhoneNetwork, log: Log): CompiledPlan
}

export function planner(parts: PlanningParts): Planner {
  const { country, tz } = parts
  const numbers = numbering(country)
  const made = (network: PhoneNetwork) => compile(network, surroundings(parts, network), numbers)
  return { numbering: numbers, country, tz, planOf: (network, log) => bestOf(network, made, log) }
}

// As users that are gone, or a country that is another now.
function bestOf(
  network: PhoneNetwork,
  made: (network: PhoneNetwork) => ReturnType<typeof compile>,
  log: Log,
): CompiledPlan {
  const compiled = made(network)
  if (!('problems' in compiled)) return compiled.plan
  for (const { message } of compiled.problems) log.error({ problem: message }, 'a part of the dial plan is left out')
  const bad = new Set(compiled.problems.map(({ kind, name }) => `${kind} ${name}`))
  const rest = withoutThose(network, (kind, name) => bad.has(`${kind} ${name}`))
  return bestOf(rest ?? { ...network, ...EMPTY_PLAN }, made, log)
}

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
