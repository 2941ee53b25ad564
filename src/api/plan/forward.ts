import { z } from 'zod'
import type { ForwardEntry } from '../../dialplan/plan.ts'
import { destination, orNull, seconds, userName, yesOrNo } from './fields.ts'
import { destinationOf, type Kind, neededBy, once } from './kind.ts'

/** What a user wants done with its calls. */
export const forward: Kind<ForwardEntry> = {
  word: 'forward',
  list: 'offhook user forward USER',
  set: 'offhook user forward',
  schema: once(() =>
    z.strictObject({
      user: userName,
      always: orNull(destination),
      busy: orNull(destination),
      noAnswer: orNull(destination),
      offline: orNull(destination),
      after: orNull(seconds),
      dnd: yesOrNo,
    }),
  ),
  blank: { always: null, busy: null, noAnswer: null, offline: null, after: null, dnd: false },
  key: ({ user }) => user,
  keyFields: (user) => ({ user }),
  settled: (entry, number) => {
    const settle = (to: string | null) => (to === null ? null : destinationOf(to, number))
    const { always, busy, noAnswer, offline } = entry
    return {
      ...entry,
      always: settle(always),
      busy: settle(busy),
      noAnswer: settle(noAnswer),
      offline: settle(offline),
    }
  },
  needs: ({ user, always, busy, noAnswer, offline }) => [`user:${user}`, ...neededBy(always, busy, noAnswer, offline)],
  idle: ({ always, busy, noAnswer, offline, after, dnd }) =>
    always === null && busy === null && noAnswer === null && offline === null && after === null && !dnd,
  belongsTo: ({ user }) => `user:${user}`,
}
