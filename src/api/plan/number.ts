import { z } from 'zod'
import type { NumberEntry } from '../../dialplan/plan.ts'
import { destination, destinations, oneOf, orNull, phoneNumber, seconds, text, thingName, whole } from './fields.ts'
import { asNumber, destinationOf, type Kind, neededBy, once } from './kind.ts'
import { NOWHERE, neededOtherwise, otherwiseFields, settledOtherwise } from './otherwise.ts'

/** A number of ours. */
export const number: Kind<NumberEntry> = {
  word: 'number',
  list: 'offhook number list',
  set: 'offhook number set',
  schema: once(() =>
    z.strictObject({
      number: phoneNumber,
      to: destinations,
      trunk: orNull(thingName),
      label: z.preprocess(
        (value) => (value === '' ? null : value),
        text('write a label, as in "Main line"').nullable(),
      ),
      after: orNull(seconds),
      availability: oneOf(['always', 'after-hours', 'overflow', 'scheduled', 'never']),
      schedule: orNull(thingName),
      overCalls: orNull(whole(1, 1_000_000, 'write a number of calls from 1 up')),
      fallback: orNull(destination),
      ...otherwiseFields,
    }),
  ),
  blank: {
    trunk: null,
    label: null,
    after: null,
    availability: 'always',
    schedule: null,
    overCalls: null,
    fallback: null,
    ...NOWHERE,
  },
  key: ({ number }) => number,
  keyFields: (number) => ({ number }),
  keyOf: (written, number) => number(written) ?? written,
  settled: (entry, number) => ({
    ...entry,
    ...settledOtherwise(entry, number),
    number: asNumber('number', entry.number, number),
    to: entry.to.map((to) => destinationOf(to, number)),
    fallback: entry.fallback === null ? null : destinationOf(entry.fallback, number),
  }),
  needs: (entry) => [
    ...neededBy(...entry.to, entry.fallback, entry.trunk === null ? null : `trunk:${entry.trunk}`),
    ...neededOtherwise(entry),
    ...(entry.schedule === null ? [] : [`schedule:${entry.schedule}`]),
  ],
}
