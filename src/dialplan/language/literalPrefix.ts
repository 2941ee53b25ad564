import { type Expression, parseExpression } from './syntax.ts'

/** The text with which every whole match of the expression begins; empty where there is none, or where the expression is not understood. */
export function literalPrefix(pattern: string): string {
  const read = parseExpression(pattern)
  return 'unknown' in read ? '' : prefixOf(read).text.slice(0, MAX_LENGTH)
}

/** `whole`: the text is all that the expression matches, so what follows it goes on. */
interface Prefix {
  readonly text: string
  readonly whole: boolean
}

/** Characters. */
const MAX_LENGTH = 64

const NOTHING_SURE: Prefix = { text: '', whole: false }

function prefixOf(node: Expression): Prefix {
  switch (node.kind) {
    case 'char': {
      const [from, to] = node.set
      const sure = node.set.length === 2 && from !== undefined && from === to
      return sure ? { text: String.fromCodePoint(from), whole: true } : NOTHING_SURE
    }
    case 'begin':
    case 'end':
      return { text: '', whole: true }
    case 'sequence':
      return ofSequence(node.parts)
    case 'either':
      return common(node.branches.map(prefixOf))
    case 'repeat':
      return ofRepeat(node.of, node.min, node.max)
  }
}

function ofSequence(parts: readonly Expression[]): Prefix {
  let text = ''
  for (const part of parts) {
    const next = prefixOf(part)
    text += next.text
    if (!next.whole) return { text, whole: false }
  }
  return { text, whole: true }
}

function common(prefixes: readonly Prefix[]): Prefix {
  const [first = NOTHING_SURE, ...others] = prefixes
  let length = first.text.length
  for (const { text } of others) while (!text.startsWith(first.text.slice(0, length))) length--
  const same = others.every(({ text }) => text === first.text)
  return { text: first.text.slice(0, length), whole: same && prefixes.every(({ whole }) => whole) }
}

function ofRepeat(of: Expression, min: number, max: number | null): Prefix {
  const once = prefixOf(of)
  if (min === 0 || !once.whole) return min === 0 ? NOTHING_SURE : once
  // A longer prefix helps nobody, and ((1{1000}){1000}){1000} is short to write.
  if (once.text.length * min > MAX_LENGTH)
    return { text: once.text.repeat(Math.min(min, MAX_LENGTH)).slice(0, MAX_LENGTH), whole: false }
  return { text: once.text.repeat(min), whole: max === min }
}
