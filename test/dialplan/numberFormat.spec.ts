import fc from 'fast-check'
import t from 'tap'
import { formatNumber } from '../../src/dialplan/numberFormat.ts'
import { runs } from '../support/runs.ts'

t.test('a number is written as a provider wants it', async (t) => {
  t.equal(formatNumber('+49301234567', 'e164', 'DE'), '+49301234567')
  t.equal(formatNumber('+49301234567', 'plain', 'DE'), '49301234567')
  t.equal(formatNumber('+49301234567', 'raw', 'DE'), '+49301234567')
  t.equal(formatNumber('+49301234567', 'national', 'DE'), '0301234567')
  t.equal(formatNumber('+49301234567', 'national', 'de'), '0301234567')
  t.equal(formatNumber('+12125550123', 'national', 'US'), '2125550123')
  t.equal(formatNumber('+390612345678', 'national', 'IT'), '0612345678')
  t.equal(formatNumber('+74951234567', 'national', 'RU'), '84951234567')
})

t.test('abroad, the country’s international prefix goes first', async (t) => {
  t.equal(formatNumber('+12125550123', 'national', 'DE'), '0012125550123')
  t.equal(formatNumber('+49301234567', 'national', 'US'), '01149301234567')
  t.equal(formatNumber('+49301234567', 'national', 'AU'), '001149301234567')
  t.equal(formatNumber('+49301234567', 'national', 'RU'), '81049301234567')
  t.equal(formatNumber('+12125550123', 'national', 'CA'), '2125550123', 'one country code is one plan')
})

t.test('what has no national form stays as it is', async (t) => {
  t.equal(formatNumber('+49301234567', 'national', null), '+49301234567')
  t.equal(formatNumber('+49301234567', 'national', 'XX'), '+49301234567')
  t.equal(
    formatNumber('+49301234567', 'national', 'BR'),
    '+49301234567',
    'a carrier’s code has to be in the prefix there',
  )
  t.equal(formatNumber('+9991234567', 'national', 'DE'), '+9991234567')
  t.equal(formatNumber('garbage', 'national', 'DE'), 'garbage')
})

t.test('it never throws', async (t) => {
  const format = fc.constantFrom('e164', 'plain', 'national', 'raw')
  const country = fc.option(fc.constantFrom('DE', 'US', 'RU', 'XX', '__proto__', ''))
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), format, country, (text, format, country) => {
      t.type(formatNumber(text, format, country), 'string')
    }),
    { seed: 8, numRuns: runs(500) },
  )
})
