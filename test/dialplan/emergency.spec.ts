import t from 'tap'
import { emergencyNumbers } from '../../src/dialplan/emergency.ts'
import { numbering } from '../../src/dialplan/number.ts'

t.test('the emergency numbers of a country', async (t) => {
  const of = (country: string | null) => [...emergencyNumbers(country)].join(' ')
  t.equal(of('DE'), '110 112')
  t.equal(of('de'), '110 112')
  t.equal(of('GB'), '112 999')
  t.equal(of('US'), '112 911')
  t.equal(of('AU'), '000 106 112')
  t.equal(of('JP'), '110 118 119')
  t.equal(of('ZW'), '112 993 994 995 999', 'the last of the list')
  for (const unknown of [null, 'XX', '', '__proto__']) t.equal(of(unknown), '112 911')
})

t.test('112 holds in all of the European Union', async (t) => {
  const union = 'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'
  for (const country of union.split(' ')) t.ok(emergencyNumbers(country).has('112'), country)
})

t.test('every entry is a country with numbers', async (t) => {
  const countries = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const fallback = emergencyNumbers(null)
  let listed = 0
  for (const code of letters.flatMap((a) => letters.map((b) => a + b))) {
    const numbers = emergencyNumbers(code)
    if (numbers === fallback) continue
    listed++
    t.ok(countries.of(code), code)
    for (const number of numbers) t.match(number, /^\d{2,5}$/, code)
  }
  t.ok(listed > 230, `${listed} countries`)
})

t.test('a number is matched exactly, punctuation aside', async (t) => {
  const { isEmergency } = numbering('DE')
  for (const raw of ['112', '1-1-2', '1 1 2', 'tel:112', 'TEL:110', '(110)']) t.ok(isEmergency(raw), raw)
  const others = [
    '0112',
    '1120',
    '1112',
    '+112',
    '11',
    '112#',
    '*112',
    '911',
    '',
    'tel:',
    '１１２',
    '112\n',
    '9112',
    '+49112',
  ]
  for (const raw of others) t.notOk(isEmergency(raw), raw)
  t.ok(numbering('US').isEmergency('911'))
  t.ok(numbering(null).isEmergency('112'))
  t.notOk(numbering(null).isEmergency('110'))
})
