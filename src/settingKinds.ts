import { z } from 'zod'

/** What a host name is made of; lower case. */
export const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/

/** A whole number; also as text, which is how flags come. */
export function whole(from: number, to: number, mend: string) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value),
    z.int({ error: mend }).min(from, { error: mend }).max(to, { error: mend }),
  )
}

/** A list, or a single item standing for a list of one. */
export function list<T extends z.ZodType>(item: T, mend: string) {
  return z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item, { error: mend }))
}
