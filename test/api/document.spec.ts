import fc from 'fast-check'
import t from 'tap'
import { documentHead, entryText, readDocument, sectionHead } from '../../src/api/config/document.ts'

const PLAIN = { noNullPrototype: true }

t.test('whatever text an entry holds, it reads as it was written', async (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom(
      'no',
      '~',
      'null',
      '0x1F',
      '1_000',
      '-',
      '? a',
      '&a',
      '*a',
      '!x',
      '%',
      '|',
      "'",
      '"',
      ' x ',
      'a: b',
      'a #b',
      'a\u2028b',
    ),
  )
  const entry = fc.record({ name: text, list: fc.array(text), inner: fc.record({ a: text }, PLAIN) }, PLAIN)
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1 }), (values) => {
      const written = `${documentHead('r')}${sectionHead('users', false)}${values.map(entryText).join('')}`
      t.same(
        readDocument(written).entries,
        values.map((value, at) => ({ section: 'users', path: `users[${at}]`, value })),
      )
    }),
    { numRuns: 200 },
  )
})

t.test('a nest of aliases does not blow up', async (t) => {
  const lines = ['offhook: 1', 'a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let at = 1; at < 12; at++) lines.push(`a${at}: &a${at} [${`*a${at - 1}, `.repeat(9)}]`)
  t.throws(() => readDocument(lines.join('\n')), {
    code: 'IMPORT_INVALID',
    message: /^it has aliases in it: Excessive/,
  })
})
