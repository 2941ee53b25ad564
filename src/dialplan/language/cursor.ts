/** What an expression has that we don't read, in a few words. It never leaves this folder. */
export class Beyond extends Error {}

export interface Flags {
  readonly ignoreCase: boolean
  readonly dotIsAll: boolean
}

/** A place in an expression. */
export interface Cursor {
  flags: Flags
  done(): boolean
  sees(text: string): boolean
  /** Goes past the text, if it is the next. */
  take(text: string): boolean
  /** Goes past what the expression (sticky) matches. */
  takeMatch(expression: RegExp): RegExpExecArray | null
  /** The next code point; there must be one. */
  next(): number
}

export function cursorOf(pattern: string): Cursor {
  let at = 0
  return {
    flags: { ignoreCase: false, dotIsAll: false },
    done: () => at >= pattern.length,
    sees: (text) => pattern.startsWith(text, at),
    take(text) {
      if (!pattern.startsWith(text, at)) return false
      at += text.length
      return true
    },
    takeMatch(expression) {
      expression.lastIndex = at
      const found = expression.exec(pattern)
      if (found) at = expression.lastIndex
      return found
    },
    next() {
      const codePoint = pattern.codePointAt(at)
      if (codePoint === undefined) throw new Beyond('an end where more must come')
      at += codePoint > 0xffff ? 2 : 1
      return codePoint
    },
  }
}
