import { z } from 'zod'
import type { ScheduleEntry } from '../../dialplan/plan.ts'
import { lines, thingName, words } from './fields.ts'
import { type Kind, once } from './kind.ts'

const hours = 'write hours, as in "mon-fri 09:00-17:00"'
const days = 'write a day, as in 2026-12-25, --12-25 or 2026-12-24..2027-01-01'
const special = 'write a day with its hours, as in "2026-12-31 09:00-12:00"'

/** When something is open. */
export const schedule: Kind<ScheduleEntry> = {
  word: 'schedule',
  list: 'offhook schedule list',
  set: 'offhook schedule set',
  schema: once(() =>
    z.strictObject({
      name: thingName,
      tz: words('write a time zone, as in Europe/Berlin'),
      open: lines(words(hours), hours),
      closed: lines(words(days), days),
      special: lines(words(special), special),
    }),
  ),
  blank: { open: [], closed: [], special: [] },
  key: ({ name }) => name,
  keyFields: (name) => ({ name }),
  needs: () => [],
}
