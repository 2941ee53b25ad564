/** Something in the plan that cannot be, as one plain sentence that says the mend; it does not say `kind` and `name` again. */
export interface Problem {
  readonly kind: EntryKind
  /** The entry's key: a name, a number, a user, a subject. */
  readonly name: string
  readonly message: string
  /** Of an expression: characters before the place that is wrong. */
  readonly position?: number
}

export type EntryKind = 'route' | 'group' | 'number' | 'caller' | 'schedule' | 'limit' | 'forward' | 'expectation'

/** Says what is wrong with one entry. */
export type Says = (message: string, position?: number) => void

/** Adds problems of one entry to a list. */
export function sayingOf(problems: Problem[], kind: EntryKind, name: string): Says {
  return (message, position) => {
    const about = { kind, name, message }
    problems.push(position === undefined ? about : { ...about, position })
  }
}
