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
export const patterns: fc.Arbitrary<string> = fc
  .letrec<{ pattern: string; branch: string; piece: string; group: string }>((tie) => ({
    pattern: fc.array(tie('branch'), { minLength: 1, maxLength: 3 }).map((all) => all.join('|')),
    branch: fc.array(tie('piece'), { maxLength: 4 }).map((all) => all.join('')),
    piece: fc
      .tuple(fc.oneof({ depthSize: 'small', withCrossShrink: true }, atoms, tie('group')), quantifiers)
      .map(([of, quantifier]) => `${of}${quantifier}`),
    group: fc.tuple(opens, tie('pattern')).map(([open, inside]) => `${open}${inside})`),
  }))
  .pattern.map(named)

/** Each group a name of its own. */
function named(pattern: string): string {
  let count = 0
  return pattern.replace(/\(\?P?<(?!n\d+>)/g, (open) => `${open}n${count++}>`)
}

export const texts: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...'01ak+*-]{,5}K é\n', '😀', 'K'), { maxLength: 6 })
  .map((all) => all.join(''))
