import { z } from 'zod'
import type { CallerEntry } from '../../dialplan/plan.ts'
import { destination, phoneNumber } from './fields.ts'
import { asNumber, destinationOf, type Kind, neededBy, once } from './kind.ts'

/** Where calls of one caller to a shared number go. */
export const caller: Kind<CallerEntry> = {
  word: 'caller',
  list: 'offhook number callers list NUMBER',
  set: null,
  schema: once(() => z.strictObject({ number: phoneNumber, caller: phoneNumber, to: destination })),
  blank: {},
  key: ({ number, caller }) => `${number} ${caller}`,
  keyFields: (key) => {
    const [number = '', caller = ''] = key.split(' ')
    return { number, caller }
  },
  keyOf: (written, number) =>
    written
      .split(' ')
      .map((part) => number(part) ?? part)
      .join(' '),
  settled: (entry, number) => ({
    number: asNumber('number', entry.number, number),
    caller: asNumber('caller', entry.caller, number),
    to: destinationOf(entry.to, number),
  }),
  needs: ({ number, to }) => [`number:${number}`, ...neededBy(to)],
}
