import fc from 'fast-check'

const atoms = fc.constantFrom(
  ...[
    '0',
    '1',
    'a',
    'k',
    'K',
    '\\+',
    '\\*',
    '.',
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '\\s',
    '[01]',
    '[^0]',
    '[^\\d+]',
    '[0-9a]',
    '[a-]',
  ],
  ...[
    '[]a]',
    '[\\d-a]',
    '[[:digit:]k]',
    '[^[:^alpha:]]',
    '\\x30',
    '\\x{6B}',
    '{,5}',
    '}',
    'é',
    '😀',
    '[^\\x00-\\x{10FFFF}]',
  ],
)
const quantifiers = fc.constantFrom(
  '',
  '',
  '',
  '*',
  '+',
  '?',
  '{2}',
  '{0}',
  '{1,}',
  '{0,2}',
  '*?',
  '+?',
  '??',
  '{1,3}?',
)
const opens = fc.constantFrom('(', '(?:', '(?P<', '(?<', '(?s:', '(?U:')

/** Expressions of the subset that we read, all of them right. */
export const patterns: fc.Arbitrary<string> = nested(atoms, opens, quantifiers, 2).map(named)

/** Pieces put together with repetitions, alternatives, and groups inside groups. */
export function nested(
  pieces: fc.Arbitrary<string>,
  opens: fc.Arbitrary<string>,
  quantifiers: fc.Arbitrary<string>,
  depth: number,
): fc.Arbitrary<string> {
  const group = () => {
    const inside = nested(pieces, opens, quantifiers, depth - 1)
    return fc.tuple(opens, inside).map(([open, text]) => `${open}${text})`)
  }
  const piece = depth === 0 ? pieces : fc.oneof({ weight: 3, arbitrary: pieces }, { weight: 1, arbitrary: group() })
  const branch = fc.array(fc.tuple(piece, quantifiers), { maxLength: 3 }).map((all) => all.flat().join(''))
  const branches = fc.oneof(fc.tuple(branch), fc.tuple(branch), fc.tuple(branch, branch))
  return branches.map((all) => all.join('|'))
}

/** Each group a name of its own. */
function named(pattern: string): string {
  let count = 0
  return pattern.replace(/\(\?P?<(?!n\d+>)/g, (open) => `${open}n${count++}>`)
}

export const texts: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...'01ak+*-]{,5}K é\n', '😀', 'K'), { maxLength: 6 })
  .map((all) => all.join(''))
