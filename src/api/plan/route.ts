import { z } from 'zod'
import type { RouteEntry } from '../../dialplan/plan.ts'
import {
  destinations,
  expression,
  list,
  orNull,
  phoneNumber,
  seconds,
  text,
  thingName,
  whole,
  words,
} from './fields.ts'
import { asNumber, destinationOf, type Kind, neededBy, once } from './kind.ts'
import { NOWHERE, neededOtherwise, otherwiseFields, settledOtherwise } from './otherwise.ts'

const caller = words('write any, user:101, group:sales or trunk:NAME').regex(/^(any|(user|group|trunk):.+)$/, {
  error: 'write any, user:101, group:sales or trunk:NAME',
})
const counted = words('write any, trunk:NAME or number:+15551234567').regex(/^(any|(trunk|number):.+)$/, {
  error: 'write any, trunk:NAME or number:+15551234567',
})
const callsMend = 'write a number of calls from 1 up'

/** A rule of the dial plan. */
export const route: Kind<RouteEntry> = {
  word: 'route',
  list: 'offhook route list',
  set: 'offhook route set',
  schema: once(() =>
    z.strictObject({
      name: thingName,
      match: expression,
      from: caller,
      caller: orNull(expression),
      when: orNull(words('write a schedule, as in office, or !office while it is closed')),
      overCalls: orNull(whole(1, 1_000_000, callsMend)),
      overCallsOf: counted,
      to: destinations,
      weights: orNull(
        list(whole(0, 1_000_000, 'write a weight from 0 up'), 'write a weight for each destination, as in 3,1'),
      ),
      strip: whole(0, 64, 'write a number of characters, from 0 to 64'),
      prepend: text('write what to put before the number'),
      number: orNull(words('write the number to dial, as in +49 and the name of a group of match')),
      callerId: orNull(phoneNumber),
      after: orNull(seconds),
      ...otherwiseFields,
    }),
  ),
  blank: {
    from: 'any',
    caller: null,
    when: null,
    overCalls: null,
    overCallsOf: 'any',
    weights: null,
    strip: 0,
    prepend: '',
    number: null,
    callerId: null,
    after: null,
    ...NOWHERE,
  },
  key: ({ name }) => name,
  keyFields: (name) => ({ name }),
  settled: (entry, number) => ({
    ...entry,
    ...settledOtherwise(entry, number),
    to: entry.to.map((to) => destinationOf(to, number)),
    overCallsOf: destinationOf(entry.overCallsOf, number),
    callerId: entry.callerId === null ? null : asNumber('caller-id', entry.callerId, number),
  }),
  needs: (entry) => [
    ...neededBy(entry.from, ...entry.to, entry.overCallsOf),
    ...neededOtherwise(entry),
    ...(entry.when === null ? [] : [`schedule:${entry.when.replace(/^!/, '')}`]),
  ],
}
