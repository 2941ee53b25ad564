import { type CharSet, EVERYTHING, negate, single } from './charSet.ts'
import { Beyond, type Cursor, cursorOf } from './cursor.ts'
import { cased, charClass, escapedChar, perlClass } from './escapes.ts'

/** A regular expression, read. What tells only greedy from lazy, or how a group is named, is gone: it changes no whole match. */
export type Expression =
  | { readonly kind: 'char'; readonly set: CharSet }
  /** `^` and `\A`, `$` and `\z`. */
  | { readonly kind: 'begin' | 'end' }
  /** One after the other; none: the empty text. */
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  | { readonly kind: 'either'; readonly branches: readonly Expression[] }
  /** `max` null: as often as one likes. */
  | { readonly kind: 'repeat'; readonly of: Expression; readonly min: number; readonly max: number | null }

const MAX_LENGTH = 2_000
const MAX_DEPTH = 100
/** RE2's own. */
const MAX_REPEAT = 1_000
const EMPTY: Expression = { kind: 'sequence', parts: [] }
const ANY_BUT_NEWLINE = negate(single(0x0a))

/**
 * Reads RE2's syntax as far as dial plans use it: literals, classes, `.`, groups of all kinds, alternation, repetition, `^` and `$`,
 * the flags i, s and U. `unknown`: what it is beyond that, or wrong, in a few words.
 */
export function parseExpression(pattern: string): Expression | { readonly unknown: string } {
  if (pattern.length > MAX_LENGTH) return { unknown: 'it is very long' }
  try {
    const cursor = cursorOf(pattern)
    const read = either(cursor, 0)
    return cursor.done() ? read : { unknown: 'a ) that closes nothing' }
  } catch (error) {
    if (error instanceof Beyond) return { unknown: error.message }
    throw error
  }
}

function either(cursor: Cursor, depth: number): Expression {
  if (depth > MAX_DEPTH) throw new Beyond('groups nested very deep')
  const branches = [sequence(cursor, depth)]
  while (cursor.take('|')) branches.push(sequence(cursor, depth))
  return branches.length === 1 ? (branches[0] ?? EMPTY) : { kind: 'either', branches }
}

function sequence(cursor: Cursor, depth: number): Expression {
  const parts: Expression[] = []
  while (!cursor.done() && !cursor.sees('|') && !cursor.sees(')')) {
    if (readFlags(cursor)) continue
    parts.push(repeated(cursor, atom(cursor, depth)))
  }
  return { kind: 'sequence', parts }
}

/** `(?i)` and `(?-i)`: from here to the end of the group. */
function readFlags(cursor: Cursor): boolean {
  const found = cursor.takeMatch(/\(\?(-?[a-zA-Z][a-zA-Z-]*)\)/y)
  if (!found) return false
  setFlags(cursor, found[1] ?? '')
  if (repeatCount(cursor)) throw new Beyond('a repetition of nothing')
  return true
}

function setFlags(cursor: Cursor, letters: string): void {
  let on = true
  for (const letter of letters) {
    if (letter === '-') on = false
    else if (letter === 'i') cursor.flags = { ...cursor.flags, ignoreCase: on }
    else if (letter === 's') cursor.flags = { ...cursor.flags, dotIsAll: on }
    // U: lazy where it would be greedy, which changes no whole match.
    else if (letter !== 'U') throw new Beyond(`the flag ${letter}`)
  }
}

function repeated(cursor: Cursor, of: Expression): Expression {
  const count = repeatCount(cursor)
  if (!count) return of
  cursor.take('?')
  if (repeatCount(cursor)) throw new Beyond('a repetition of a repetition without a group')
  return { kind: 'repeat', of, ...count }
}

function repeatCount(cursor: Cursor): { min: number; max: number | null } | null {
  if (cursor.take('*')) return { min: 0, max: null }
  if (cursor.take('+')) return { min: 1, max: null }
  if (cursor.take('?')) return { min: 0, max: 1 }
  const found = cursor.takeMatch(/\{(0|[1-9]\d*)(,?)(0|[1-9]\d*)?\}/y)
  // RE2: braces that are no repetition, as in {,5}, stand for themselves.
  if (!found) return null
  const min = Number(found[1])
  const max = found[2] === '' ? min : found[3] === undefined ? null : Number(found[3])
  if (min > MAX_REPEAT || (max ?? min) > MAX_REPEAT || (max ?? min) < min)
    throw new Beyond(`the repetition ${found[0]}`)
  return { min, max }
}

function atom(cursor: Cursor, depth: number): Expression {
  if (cursor.take('(')) return group(cursor, depth)
  if (cursor.take('[')) return { kind: 'char', set: charClass(cursor) }
  if (cursor.take('.')) return { kind: 'char', set: cursor.flags.dotIsAll ? EVERYTHING : ANY_BUT_NEWLINE }
  if (cursor.take('^') || cursor.take('\\A')) return { kind: 'begin' }
  if (cursor.take('$') || cursor.take('\\z')) return { kind: 'end' }
  if (repeatCount(cursor)) throw new Beyond('a repetition of nothing')
  const known = perlClass(cursor)
  if (known) return { kind: 'char', set: known }
  return { kind: 'char', set: cased(cursor, single(cursor.sees('\\') ? escapedChar(cursor) : cursor.next())) }
}

function group(cursor: Cursor, depth: number): Expression {
  const outer = cursor.flags
  if (cursor.take('?')) groupKind(cursor)
  const inner = either(cursor, depth + 1)
  if (!cursor.take(')')) throw new Beyond('a ( that nothing closes')
  cursor.flags = outer
  return inner
}

/** What stands behind `(?`. */
function groupKind(cursor: Cursor): void {
  if (cursor.takeMatch(/P?<[A-Za-z_][A-Za-z0-9_]*>/y)) return
  const flags = cursor.takeMatch(/(-?[a-zA-Z-]*):/y)
  if (!flags) throw new Beyond(`the group (?${cursor.done() ? '' : String.fromCodePoint(cursor.next())}`)
  setFlags(cursor, flags[1] ?? '')
}
