import { numbering } from '../../dialplan/number.ts'
import type { PlanSurroundings } from '../../dialplan/plan.ts'
import { dialClasses } from '../userFields.ts'
import type { UserStore } from '../userStore.ts'
import type { PhoneNetwork } from './network.ts'
import type { Planning } from './planning.ts'

/** What there is beside the phone network. */
export interface PlanningParts {
  readonly users: Pick<UserStore, 'find'>
  /** Apps by the numbers that everybody can dial. */
  readonly builtIn: ReadonlyMap<string, string>
  /** ISO 3166-1 alpha-2, upper case; null: unknown. */
  readonly country: string | null
  readonly tz: string
}

/** `dialplan/` as an admin's changes need it. */
export function planning(parts: PlanningParts): Planning {
  const numbers = numbering(parts.country)
  return {
    e164: (written) => (/^\+[1-9]\d{4,14}$/.test(written) ? written : (numbers.read(written)?.e164 ?? null)),
    // STUB until compile, explain and broken are there.
    compile: () => ({
      broken: () => [],
      explain: () => ({
        rules: [],
        rule: 'end of the plan',
        does: 'reject 404',
        to: 'reject:404',
        way: [],
        follows: [],
      }),
    }),
    check: () => [],
    trunkProblem: () => null,
  }
}

/** What a plan is compiled against: the users of this moment, the apps, and the network's own trunks. */
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
