import { z } from 'zod'
import type { LimitEntry } from '../../dialplan/plan.ts'
import { orNull, whole, words } from './fields.ts'
import { type Kind, neededBy, once } from './kind.ts'

const subject = 'write user:101, trunk:NAME or any'
const most = 1_000_000
const calls = 'write a number of calls, from 0 up'

/** Caps on calls to the phone network. */
export const limit: Kind<LimitEntry> = {
  word: 'limit',
  list: 'offhook limit list',
  set: 'offhook limit set',
  schema: once(() =>
    z.strictObject({
      subject: words(subject).regex(/^(any|(user|trunk):.+)$/, { error: subject }),
      calls: orNull(whole(0, most, calls)),
      callsPerDay: orNull(whole(0, most, calls)),
      minutesPerDay: orNull(whole(0, most, 'write a number of minutes, from 0 up')),
      night: orNull(
        words('write hours, as in 22:00-06:00').regex(/^\d{1,2}:\d{2}-\d{1,2}:\d{2}$/, {
          error: 'write hours, as in 22:00-06:00',
        }),
      ),
    }),
  ),
  blank: { calls: null, callsPerDay: null, minutesPerDay: null, night: null },
  key: ({ subject }) => subject,
  keyFields: (subject) => ({ subject }),
  needs: ({ subject }) => neededBy(subject),
  idle: ({ calls, callsPerDay, minutesPerDay, night }) =>
    calls === null && callsPerDay === null && minutesPerDay === null && night === null,
  belongsTo: ({ subject }) => subject,
}
