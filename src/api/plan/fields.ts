import { z } from 'zod'

/** Fields of what an admin makes. Each takes text as well as its own type, for flags and configurations are all text. */

const LONGEST_TEXT = 128
const LONGEST_EXPRESSION = 1000
const LONGEST_DESTINATION = 256
const MOST_ITEMS = 1000

/** The name of a thing: something that needs no quotes in a shell, a URI or a destination. */
export const thingName = z
  .string({ error: 'write a name, as in office' })
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, { error: 'write a name of letters, digits and - _ . (64 at most)' })

/** A user's: whether there is one, the whole plan tells. */
export const userName = z.string({ error: 'write a user, as in 101' }).min(1, { error: 'write a user, as in 101' })

export function text(mend: string, longest = LONGEST_TEXT) {
  return z
    .string({ error: mend })
    .max(longest, { error: `write no more than ${longest} characters` })
    .refine((written) => !/\p{Cc}|\p{Cs}/u.test(written), { error: 'write it without control characters' })
}

/** Text that says something. */
export function words(mend: string, longest = LONGEST_TEXT) {
  return text(mend, longest).min(1, { error: mend })
}

export const expression = words('write a regular expression, as in \\+49\\d+', LONGEST_EXPRESSION)
export const destination = words('write a destination, as in user:101', LONGEST_DESTINATION)
export const phoneNumber = words('write a phone number, as in +15551234567', 64)

/** Nothing, an empty text and `none` are null. */
export function orNull<T extends z.ZodType>(schema: T) {
  return z.preprocess(
    (value) => (value === undefined || value === '' || value === 'none' ? null : value),
    schema.nullable(),
  )
}

export function oneOf<const T extends readonly string[]>(choices: T) {
  return z.enum(choices, { error: `write ${choices.join(', ').replace(/, ([^,]*)$/, ' or $1')}` })
}

export function whole(from: number, to: number, mend: string) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z.int({ error: mend }).min(from, { error: mend }).max(to, { error: mend }),
  )
}

const SECONDS_MEND = 'write seconds from 1 to 3600, as in 20s'
/** `20s`, `20` or `2m`. */
export const seconds = z.preprocess(
  (value) => {
    const [, count, unit] = /^(\d{1,6})\s*(s|m|min)?$/.exec(String(value)) ?? []
    return count === undefined ? value : Number(count) * (unit?.startsWith('m') ? 60 : 1)
  },
  z.int({ error: SECONDS_MEND }).min(1, { error: SECONDS_MEND }).max(3600, { error: SECONDS_MEND }),
)

const yes = new Set(['true', 'yes', 'on'])
const no = new Set(['false', 'no', 'off'])
export const yesOrNo = z.preprocess(
  (value) => (typeof value !== 'string' ? value : yes.has(value) ? true : no.has(value) ? false : value),
  z.boolean({ error: 'write yes or no' }),
)

/** A list; in a text, commas part its items, and `none` is an empty one. */
export function list<T extends z.ZodType>(item: T, mend: string) {
  return z.preprocess(parted, z.array(item, { error: mend }).max(MOST_ITEMS, { error: `name at most ${MOST_ITEMS}` }))
}

/** As `list`, of items that have commas in them: a text is one of them. */
export function lines<T extends z.ZodType>(item: T, mend: string) {
  return z.preprocess(
    (value) => (typeof value !== 'string' ? unlessNone(value) : unlessNone([value])),
    z.array(item, { error: mend }).max(MOST_ITEMS, { error: `name at most ${MOST_ITEMS}` }),
  )
}

export const destinations = list(destination, 'write destinations, as in user:101,group:sales').refine(
  (items) => items.length > 0 && items.length <= 32,
  { error: 'name at least one destination, as in user:101, and at most 32' },
)

function parted(value: unknown): unknown {
  if (typeof value !== 'string') return unlessNone(value)
  return unlessNone(value.split(',').map((item) => item.trim()))
}

/** Of a flag that may stand several times `none` comes as the only item. */
function unlessNone(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 && (value[0] === '' || value[0] === 'none') ? [] : value
}
