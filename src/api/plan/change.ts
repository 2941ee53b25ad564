import { OffhookError } from '../../errors.ts'
import type { Context } from '../context.ts'
import { expectation } from './expectation.ts'
import { kindNames, type PhoneNetwork } from './network.ts'
import type { BrokenExpectation, Planned, PlanProblem } from './planning.ts'

/** Names the place of a problem in the file that is imported; null: by the thing's own name. */
export type PlaceOf = (problem: PlanProblem) => string | null

/**
 * Each change of the phone network, and of users that it depends on, goes this one way: `change` is made in a transaction and
 * holds if the plan can be so afterwards and keeps each expectation that it kept before; then a running server is told.
 * Throws PLAN_INVALID, EXPECTATION_BROKEN, and whatever `change` throws. `placeOf`: it is an import, which may change anything.
 */
export function changed<T>(context: Context, change: () => T, placeOf: PlaceOf | null = null): T {
  const { plan, clock } = context
  const before = plan.load()
  const at = clock.wall().getTime()
  const known = before.expectations.length === 0 ? [] : brokenNow(context, before, at)
  const result = context.atomically(() => {
    const made = change()
    const next = plan.load()
    // One user can break nothing but expectations: nobody is removed who is needed.
    const touched = next !== before || next.expectations.length > 0 || placeOf !== null
    if (touched) refuseBroken(context, next, { at, known, placeOf: placeOf ?? (() => null), before })
    return made
  })
  if (plan.load() !== before) context.live?.planChanged(plan.load())
  return result
}

/** As the plan stands. */
export function brokenNow({ planning }: Context, network: PhoneNetwork, at: number): readonly BrokenExpectation[] {
  const planned = planning.compile(network)
  return 'problems' in planned ? [] : planned.broken(network.expectations, at)
}

/** The plan as it stands. Throws PLAN_INVALID where it cannot be, as when a file was changed by hand. */
export function planned({ planning, plan }: Context): Planned {
  const compiled = planning.compile(plan.load())
  if ('problems' in compiled) throw invalidPlan(compiled.problems, () => null)
  return compiled
}

function refuseBroken(
  { planning }: Context,
  next: PhoneNetwork,
  how: {
    readonly at: number
    readonly known: readonly BrokenExpectation[]
    readonly placeOf: PlaceOf
    readonly before: PhoneNetwork
  },
): void {
  if (isEmpty(next)) return
  const compiled = planning.compile(next)
  if ('problems' in compiled) throw invalidPlan(compiled.problems, how.placeOf)
  if (next.expectations.length === 0) return
  const known = new Set(how.known.map((broken) => nameOf(broken)))
  const broken = compiled.broken(next.expectations, how.at).filter((one) => !known.has(nameOf(one)))
  if (broken.length > 0) throw expectationBroken(broken, how.before)
}

function isEmpty(network: PhoneNetwork): boolean {
  return kindNames.every((kind) => network[kind].length === 0)
}

function nameOf({ expectation: entry }: BrokenExpectation): string {
  return expectation.key(entry)
}

function invalidPlan([first, ...others]: readonly PlanProblem[], placeOf: PlaceOf): OffhookError {
  if (first === undefined) throw new Error('a plan was refused without a problem')
  const place = placeOf(first)
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  if (place !== null) return new OffhookError('IMPORT_INVALID', `${place}: ${first.message}${more}`)
  return new OffhookError('PLAN_INVALID', `${first.kind} ${first.name}: ${first.message}${more}`)
}

function expectationBroken([first, ...others]: readonly BrokenExpectation[], before: PhoneNetwork): OffhookError {
  if (first === undefined) throw new Error('nothing is broken')
  const { number, from, caller, at, to } = first.expectation
  const call = `${number} from ${from}${caller === null ? '' : ` (caller ${caller})`}${at === null ? '' : ` at ${at}`}`
  const more = others.length === 0 ? '' : `, and ${others.length} more would break`
  const kept = before.expectations.includes(first.expectation)
  const command = kept ? `expect remove ${number} --from ${from}` : `test ${number} --from ${from}`
  const mend = kept
    ? `nothing was changed; to expect it no longer: offhook dialplan ${command}`
    : `see: offhook dialplan ${command}`
  return new OffhookError(
    'EXPECTATION_BROKEN',
    `${call} is to go to ${to}, and would go to ${first.got}${more}; ${mend}`,
  )
}
