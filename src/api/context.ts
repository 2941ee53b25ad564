import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import type { BindingStore } from '../sip/registrar/bindingStore.ts'
import type { CallQueries } from './callQueries.ts'
import type { Live } from './live.ts'
import type { Planning } from './plan/planning.ts'
import type { PlanStore } from './plan/planStore.ts'
import type { UserStore } from './userStore.ts'

/** What operations are carried out with. */
export interface Context {
  readonly users: UserStore
  readonly bindings: Pick<BindingStore, 'load'>
  readonly calls: CallQueries
  readonly plan: PlanStore
  readonly planning: Planning
  readonly realm: string
  /** Another realm for all HA1s; never while a server runs. */
  setRealm(realm: string): void
  /** Runs `change` in one transaction and gives what it gives: if it throws, nothing of it holds. */
  atomically<T>(change: () => T): T
  readonly clock: Clock
  readonly random: Random
  /** null: no server runs. */
  readonly live: Live | null
}

/** Lets the event loop take what has come in meanwhile: between two pieces of long work. */
export function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.endOfTurn(resolve))
}

export function isoTime(at: number): string {
  return new Date(at).toISOString()
}
