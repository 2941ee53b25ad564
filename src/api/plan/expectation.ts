import { z } from 'zod'
import type { ExpectationEntry } from '../../dialplan/plan.ts'
import { destination, orNull, phoneNumber, words } from './fields.ts'
import { asNumber, destinationOf, type Kind, neededBy, once } from './kind.ts'

const time = 'write a local time, as in 2026-12-25T10:00'

/** What the dial plan must go on doing. */
export const expectation: Kind<ExpectationEntry> = {
  word: 'expectation',
  list: 'offhook dialplan expect list',
  set: null,
  schema: once(() =>
    z.strictObject({
      number: words('write what is dialled, as in 0301234567'),
      from: words('write a user, as in 101, or trunk:NAME'),
      caller: orNull(phoneNumber),
      at: orNull(words(time).regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, { error: time })),
      to: destination,
    }),
  ),
  blank: { caller: null, at: null },
  key: ({ number, from, caller, at }) =>
    [
      number,
      `from ${from}`,
      ...(caller === null ? [] : [`caller ${caller}`]),
      ...(at === null ? [] : [`at ${at}`]),
    ].join(' '),
  keyFields: (key) => {
    const [, number, from, caller, at] = /^(.*?) from (\S+)(?: caller (\S+))?(?: at (\S+))?$/.exec(key) ?? []
    return { number: number ?? key, from: from ?? '', caller: caller ?? null, at: at ?? null }
  },
  settled: (entry, number) => ({
    ...entry,
    from: entry.from.replace(/^user:/, ''),
    caller: entry.caller === null ? null : asNumber('caller', entry.caller, number),
    to: destinationOf(entry.to, number),
  }),
  needs: ({ from, to }) => neededBy(from.startsWith('trunk:') ? from : `user:${from}`, to),
}
