import fc from 'fast-check'
import t, { type Test } from 'tap'
import { isCountry, numbering } from '../../src/dialplan/number.ts'
import type { ReadNumber } from '../../src/dialplan/numbering.ts'
import { runs } from '../support/runs.ts'

type Row = readonly [country: string | null, raw: string, e164: string | null, kind: ReadNumber['class']]

function reads(t: Test, rows: readonly Row[]): void {
  for (const [country, raw, e164, kind] of rows) {
    const name = `${raw} dialled in ${country}`
    t.match(numbering(country).read(raw), { raw, e164, class: kind }, name)
  }
}

t.test('numbers are read as they are dialled in their country', async (t) => {
  reads(t, [
    ['DE', '0301234567', '+49301234567', 'national'],
    ['DE', '301234567', '+49301234567', 'national'],
    ['DE', '+49301234567', '+49301234567', 'national'],
    ['DE', '0049301234567', '+49301234567', 'national'],
    ['DE', '0033142345678', '+33142345678', 'international'],
    ['DE', '+12125550123', '+12125550123', 'international'],
    ['US', '2125550123', '+12125550123', 'national'],
    ['US', '12125550123', '+12125550123', 'national'],
    ['US', '01149301234567', '+49301234567', 'international'],
    ['AU', '0011 49 30 1234567', '+49301234567', 'international'],
    ['JP', '010 49 30 1234567', '+49301234567', 'international'],
    ['RU', '8 10 49 30 1234567', '+49301234567', 'international'],
    ['RU', '8 495 123-45-67', '+74951234567', 'national'],
    ['BR', '0021 49 30 1234567', '+49301234567', 'international'],
    ['IT', '06 1234 5678', '+390612345678', 'national'],
    ['GB', '020 7946 0123', '+442079460123', 'national'],
    ['FR', '01 42 34 56 78', '+33142345678', 'national'],
    ['AR', '011 15 2345 6789', '+5491123456789', 'national'],
    ['NU', '4001', '+6834001', 'national'],
  ])
})

t.test('international prefixes of elsewhere are understood where they mean nothing else', async (t) => {
  reads(t, [
    ['US', '0049301234567', '+49301234567', 'international'],
    ['DE', '01133142345678', '+33142345678', 'international'],
    // In Japan, 011 is Sapporo.
    ['JP', '0112345678', '+81112345678', 'national'],
  ])
})

t.test('punctuation is read over and kept in the raw form', async (t) => {
  const raws = [
    '030/123 45-67',
    '(030) 1234567',
    '030.1234.567',
    'tel:0301234567',
    'TEL:+49-30-1234567',
    '+49 (0)30 1234567',
  ]
  for (const raw of raws) {
    const read = { raw, e164: '+49301234567', known: true, class: 'national', region: 'DE' }
    t.strictSame(numbering('de').read(raw), read, raw)
  }
})

t.test('premium numbers are known as such, however they are dialled', async (t) => {
  reads(t, [
    ['DE', '0900 1 234567', '+499001234567', 'premium'],
    ['DE', '0180 5 123456', '+491805123456', 'premium'],
    ['DE', '0137 7 123456', '+491377123456', 'premium'],
    ['DE', '+44 906 123 4567', '+449061234567', 'premium'],
    ['DE', '+44 70 1234 5678', '+447012345678', 'premium'],
    ['GB', '0870 123 4567', '+448701234567', 'premium'],
    ['US', '900 234 5678', '+19002345678', 'premium'],
    ['US', '212 976 1234', '+12129761234', 'premium'],
    ['CH', '0900 123 456', '+41900123456', 'premium'],
    [null, '+1 900 234 5678', '+19002345678', 'premium'],
    ['US', '+870 773 111 632', '+870773111632', 'premium'],
    ['US', '+881612345678', '+881612345678', 'premium'],
    ['US', '011 881612345678', '+881612345678', 'premium'],
    ['DE', '00 882 13123456789', '+88213123456789', 'premium'],
    ['DE', '+883510012345678', '+883510012345678', 'premium'],
    ['DE', '+878101234567890', '+878101234567890', 'premium'],
    ['DE', '+888123456789', '+888123456789', 'premium'],
    ['DE', '+979123456789', '+979123456789', 'premium'],
    ['DE', '+80812345678', '+80812345678', 'premium'],
    ['DE', '+80012345678', '+80012345678', 'international'],
    ['DE', '0800 1234567', '+498001234567', 'national'],
  ])
})

t.test('a number that is not known to exist counts as premium', async (t) => {
  reads(t, [
    ['DE', '+1 700 555 1234', '+17005551234', 'premium'],
    ['DE', '+9991234567', '+9991234567', 'premium'],
    ['DE', '0900 123456', '+49900123456', 'premium'],
    ['DE', '116117', null, 'premium'],
    ['DE', '11833', null, 'premium'],
    ['US', '2345678', null, 'premium'],
    ['DE', '+49301', null, 'premium'],
    ['DE', '00999123456789', null, 'premium'],
    ['US', '12345678901234567890', null, 'premium'],
  ])
})

t.test('which numbers are known to exist', async (t) => {
  const known = (country: string | null, raw: string) => numbering(country).read(raw)?.known
  t.equal(known('DE', '030987654'), true)
  t.equal(known('DE', '+49 30 987654'), true)
  t.equal(known('DE', '09001234567'), true, 'premium ones too')
  t.equal(known('US', '5551234567'), true, 'those of examples')
  t.equal(known('DE', '9030123'), false, 'a guess, e164 or not')
  t.equal(known('DE', '0900123456'), false)
  t.equal(known('DE', '116117'), false)
  t.equal(known(null, '030987654'), false)
})

t.test('the regions of a shared country code', async (t) => {
  const region = (country: string, raw: string) => {
    const read = numbering(country).read(raw)
    return [read?.region, read?.class]
  }
  t.strictSame(region('US', '809 555 1234'), ['DO', 'international'])
  t.strictSame(region('CA', '+1 212 555 0123'), ['US', 'international'])
  t.strictSame(region('CA', '+1 416 555 0123'), ['CA', 'national'])
  t.strictSame(region('CA', '800 227 3369'), ['US', 'national'], 'toll-free numbers are everybody’s')
  t.strictSame(region('GB', '01534 123456'), ['JE', 'international'])
  t.strictSame(region('FI', '018 12345'), ['AX', 'national'], 'one tariff')
  t.strictSame(region('RU', '+77012345678'), ['KZ', 'international'])
})

t.test('the numbers of examples read as any other', async (t) => {
  reads(t, [
    ['US', '+15551234567', '+15551234567', 'national'],
    ['CA', '(555) 123-4567', '+15551234567', 'national'],
    ['DE', '+15551234567', '+15551234567', 'international'],
    [null, '+15551234567', '+15551234567', 'international'],
    ['US', '+15561234567', '+15561234567', 'premium'],
  ])
  t.equal(numbering('DE').read('+15551234567')?.region, 'US')
})

t.test('without a country, only a plus tells', async (t) => {
  for (const country of [null, 'XX', '', '__proto__']) {
    reads(t, [
      [country, '+49301234567', '+49301234567', 'international'],
      [country, '0049301234567', null, 'premium'],
      [country, '0301234567', null, 'premium'],
    ])
    t.equal(numbering(country).read('1234'), null)
  }
  t.ok(isCountry('DE'))
  t.ok(isCountry('de'))
  t.notOk(isCountry('XX'))
})

t.test('what is no number of the phone network', async (t) => {
  const none = [
    '',
    '101',
    '4001',
    '+',
    '+1',
    '*43',
    '#31#0301234567',
    'alice',
    '1-800-FLOWERS',
    '030x1234567',
    '0301234567;ext=12',
  ]
  const strange = [
    '٠٣٠١٢٣٤٥٦٧',
    '+٤٩٣٠١٢٣٤٥٦٧',
    '０３０１２３４５６７',
    '0301234567\n',
    '\0',
    '\ud800',
    '++49301234567',
    '49+301234567',
  ]
  const long = ['+1234567890123456', '1'.repeat(21), '1'.repeat(100_000), `0301234567${' '.repeat(60)}`]
  for (const raw of [...none, ...strange, ...long]) {
    for (const country of ['DE', 'US', null])
      t.equal(numbering(country).read(raw), null, JSON.stringify(raw.slice(0, 40)))
  }
})

t.test('whatever is dialled, it is read without a throw, and the same way again', async (t) => {
  const numbers = { DE: numbering('DE'), US: numbering('US'), none: numbering(null) }
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789+-() '), maxLength: 30 })
  fc.assert(
    fc.property(fc.oneof(digits, fc.string({ unit: 'binary', maxLength: 300 })), (raw) => {
      for (const numbering of Object.values(numbers)) {
        const read = numbering.read(raw)
        numbering.isEmergency(raw)
        t.strictSame(numbering.read(raw), read)
        if (read === null) continue
        t.equal(read.raw, raw)
        t.ok(read.e164 === null || /^\+\d{5,15}$/.test(read.e164), raw)
        t.ok(read.e164 !== null || read.class === 'premium', 'what is not understood is dear')
      }
    }),
    { seed: 6, numRuns: runs(2000) },
  )
})

t.test('a number is as dear with its plus as it was when dialled', async (t) => {
  const home = numbering('DE')
  const dialled = fc.tuple(fc.constantFrom('0', '00', '001', '0044', '+', '011'), fc.stringMatching(/^\d{6,11}$/))
  fc.assert(
    fc.property(dialled, ([prefix, rest]) => {
      const read = home.read(prefix + rest)
      if (read?.e164) t.match(home.read(read.e164), { e164: read.e164, class: read.class, region: read.region })
    }),
    { seed: 7, numRuns: runs(1000) },
  )
})

t.test('bare digits are as dear as the dearer of their readings', async (t) => {
  reads(t, [
    ['DE', '881612345678', '+49881612345678', 'premium'],
    ['DE', '449061234567', '+49449061234567', 'premium'],
    ['DE', '33142345678', '+4933142345678', 'international'],
    ['DE', '033142345678', '+4933142345678', 'national'],
    // Egypt's +20 2 555 0123 has these digits too, but so they are dialled in Washington.
    ['US', '2025550123', '+12025550123', 'national'],
    // Russia's trunk prefix is 8; +84 is Vietnam.
    ['RU', '84951234567', '+74951234567', 'national'],
  ])
  const dear = fc.tuple(
    fc.constantFrom('808', '870', '878', '881', '882', '883', '888', '979'),
    fc.stringMatching(/^\d{6,12}$/),
  )
  fc.assert(
    fc.property(dear, fc.constantFrom('DE', 'FR', 'GB', 'IT'), ([code, rest], country) => {
      t.equal(numbering(country).read(code + rest)?.class, 'premium', `${code}${rest} dialled in ${country}`)
    }),
    { seed: 12, numRuns: runs(300) },
  )
})

t.test('readings that were kept are forgotten again', async (t) => {
  const { read } = numbering('DE')
  const first = read('030 1234567')
  t.equal(read('030 1234567'), first, 'kept')
  for (let n = 0; n < 2000; n++) {
    read(`030 ${2_000_000 + n}`)
    if (n === 1000) t.equal(read('030 1234567'), first, 'asked for again, so kept on')
  }
  t.equal(read('030 1234567'), first)
  for (let n = 0; n < 1024; n++) read(`040 ${2_000_000 + n}`)
  t.not(read('030 1234567'), first, 'forgotten')
  t.strictSame(read('030 1234567'), first)
})
