import { z } from 'zod'
import type { GroupEntry } from '../../dialplan/plan.ts'
import { list, oneOf, seconds, thingName, userName } from './fields.ts'
import { type Kind, once } from './kind.ts'

/** Users that are rung by one name. */
export const group: Kind<GroupEntry> = {
  word: 'group',
  list: 'offhook group list',
  set: 'offhook group set',
  schema: once(() =>
    z.strictObject({
      name: thingName,
      members: list(userName, 'write users, as in 101,102').refine(
        (members) => new Set(members).size === members.length,
        {
          error: 'name each user once',
        },
      ),
      order: oneOf(['together', 'in-turn', 'longest-idle']),
      step: seconds,
    }),
  ),
  blank: { order: 'together', step: 15 },
  key: ({ name }) => name,
  keyFields: (name) => ({ name }),
  needs: ({ members }) => members.map((user) => `user:${user}`),
}
