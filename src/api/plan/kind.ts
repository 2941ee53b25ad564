import type { z } from 'zod'
import { closest } from '../../closest.ts'

/** Reads numbers, by the server's country; null: it is none. */
export type ReadNumber = (written: string) => string | null

/** Makes it when it is first asked for: most commands ask for no schema, and each takes a while to make. */
export function once<T>(make: () => T): () => T {
  let made: T | null = null
  return () => {
    made ??= make()
    return made
  }
}

/** One kind of thing in the phone network: the file of each has its own. */
export interface Kind<T extends object> {
  /** What one of them is called, as in `route`. */
  readonly word: string
  /** The commands that show them, and that change one. */
  readonly list: string
  readonly set: string | null
  /** All fields of an entry, in the order in which they are shown. */
  schema(): z.ZodType<T> & { readonly shape: object }
  /** What a field is that an admin says nothing about; those that are not in here must be given. */
  readonly blank: Partial<T>
  /** What tells it from others of its kind, as text. */
  key(entry: T): string
  /** The fields that are the key, of a text that an admin wrote. */
  keyFields(key: string): object
  /** The key that is meant where numbers in it are written as they are dialled here. */
  keyOf?(written: string, number: ReadNumber): string
  /** Writes its numbers as E.164. Throws a FieldProblem. */
  settled?(entry: T, number: ReadNumber): T
  /** What it needs, as in `user:101`, `schedule:office`, `number:+15551234567`. */
  needs(entry: T): readonly string[]
  /** There is always one, of which nothing is kept while this holds: to set it makes it, and to blank it takes it away. */
  idle?(entry: T): boolean
  /** The thing that takes this along when it goes, as in `user:101`; its own needs do not keep that thing. */
  belongsTo?(entry: T): string
}

/** A field that cannot have its value; the message is the mend. */
export class FieldProblem extends Error {
  /** As an admin writes it, as in `over-calls`; empty: it is no one field. */
  readonly field: string

  constructor(field: string, mend: string) {
    super(mend)
    this.field = field
  }
}

/** An entry of what an admin said; absent fields are blank. Throws a FieldProblem. */
export function readFields<T extends object>(kind: Kind<T>, given: object, number: ReadNumber | null): T {
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const read = kind.schema().safeParse({ ...kind.blank, ...said })
  if (!read.success) throw problemOf(kind, read.error)
  return number === null ? read.data : (kind.settled?.(read.data, number) ?? read.data)
}

function problemOf<T extends object>(kind: Kind<T>, error: z.ZodError): FieldProblem {
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys') ?? error.issues[0]
  const path = (issue?.path ?? []).map((key, at) => (at === 0 ? kebab(String(key)) : `[${String(key)}]`)).join('')
  if (issue?.code !== 'unrecognized_keys') return new FieldProblem(path, issue?.message ?? 'it cannot be read')
  const [key = ''] = issue.keys
  const known = Object.keys(kind.schema().shape).map(kebab)
  const meant = closest(kebab(key), known)
  const mend = meant === null ? `take ${known.join(', ')}` : `did you mean ${meant}?`
  return new FieldProblem(kebab(key), `a ${kind.word} has no such field; ${mend}`)
}

/** Reads a number that must be one. */
export function asNumber(field: string, written: string, number: ReadNumber): string {
  const read = number(written)
  if (read !== null) return read
  const mend = 'write it with its country code, as in +49301234567, or set country in offhook.yaml'
  throw new FieldProblem(field, `${JSON.stringify(written)} is no phone number; ${mend}`)
}

/** `number:030…` as E.164, where it can be read; other destinations as they are. */
export function destinationOf(written: string, number: ReadNumber): string {
  const [, raw] = /^number:(.*)$/.exec(written) ?? []
  const read = raw === undefined ? null : number(raw)
  return read === null ? written : `number:${read}`
}

/** What destinations need. What is no plain thing of ours needs nothing. */
export function neededBy(...destinations: readonly (string | null)[]): string[] {
  return destinations.filter((to): to is string => to !== null && /^(user|group|trunk|number):[^$]*$/.test(to))
}

/** `overCalls` as `over-calls`: how a field is named in flags and configurations. */
export function kebab(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

export function camel(field: string): string {
  return field.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
