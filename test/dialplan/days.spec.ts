import t from 'tap'
import { compileDays, compileWeekdays, covers, weekdayOf } from '../../src/dialplan/days.ts'

function day(text: string): number {
  return Date.parse(text) / 86_400_000
}

t.test('days of the week', async (t) => {
  t.equal(weekdayOf(day('1970-01-01')), 3)
  t.equal(weekdayOf(day('2026-12-21')), 0)
  t.strictSame(compileWeekdays('mon-fri'), { weekdays: [0, 1, 2, 3, 4] })
  t.strictSame(compileWeekdays('sat-tue'), { weekdays: [5, 6, 0, 1] })
  t.strictSame(compileWeekdays('Mon, wed,FRI-sat'), { weekdays: [0, 2, 4, 5] })
  t.strictSame(compileWeekdays('sun'), { weekdays: [6] })
  for (const text of ['', 'fry', 'mon-', 'mon-wed-fri', 'mon,,tue', 'monday', '__proto__']) {
    t.match(compileWeekdays(text), { problem: /is no day of the week; write mon-fri, or mon,wed$/ }, text)
  }
})

t.test('days of the calendar', async (t) => {
  const cover = (text: string, ...dates: readonly string[]) => {
    const days = compileDays(text)
    if ('problem' in days) throw new Error(days.problem)
    return dates.map((date) => covers(days, day(date)))
  }
  t.strictSame(cover('2026-12-25', '2026-12-24', '2026-12-25', '2026-12-26', '2027-12-25'), [false, true, false, false])
  const turn = ['2026-12-23', '2026-12-24', '2027-01-01', '2027-01-02', '2027-12-28']
  t.strictSame(cover('2026-12-24..2027-01-01', ...turn), [false, true, true, false, false])
  t.strictSame(cover('--12-24..--01-01', ...turn), [false, true, true, false, true])
  t.strictSame(cover('--07-01..--08-31', '2026-06-30', '2026-07-01', '2027-08-31', '2027-09-01'), [
    false,
    true,
    true,
    false,
  ])
  t.strictSame(cover('--02-29', '2028-02-29', '2027-03-01', '2027-02-28'), [true, false, false])
})

t.test('what are no days is told with what to write', async (t) => {
  const wrong = [
    '',
    '25.12.2026',
    '2026-13-01',
    '2026-02-29',
    '--02-30',
    '2026-12-24..--01-01',
    '2026-1-1',
    '2026-01-01..',
    '12-25',
  ]
  for (const text of wrong) t.match(compileDays(text), { problem: /are no days; write 2026-12-25, / }, text)
  t.strictSame(compileDays('2026-12-25..2026-12-24'), { problem: '"2026-12-25..2026-12-24" ends before it begins' })
})
