import { closest } from '../../closest.ts'
import { checkPlan, type Finding } from '../../dialplan/check.ts'
import { broken, type CompiledPlan, compile, explain } from '../../dialplan/decide.ts'
import type { RouteQuery } from '../../dialplan/decision.ts'
import { numbering } from '../../dialplan/number.ts'
import type { Numbering } from '../../dialplan/numbering.ts'
import type { PlanSurroundings } from '../../dialplan/plan.ts'
import { targetOf } from '../../dialplan/wording.ts'
import { whenLocal } from '../../dialplan/zone.ts'
import { checkTrunk, type Preset, presets } from '../../trunks/presets.ts'
import type { TrunkEntry } from '../../trunks/trunk.ts'
import { dialClasses } from '../userFields.ts'
import type { UserStore } from '../userStore.ts'
import type { PhoneNetwork } from './network.ts'
import type { Explained, Planned, Planning, PlanProblem } from './planning.ts'

/** What there is beside the phone network. */
export interface PlanningParts {
  readonly users: Pick<UserStore, 'find'>
  /** Apps by the numbers that everybody can dial. */
  readonly builtIn: ReadonlyMap<string, string>
  /** ISO 3166-1 alpha-2, upper case; null: unknown. */
  readonly country: string | null
  /** The server's own time zone. */
  readonly tz: string
}

/** `dialplan/` and the presets, as an admin's changes need them. */
export function planning(parts: PlanningParts): Planning {
  let made: Numbering | null = null
  // Most commands never read a number: what that takes to load is saved.
  const numbers = (): Numbering => {
    made ??= numbering(parts.country)
    return made
  }
  return {
    e164: (written) => (/^\+[1-9]\d{4,14}$/.test(written) ? written : (numbers().read(written)?.e164 ?? null)),
    localTime: (text) => whenLocal(text, parts.tz),
    compile(network) {
      const compiled = compile(network, surroundings(parts, network), numbers())
      return 'problems' in compiled ? { problems: compiled.problems.map(withoutName) } : plannedBy(compiled.plan)
    },
    *check(network) {
      return [...(yield* checkPlan(network, surroundings(parts, network), numbers())), ...keysInTheClear(network)]
    },
    trunkProblem,
    usualHost: (name) => presets().get(name)?.usualHost ?? null,
  }
}

/** What a plan is compiled against: the users of each moment, the apps, and the network's own trunks. */
export function surroundings(
  { users, builtIn, country, tz }: PlanningParts,
  { trunks }: Pick<PhoneNetwork, 'trunks'>,
): PlanSurroundings {
  const apps = new Set(builtIn.values())
  return {
    isUser: (name) => users.find(name) !== null,
    isApp: (name) => apps.has(name),
    builtIn: (dialled) => builtIn.get(dialled) ?? null,
    allowed: (user) => dialClasses.filter((known) => users.find(user)?.allow.includes(known)),
    callerId: (user) => users.find(user)?.callerId ?? null,
    trunks: trunks.map(({ name, emergency }) => ({ name, emergency })),
    country,
    tz,
  }
}

// RFC 4568 §8.3: whoever reads the signalling has the keys.
function keysInTheClear({ trunks }: PhoneNetwork): Finding[] {
  const open = trunks.filter((entry) => entry.srtp && transportOf(entry) !== 'tls')
  return open.map(({ name }) => ({
    severity: 'warning',
    about: `trunk ${name}`,
    message: 'its audio is encrypted by keys that go with the signalling, which is not: set --transport tls',
  }))
}

function transportOf({ preset, transport }: TrunkEntry): TrunkEntry['transport'] {
  return transport ?? presets().get(preset)?.settings.transport ?? null
}

function plannedBy(plan: CompiledPlan): Planned {
  return {
    broken: (expectations, at) => broken(plan, expectations, at),
    explain: (query) => explainedBy(plan, query),
  }
}

function explainedBy(plan: CompiledPlan, query: RouteQuery): Explained {
  const { attempt, what, trace, way, follows } = explain(query, plan)
  return {
    rules: trace,
    rule: attempt.rule,
    does: what,
    to: targetOf(attempt),
    way,
    follows: follows.map(({ cause, what, next }) => ({ cause, does: what, to: next && targetOf(next) })),
  }
}

/** The name stands before the message already. */
function withoutName({ kind, name, message }: PlanProblem): PlanProblem {
  const prefix = `${kind} ${name}: `
  return { kind, name, message: message.startsWith(prefix) ? message.slice(prefix.length) : message }
}

function trunkProblem(trunk: TrunkEntry): string | null {
  const preset: Preset | undefined = presets().get(trunk.preset)
  if (preset !== undefined) return checkTrunk(trunk, preset)
  const meant = closest(trunk.preset, presets().keys())
  return `no preset ${trunk.preset}; ${meant === null ? `take ${[...presets().keys()].join(', ')}` : `did you mean ${meant}?`}`
}
