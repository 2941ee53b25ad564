import { anyOf, type CharSet, charSet, fold, negate, single, union } from './charSet.ts'
import { Beyond, type Cursor } from './cursor.ts'

const DIGIT: CharSet = charSet([[0x30, 0x39]])
const LOWER: CharSet = charSet([[0x61, 0x7a]])
const UPPER: CharSet = charSet([[0x41, 0x5a]])
const ALPHA = union(LOWER, UPPER)
const WORD = union(DIGIT, ALPHA, single(0x5f))

const PERL: Readonly<Record<string, CharSet>> = { d: DIGIT, w: WORD, s: anyOf('\t\n\f\r ') }

const POSIX: Readonly<Record<string, CharSet>> = {
  digit: DIGIT,
  lower: LOWER,
  upper: UPPER,
  alpha: ALPHA,
  alnum: union(DIGIT, ALPHA),
  word: WORD,
  xdigit: union(DIGIT, anyOf('abcdefABCDEF')),
  space: anyOf('\t\n\v\f\r '),
}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** `[…]`, behind its `[`. */
export function charClass(cursor: Cursor): CharSet {
  const negated = cursor.take('^')
  const members: CharSet[] = []
  // A ] that comes first stands for itself.
  do members.push(member(cursor))
  while (!cursor.take(']'))
  const set = union(...members)
  return negated ? negate(set) : set
}

function member(cursor: Cursor): CharSet {
  const known = perlClass(cursor) ?? posixClass(cursor)
  if (known) return known
  const from = classChar(cursor)
  const to = cursor.takeMatch(/-(?!\])/y) ? classChar(cursor) : from
  if (to < from) throw new Beyond('a range that runs backwards')
  return cased(cursor, charSet([[from, to]]))
}

function classChar(cursor: Cursor): number {
  return cursor.sees('\\') ? escapedChar(cursor) : cursor.next()
}

/** `\d`, `\W` and the like; null: something else comes. */
export function perlClass(cursor: Cursor): CharSet | null {
  const [, letter = ''] = cursor.takeMatch(/\\([dwsDWS])/y) ?? []
  const set = PERL[letter.toLowerCase()]
  if (!set) return null
  const all = cased(cursor, set)
  return letter === letter.toLowerCase() ? all : negate(all)
}

/** `[:digit:]` inside a class. */
function posixClass(cursor: Cursor): CharSet | null {
  if (!cursor.sees('[:')) return null
  const found = cursor.takeMatch(/\[:(\^?)([a-z]+):\]/y)
  const set = found?.[2] === undefined ? undefined : POSIX[found[2]]
  if (!set) throw new Beyond('a class that starts with [:')
  const all = cased(cursor, set)
  return found?.[1] === '^' ? negate(all) : all
}

/** A character behind a backslash: `\.`, `\n`, `\x2A`, `\x{2A}`. */
export function escapedChar(cursor: Cursor): number {
  const hex = cursor.takeMatch(/\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y)
  if (hex) return inUnicode(Number.parseInt(hex[1] ?? hex[2] ?? '', 16))
  cursor.take('\\')
  const codePoint = cursor.next()
  const letter = String.fromCodePoint(codePoint)
  const control = CONTROLS[letter]
  if (control !== undefined) return control
  if (/[^A-Za-z0-9]/.test(letter) && codePoint < 0x80) return codePoint
  throw new Beyond(`the escape \\${letter}`)
}

function inUnicode(codePoint: number): number {
  if (codePoint > 0x10ffff) throw new Beyond('a character beyond Unicode')
  return codePoint
}

/** In either case where the flags say so. */
export function cased(cursor: Cursor, set: CharSet): CharSet {
  const all = cursor.flags.ignoreCase ? fold(set) : set
  if (!all) throw new Beyond('letters beyond ASCII in either case')
  return all
}
