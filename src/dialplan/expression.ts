import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js'
import { literalPrefix } from './language/literalPrefix.ts'

/** A regular expression of RE2's syntax, which takes linear time, for the whole of a text. */
export interface Expression {
  readonly text: string
  /** Its named groups. */
  readonly names: readonly string[]
  /** With what each text begins that it matches. */
  readonly prefix: string
  matches(text: string): boolean
  /** What its named groups matched; empty where it does not match. */
  groups(text: string): Groups
}

export type Groups = ReadonlyMap<string, string>

/** What is wrong with an expression. `position`: characters before it. */
export interface BadExpression {
  readonly problem: string
  readonly position: number
}

/** Characters. */
const MAX_LENGTH = 500
/** Instructions: the time that a match may take grows with them. */
const MAX_SIZE = 2000
const MAX_KEPT = 10_000

/** Compiled ones by text, so that a change of one rule of a thousand compiles one; the least lately used go first. */
const kept = new Map<string, Expression>()

/** Compiles an expression, or finds it among those that were; says where it is wrong. */
export function compileExpression(text: string): Expression | BadExpression {
  const known = kept.get(text)
  if (known) {
    kept.delete(text)
    kept.set(text, known)
    return known
  }
  const made = make(text)
  if ('problem' in made) return made
  if (kept.size >= MAX_KEPT) for (const oldest of kept.keys()) if (kept.delete(oldest)) break
  kept.set(text, made)
  return made
}

function make(text: string): Expression | BadExpression {
  if (text.length > MAX_LENGTH) return wrong(`it has more than ${MAX_LENGTH} characters`, MAX_LENGTH)
  try {
    const compiled = RE2JS.compile(text)
    if (compiled.programSize() > MAX_SIZE) return wrong('its repetitions make it too large', 0)
    return expression(text, compiled)
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return located(text, error)
    if (error instanceof RE2JSException) return wrong(error.message, 0)
    throw error
  }
}

function expression(text: string, compiled: RE2JS): Expression {
  const names = Object.keys(compiled.namedGroups())
  return {
    text,
    names,
    prefix: literalPrefix(text),
    matches: (input) => compiled.testExact(input),
    groups(input) {
      const matcher = compiled.matcher(input)
      if (!matcher.matches()) return new Map()
      return new Map(names.map((name) => [name, matcher.group(name) ?? '']))
    },
  }
}

function wrong(what: string, position: number): BadExpression {
  return { problem: what, position }
}

const MENDS: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]/, 'there is no lookahead and no lookbehind: write two rules, the narrower first'],
  [/^\\[1-9k]/, 'a group cannot be referred to again'],
]

/** re2js tells which piece it stumbled over, not where that stands. */
function located(text: string, error: RE2JSSyntaxException): BadExpression {
  const piece = error.getPattern() ?? ''
  const what = error.getDescription()
  const position = positionOf(text, what, piece)
  const mend = MENDS.find(([form]) => form.test(text.slice(position)))?.[1]
  const shownPiece = piece === text ? '' : ` ${piece}`
  return wrong(`${what}${shownPiece} at character ${position + 1}${mend ? ` (${mend})` : ''}`, position)
}

function positionOf(text: string, what: string, piece: string): number {
  if (what.includes('missing closing )')) return parentheses(text).unclosed
  if (what.includes('unexpected )')) return parentheses(text).unopened
  if (what.includes('duplicate')) return Math.max(0, text.lastIndexOf(`<${piece}>`) + 1)
  return Math.max(0, text.indexOf(piece))
}

/** Where the last `(` stands that nothing closes, and the first `)` that closes nothing; 0: there is none. */
function parentheses(text: string): { unclosed: number; unopened: number } {
  const open: number[] = []
  let inClass = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '\\') i++
    else if (inClass) inClass = c !== ']'
    else if (c === '[') inClass = true
    else if (c === '(') open.push(i)
    else if (c === ')' && open.pop() === undefined) return { unclosed: 0, unopened: i }
  }
  return { unclosed: open.at(-1) ?? 0, unopened: 0 }
}
