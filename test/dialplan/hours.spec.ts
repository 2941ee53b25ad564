import t from 'tap'
import { compileHours, withinHours } from '../../src/dialplan/hours.ts'

function at(text: string): number {
  return Date.parse(`${text}Z`)
}

t.test('hours are read', async (t) => {
  t.strictSame(compileHours('09:00-17:30'), { hours: [{ from: 540, to: 1050 }] })
  t.strictSame(compileHours('9:00 - 24:00'), { hours: [{ from: 540, to: 1440 }] })
  t.strictSame(compileHours('22:00-06:00'), { hours: [{ from: 1320, to: 1800 }] })
  t.strictSame(compileHours('22:00-00:00'), { hours: [{ from: 1320, to: 1440 }] })
  t.match(compileHours('08:00-12:00, 13:00-17:00'), { hours: [{}, { from: 780 }] })
})

t.test('what are no hours is told with what to write', async (t) => {
  const wrong = [
    '',
    '9-17',
    '09:00',
    '09:00-25:00',
    '09:60-10:00',
    '24:00-02:00',
    '09:00-17:00,',
    '09:00-24:01',
    '9:0-10:00',
  ]
  for (const text of wrong) t.match(compileHours(text), { problem: /write them as in 09:00-17:00$/ }, text)
  t.strictSame(compileHours('09:00-09:00'), {
    problem: '"09:00-09:00" begins as it ends; write 00:00-24:00 for a whole day',
  })
})

t.test('a night lock holds over midnight, by the zone’s clocks', async (t) => {
  const night = compileHours('22:00-06:00')
  if ('problem' in night) throw new Error(night.problem)
  const locked = (text: string) => withinHours(night, at(text), 'Europe/Berlin')
  t.notOk(locked('2026-01-15T20:59:59.999'))
  t.ok(locked('2026-01-15T21:00'))
  t.ok(locked('2026-01-15T23:30'))
  t.ok(locked('2026-01-16T04:59:59.999'))
  t.notOk(locked('2026-01-16T05:00'))
  t.ok(locked('2026-07-15T20:00'), 'summer')
  t.notOk(locked('2026-07-15T04:00'), 'summer')
  t.throws(() => withinHours(night, 0, 'Europe/Berln'), RangeError)
})
