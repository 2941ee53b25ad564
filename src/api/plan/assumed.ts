import type { Usage } from '../../dialplan/decision.ts'
import { OffhookError } from '../../errors.ts'
import type { Context } from '../context.ts'
import type { AssumedCalls } from '../operations.ts'
import { noUser } from '../users.ts'
import { showEntry } from './entries.ts'

/** Usage as it is, but for the calls that are assumed up. Each subject counts by itself: `any` is not the sum of the others. */
export function assuming(calls: readonly AssumedCalls[], usage: Usage): Usage {
  const counts = new Map(calls.map(({ of, count }) => [of, count]))
  return {
    callsUp: (subject) => counts.get(subject) ?? usage.callsUp(subject),
    callsToday: (subject) => usage.callsToday(subject),
    minutesToday: (subject) => usage.minutesToday(subject),
    idleSince: (user) => usage.idleSince(user),
  }
}

/** With the name that calls are counted by. Throws ENTRY_UNKNOWN, USER_UNKNOWN, PLAN_INVALID. */
export async function settledCalls(context: Context, { of, count }: AssumedCalls): Promise<AssumedCalls> {
  const [, kind = of, name = ''] = /^(user|trunk|number):(.+)$/s.exec(of) ?? []
  switch (kind) {
    case 'any':
      return { of, count }
    case 'user':
      return { of: `user:${(context.users.find(name) ?? (await noUser(context, name))).name}`, count }
    case 'trunk':
      return { of: `trunk:${(await showEntry(context, 'trunks', name)).name}`, count }
    case 'number':
      return { of: `number:${(await showEntry(context, 'numbers', name)).number}`, count }
    default:
      throw new OffhookError(
        'PLAN_INVALID',
        `${JSON.stringify(of.slice(0, 60))} has no calls to count; write any, user:101, trunk:NAME or number:+15551234567`,
      )
  }
}
