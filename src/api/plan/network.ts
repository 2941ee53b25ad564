import type {
  CallerEntry,
  ExpectationEntry,
  ForwardEntry,
  GroupEntry,
  LimitEntry,
  NumberEntry,
  RouteEntry,
  ScheduleEntry,
} from '../../dialplan/plan.ts'
import { EMPTY_PLAN } from '../../dialplan/plan.ts'
import type { TrunkEntry } from '../../trunks/trunk.ts'

/** What an admin makes of each kind, by the name that the kind has everywhere: in the store, a configuration, a request. */
export interface Entries {
  readonly trunks: TrunkEntry
  readonly schedules: ScheduleEntry
  readonly groups: GroupEntry
  readonly numbers: NumberEntry
  readonly callers: CallerEntry
  readonly routes: RouteEntry
  readonly limits: LimitEntry
  readonly forwards: ForwardEntry
  readonly expectations: ExpectationEntry
}

/** A trunk without its password, which is never shown again. */
export interface TrunkView extends Omit<TrunkEntry, 'password'> {
  readonly hasPassword: boolean
}

/** What is shown of an entry of each kind. */
export type EntryViews = Omit<Entries, 'trunks'> & { readonly trunks: TrunkView }

export type KindName = keyof Entries

/** The phone network and the dial plan, whole: each list in the admin's order. A `PlanSource` with the trunks. */
export type PhoneNetwork = { readonly [K in KindName]: readonly Entries[K][] }

export const EMPTY_NETWORK: PhoneNetwork = { ...EMPTY_PLAN, trunks: [] }

/** In the order in which they stand in a configuration. */
export const kindNames = [
  'trunks',
  'schedules',
  'groups',
  'numbers',
  'callers',
  'routes',
  'limits',
  'forwards',
  'expectations',
] as const satisfies readonly KindName[]
