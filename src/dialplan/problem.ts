/** Something in the plan that cannot be, as one plain sentence that names the thing and the mend. */
export interface Problem {
  readonly kind: EntryKind
  /** The entry's key: a name, a number, a user, a subject. */
  readonly name: string
  readonly message: string
  /** Of an expression: characters before the place that is wrong. */
  readonly position?: number
}

export type EntryKind = 'route' | 'group' | 'number' | 'caller' | 'schedule' | 'limit' | 'forward' | 'expectation'

/** What is found wrong with one entry, in sentences without its name. */
export type Says = (message: string, position?: number) => void

/** Adds problems of one entry to a list. */
export function sayingOf(problems: Problem[], kind: EntryKind, name: string): Says {
  return (message, position) => {
    const about = { kind, name, message: `${kind} ${name}: ${message}` }
    problems.push(position === undefined ? about : { ...about, position })
  }
}
