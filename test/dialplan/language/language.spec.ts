import fc from 'fast-check'
import { RE2JS } from 're2js'
import t from 'tap'
import { covers, includes } from '../../../src/dialplan/language/covers.ts'
import {
  contains,
  fixedChars,
  isEmpty,
  type Language,
  language,
  texts,
} from '../../../src/dialplan/language/language.ts'
import { example, overlap } from '../../../src/dialplan/language/overlap.ts'
import { runs } from '../../support/runs.ts'
import { texts as anyTexts, nested, patterns } from './patterns.ts'

function known(pattern: string): Language {
  const read = language(pattern)
  if ('unknown' in read) throw new Error(`${pattern}: ${read.unknown}`)
  return read
}

t.test('it matches what RE2 matches', async (t) => {
  let matched = 0
  fc.assert(
    fc.property(patterns, fc.array(anyTexts, { minLength: 8, maxLength: 8 }), (pattern, samples) => {
      const re2 = RE2JS.compile(pattern)
      const ours = known(pattern)
      const plain = example(ours)
      if (plain !== null && !re2.matches(plain)) return false
      return samples.every((text) => {
        if (re2.matches(text)) matched++
        return re2.matches(text) === contains(ours, text)
      })
    }),
    { numRuns: runs(2_000), seed: 7 },
  )
  t.ok(matched > runs(500), `${matched} matched`)
})

t.test('what stands in dial plans', async (t) => {
  const examples: readonly (readonly [pattern: string, inside: string, outside: string])[] = [
    ['\\+49(?P<rest>\\d+)', '+4930', '+49'],
    ['^0(?<rest>[1-9]\\d{2,})$', '0301', '0001'],
    ['(^1|2$)', '2', '12'],
    ['(?i)(sales|k)', 'SaLeſ', 'sale'],
    ['(?i)[^k]+', 'ab', 'aK'],
    ['(?i)k', '\u212a', 'l'],
    ['(?i)[^S]', 'k', 'ſ'],
    ['a(?-i:b)(?i)c|d', 'abC', 'aBc'],
    ['a(?i)b|c', 'C', 'A'],
    ['(?s).', '\n', ''],
    ['.', 'a', '\n'],
    ['\\*4[34]', '*43', '*45'],
    ['[[:^digit:]]', 'a', '1'],
    ['\\z', '', 'a'],
  ]
  for (const [pattern, inside, outside] of examples) {
    const re2 = RE2JS.compile(pattern)
    t.ok(contains(known(pattern), inside) && re2.matches(inside), `${pattern} has ${inside}`)
    t.notOk(contains(known(pattern), outside) || re2.matches(outside), `${pattern} has not ${outside}`)
  }
})

t.test('what we cannot follow is said', async (t) => {
  const examples: Record<string, string> = {
    '\\pN': 'the escape \\p',
    '\\bfoo': 'the escape \\b',
    'a^b': 'a ^ that is not at the beginning',
    '(a$)*': 'a $ that is not at the end',
    '(?m)a': 'the flag m',
    '(?=a)': 'the group (?=',
    '(?<=a)': 'the group (?<',
    '(a': 'a ( that nothing closes',
    'a)': 'a ) that closes nothing',
    '[a': 'an end where more must come',
    '[b-a]': 'a range that runs backwards',
    'a**': 'a repetition of a repetition without a group',
    '+1': 'a repetition of nothing',
    'a{3,2}': 'the repetition {3,2}',
    '(a{1000}){1000}': 'so many repetitions',
    '((((){1000}){1000}){1000}){1000}': 'so many repetitions',
    '(a?b?c?d?e?f?){900}': 'so many repetitions',
    '(a?){1000}': 'so many ways through it',
    '(?i)é': 'letters beyond ASCII in either case',
    '\\x{110000}': 'a character beyond Unicode',
    '\\': 'an end where more must come',
    [`${'('.repeat(200)}${')'.repeat(200)}`]: 'groups nested very deep',
    ['1'.repeat(2_001)]: 'it is very long',
  }
  for (const [pattern, unknown] of Object.entries(examples)) {
    t.strictSame(language(pattern), { unknown }, pattern.slice(0, 40))
  }
})

t.test('nothing makes it throw', async () => {
  const pieces = fc.constantFrom(...'()[]{}|*+?.^$\\-:,<>P1aé', '(?', '(?i', '[[:', '{1,', '\\x{', '\ud800', '😀')
  const noise = fc.array(pieces, { maxLength: 20 }).map((all) => all.join(''))
  fc.assert(
    fc.property(noise, anyTexts, (pattern, text) => {
      const read = language(pattern)
      if ('unknown' in read) return true
      return RE2JS.compile(pattern).matches(text) === contains(read, text)
    }),
    { numRuns: runs(10_000), seed: 8 },
  )
})

const ALPHABET = ['0', '1', 'a', '+']
const ALL = [0, 1, 2, 3, 4].flatMap((length) => words(length))

function words(length: number): string[] {
  return length === 0 ? [''] : words(length - 1).flatMap((word) => ALPHABET.map((char) => word + char))
}

/** Expressions over the small alphabet alone. */
const smallPatterns = nested(
  fc.constantFrom('0', '1', 'a', '\\+', '[01]', '[01a+]', '[0a]'),
  fc.constant('('),
  fc.constantFrom('', '', '*', '+', '?'),
  2,
).map((pattern) => {
  const re2 = RE2JS.compile(pattern)
  return { pattern, all: new Set(ALL.filter((text) => re2.matches(text))) }
})

t.test('overlaps are those that trying all texts finds', async () => {
  fc.assert(
    fc.property(smallPatterns, smallPatterns, (a, b) => {
      const common = ALL.find((text) => a.all.has(text) && b.all.has(text))
      const found = overlap(known(a.pattern), known(b.pattern))
      if (common === undefined) return found === 'none' || (typeof found === 'object' && found.text.length > 4)
      return (
        typeof found === 'object' &&
        a.all.has(found.text) &&
        b.all.has(found.text) &&
        found.text.length === common.length
      )
    }),
    { numRuns: runs(2_000), seed: 9 },
  )
})

t.test('what is covered is what trying all texts finds', async (t) => {
  const counts = { yes: 0, no: 0 }
  fc.assert(
    fc.property(fc.array(smallPatterns, { maxLength: 3 }), smallPatterns, (earlier, later) => {
      const verdict = covers(
        earlier.map(({ pattern }) => known(pattern)),
        known(later.pattern),
      )
      const uncovered = [...later.all].find((text) => !earlier.some(({ all }) => all.has(text)))
      if (verdict === 'unknown') return false
      counts[verdict]++
      if (verdict === 'yes') return uncovered === undefined
      return (
        uncovered !== undefined ||
        longerThan4(
          later.pattern,
          earlier.map(({ pattern }) => pattern),
        )
      )
    }),
    { numRuns: runs(3_000), seed: 10 },
  )
  t.ok(counts.yes > runs(100) && counts.no > runs(100), JSON.stringify(counts))
})

/** Whether some longer text shows it: of the small alphabet, up to 8 characters. */
function longerThan4(later: string, earlier: readonly string[]): boolean {
  const re2 = RE2JS.compile(later)
  const others = earlier.map((pattern) => RE2JS.compile(pattern))
  return [5, 6, 7, 8].some((length) =>
    words(length).some((text) => re2.matches(text) && !others.some((o) => o.matches(text))),
  )
}

t.test('questions an admin has', async (t) => {
  const is = (a: string, b: string) => includes(known(a), known(b))
  t.equal(is('\\d+', '0\\d+'), 'yes')
  t.equal(is('0\\d+', '\\d+'), 'no')
  t.equal(is('[0-9]{3,}', '1\\d\\d'), 'yes')
  t.equal(is('.*', '\\n'), 'no')
  t.equal(is('(?s).*', '\\n|😀'), 'yes')
  t.equal(covers(['[0-4]\\d*', '[5-9]\\d*'].map(known), known('\\d+')), 'yes')
  t.equal(covers(['[0-4]\\d*', '[6-9]\\d*'].map(known), known('\\d+')), 'no')
  t.equal(covers([], known('a[^\\x00-\\x{10FFFF}]')), 'yes', 'nothing is covered by nothing')
  t.strictSame(overlap(known('\\d{5}'), known('0\\d+')), { text: '00000' })
  t.strictSame(overlap(known('[a-z1-9]+'), known('\\w{2}')), { text: '11' })
  t.strictSame(overlap(known('\\+49\\d+'), known('.{4}')), { text: '+490' })
  t.equal(overlap(known('\\d+'), known('\\+\\d+')), 'none')
  t.equal(fixedChars(known('004[19]\\d*'), '00491'), 3)
  t.equal(fixedChars(known('(0049|\\d{4})1|\\d*'), '00491'), 5, 'in the way that asks for most')
  t.equal(fixedChars(known('00'), '001'), 0)
  t.equal(isEmpty(known('a[^\\x00-\\x{10FFFF}]|[^\\d\\D]')), true)
  t.equal(isEmpty(known('')), false)
  t.equal(example(known('a[^\\x00-\\x{10FFFF}]')), null)
  t.equal(example(known('\\*?[a-z]{2}')), 'aa')
  t.strictSame(texts(known('1[0-2]|\\*4(3|4)?|'), 10), ['', '10', '11', '12', '*4', '*43', '*44'])
  t.equal(texts(known('\\d\\d'), 99), null)
  t.equal(texts(known('\\d\\d'), 100)?.length, 100)
  t.equal(texts(known('1*'), 100), null)
  t.equal(texts(known('.'), 100), null)
})

t.test('what blows up is given up in time', async (t) => {
  const blowUp = known('((a|b)*a(a|b){20})|((a|b)*b(a|b){20})|(a|b){0,20}')
  t.equal(includes(blowUp, known('(a|b)*')), 'unknown')
  t.equal(includes(known('(a|b)*'), blowUp), 'yes')
  t.strictSame(overlap(known('(a|b)*a(a|b){20}'), blowUp), { text: 'a'.repeat(21) })
  const wide = known('(\\d{1,900}|\\d{1,800}){2}')
  const worst = [
    () => includes(blowUp, known('(a|b)*')),
    () => includes(wide, known('\\d+')),
    () => includes(known('(\\d*1\\d{40}){3}'), wide),
    () => overlap(wide, known('([0-8]{900}|\\d{799}x|\\d{7}){2}y')),
    () => texts(known('[ab]{400}'), 1_000),
    () => language('(a{1000}){1000}'),
    () => language('(((a|b)?){30}){30}'),
  ]
  for (const [i, question] of worst.entries()) {
    const times = [1, 2, 3].map(() => took(question)).sort((a, b) => a - b)
    t.ok((times[0] ?? 0) < 3_000, `${i}: ${times.map((ms) => ms.toFixed(1)).join(' ')} ms`)
  }
})

function took(question: () => unknown): number {
  const start = process.hrtime.bigint()
  question()
  return Number(process.hrtime.bigint() - start) / 1e6
}
