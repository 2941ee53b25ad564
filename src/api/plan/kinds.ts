import { caller } from './caller.ts'
import { expectation } from './expectation.ts'
import { forward } from './forward.ts'
import { group } from './group.ts'
import type { Kind } from './kind.ts'
import { limit } from './limit.ts'
import type { Entries, KindName } from './network.ts'
import { number } from './number.ts'
import { route } from './route.ts'
import { schedule } from './schedule.ts'
import { trunk } from './trunk.ts'

export const kinds: { readonly [K in KindName]: Kind<Entries[K]> } = {
  trunks: trunk,
  schedules: schedule,
  groups: group,
  numbers: number,
  callers: caller,
  routes: route,
  limits: limit,
  forwards: forward,
  expectations: expectation,
}
