import fc from 'fast-check'
import { RE2JS } from 're2js'
import t from 'tap'
import { literalPrefix } from '../../../src/dialplan/language/literalPrefix.ts'
import { runs } from '../../support/runs.ts'
import { patterns, texts } from './patterns.ts'

t.test('the text every match begins with', async (t) => {
  const examples: Record<string, string> = {
    '\\+49(?P<rest>\\d+)': '+49',
    '(?P<all>\\+49)\\d+': '+49',
    '^0049.*$': '0049',
    '112': '112',
    '\\*4[34]': '*4',
    '(?:0049|004)\\d+': '004',
    '11?2': '1',
    '1{3}5': '1115',
    '1{2,3}5': '11',
    '(12)+3': '12',
    '\\x2A\\x{2A}': '**',
    '[4]5': '45',
    'a(?i)bc': 'a',
    '(?i:A)1': '',
    '(1|)2': '',
    '1*2': '',
    '\\d+': '',
    '.': '',
    '': '',
    '\\p{Nd}': '',
    '(?=1)2': '',
    '1(': '',
    '*': '',
    '((1{1000}){1000}){1000}': '1'.repeat(64),
    '((((((((1{32}){32}){32}){32}){32}){32}){32}){32}){32}': '1'.repeat(64),
  }
  for (const [pattern, prefix] of Object.entries(examples)) t.equal(literalPrefix(pattern), prefix, pattern)
})

t.test('no match begins otherwise', async () => {
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => {
      if (RE2JS.compile(pattern).matches(text)) return text.startsWith(literalPrefix(pattern))
      return true
    }),
    { numRuns: runs(3_000), seed: 6 },
  )
})
