import fc from 'fast-check'
import t from 'tap'
import type { ScheduleEntry } from '../../src/dialplan/plan.ts'
import { type CompiledSchedule, compileSchedule, isOpen } from '../../src/dialplan/schedule.ts'
import { runs } from '../support/runs.ts'
import { paintOpenMinutes, type Written, writtenEntry } from './paintedSchedule.ts'

function entry(given: Partial<ScheduleEntry>): ScheduleEntry {
  return { name: 'office', tz: 'Europe/Berlin', open: [], closed: [], special: [], ...given }
}

function compiled(given: Partial<ScheduleEntry>): CompiledSchedule {
  const schedule = compileSchedule(entry(given))
  if ('problem' in schedule) throw new Error(schedule.problem)
  return schedule
}

/** Whether it is open at times of UTC. */
function openAt(given: Partial<ScheduleEntry>, ...times: readonly string[]): readonly boolean[] {
  const schedule = compiled(given)
  return times.map((time) => isOpen(schedule, Date.parse(`${time}Z`)))
}

t.test('weekly hours, winter and summer', async (t) => {
  const office = { open: ['mon-fri 09:00-17:00'] }
  const winter = ['2026-01-16T07:59:59.999', '2026-01-16T08:00', '2026-01-16T15:59:59.999', '2026-01-16T16:00']
  t.strictSame(openAt(office, ...winter), [false, true, true, false])
  t.strictSame(openAt(office, '2026-07-17T06:59', '2026-07-17T07:00', '2026-07-17T14:59'), [false, true, true])
  t.strictSame(openAt(office, '2026-01-17T10:00', '2026-01-18T10:00', '2026-01-19T10:00'), [false, false, true])
})

t.test('several hours of a day, several lists of days', async (t) => {
  const office = { open: ['mon,wed 08:00-12:00,13:00-17:00', 'sat-tue 20:00-21:00'], tz: 'UTC' }
  const monday = ['2026-01-19T11:59', '2026-01-19T12:00', '2026-01-19T13:00', '2026-01-19T20:00']
  t.strictSame(openAt(office, ...monday), [true, false, true, true])
  t.strictSame(openAt(office, '2026-01-20T09:00', '2026-01-20T20:30', '2026-01-21T20:30'), [false, true, false])
})

t.test('hours over midnight', async (t) => {
  const bar = { open: ['fri 22:00-02:00'], tz: 'UTC' }
  const night = ['2026-01-16T21:59', '2026-01-16T22:00', '2026-01-17T00:00', '2026-01-17T01:59', '2026-01-17T02:00']
  t.strictSame(openAt(bar, ...night), [false, true, true, true, false])
  t.strictSame(openAt(bar, '2026-01-16T01:00', '2026-01-17T22:30'), [false, false])
  const times = ['2026-01-16T23:00', '2026-01-17T01:00']
  t.strictSame(openAt({ ...bar, closed: ['2026-01-16'] }, ...times), [false, false], 'the day it begins on is closed')
  t.strictSame(openAt({ ...bar, closed: ['2026-01-17'] }, ...times), [true, false], 'the day it ends on is closed')
  const sunday = { open: ['sun 22:00-02:00'], tz: 'UTC' }
  t.strictSame(openAt(sunday, '2026-01-19T01:00', '2026-01-18T01:00'), [true, false], 'over the week’s end')
  t.strictSame(openAt({ open: ['mon-sun 00:00-24:00'], tz: 'UTC' }, '2026-01-16T00:00', '2026-01-16T23:59'), [
    true,
    true,
  ])
})

t.test('the hour that is skipped and the hour that comes twice', async (t) => {
  const early = { open: ['sun 02:00-03:00'] }
  const spring = ['2026-03-29T00:59', '2026-03-29T01:00', '2026-03-29T01:30']
  t.strictSame(openAt(early, ...spring), [false, false, false], 'there is no 02:30 that day')
  const autumn = ['2026-10-24T23:59', '2026-10-25T00:00', '2026-10-25T00:59', '2026-10-25T01:30', '2026-10-25T02:00']
  t.strictSame(openAt(early, ...autumn), [false, true, true, true, false], 'there are two')
  const night = { open: ['sat 22:00-06:00'] }
  t.strictSame(openAt(night, '2026-03-29T03:59', '2026-03-29T04:00'), [true, false], 'a night of 7 hours')
  t.strictSame(openAt(night, '2026-10-25T04:59', '2026-10-25T05:00'), [true, false], 'a night of 9 hours')
})

t.test('offsets of 30 and 45 minutes', async (t) => {
  const kathmandu = { open: ['thu 00:00-09:00'], tz: 'Asia/Kathmandu' }
  t.strictSame(openAt(kathmandu, '2026-12-30T18:14', '2026-12-30T18:15', '2026-12-31T03:14'), [false, true, true])
  const chatham = { open: ['sun 02:45-04:00'], tz: 'Pacific/Chatham' }
  t.strictSame(openAt(chatham, '2026-04-04T12:59', '2026-04-04T13:00', '2026-04-04T15:14'), [false, true, true])
  const howe = { open: ['sun 02:00-02:30'], tz: 'Australia/Lord_Howe' }
  t.strictSame(openAt(howe, '2026-10-03T15:29', '2026-10-03T15:30', '2026-10-03T15:45'), [false, false, false])
})

t.test('closed days, days of each year, and ranges over the year’s end', async (t) => {
  const always = {
    open: ['mon-sun 00:00-24:00'],
    tz: 'UTC',
    closed: ['2026-05-01', '--12-24..--01-01', '2026-08-03..2026-08-14'],
  }
  t.strictSame(openAt(always, '2026-04-30T23:59', '2026-05-01T00:00', '2026-05-01T23:59', '2026-05-02T00:00'), [
    true,
    false,
    false,
    true,
  ])
  t.strictSame(openAt(always, '2027-05-01T12:00', '2026-12-23T23:59', '2026-12-24T00:00'), [true, true, false])
  t.strictSame(openAt(always, '2026-12-31T23:59', '2027-01-01T23:59', '2027-01-02T00:00'), [false, false, true])
  t.strictSame(openAt(always, '2026-08-02T23:59', '2026-08-03T00:00', '2026-08-14T23:59', '2026-08-15T00:00'), [
    true,
    false,
    false,
    true,
  ])
})

t.test('special hours win over weekly hours and closed days', async (t) => {
  const office = {
    tz: 'UTC',
    open: ['mon-sun 08:00-20:00', 'wed 22:00-02:00'],
    closed: ['--12-31', '--01-01'],
    special: ['2026-12-31 09:00-12:00', '2026-12-31 23:00-01:00', '--12-24..--12-26 10:00-11:00,12:00-13:00'],
  }
  const eve = ['2026-12-31T01:00', '2026-12-31T08:30', '2026-12-31T09:00', '2026-12-31T12:00', '2026-12-31T23:00']
  t.strictSame(openAt(office, ...eve), [false, false, true, false, true], 'Wednesday’s night ends at midnight')
  t.strictSame(openAt(office, '2027-01-01T00:59', '2027-01-01T01:00', '2027-01-01T09:00'), [true, false, false])
  t.strictSame(openAt(office, '2027-12-31T09:30', '2027-12-25T10:30', '2027-12-25T14:00'), [false, true, false])
})

t.test('no time is closed, and a schedule may have no hours', async (t) => {
  const always = compiled({ open: ['mon-sun 00:00-24:00'] })
  for (const at of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e18]) t.notOk(isOpen(always, at))
  t.ok(isOpen(always, 0))
  t.notOk(isOpen(compiled({}), Date.parse('2026-01-16')))
})

t.test('what is wrong is told with what to write', async (t) => {
  const problem = (given: Partial<ScheduleEntry>) => {
    const schedule = compileSchedule(entry(given))
    return 'problem' in schedule ? schedule.problem : 'none'
  }
  t.equal(problem({ tz: 'Berlin' }), 'there is no time zone "Berlin"; write it as in Europe/Berlin')
  const forms = 'names no days or no hours; write it as in mon-fri 09:00-17:00'
  for (const text of ['mon-fri', '09:00-17:00', '', 'mon-fri 9-17'])
    t.equal(problem({ open: [text] }), `"${text}" ${forms}`)
  t.equal(problem({ open: ['mon-fry 09:00-17:00'] }), '"mon-fry" is no day of the week; write mon-fri, or mon,wed')
  t.equal(problem({ open: ['mon 09:00-17'] }), '"09:00-17" are no hours; write them as in 09:00-17:00')
  const days = "are no days; write 2026-12-25, 2026-12-24..2027-01-01, or --12-25 for each year's"
  t.equal(problem({ closed: ['25.12.'] }), `"25.12." ${days}`)
  t.equal(
    problem({ special: ['2026-12-25'] }),
    '"2026-12-25" names no day or no hours; write it as in 2026-12-31 09:00-12:00',
  )
  t.equal(problem({ special: ['25.12. 09:00-12:00'] }), `"25.12." ${days}`)
  t.equal(problem({ special: ['2026-12-25 09:00-'] }), '"09:00-" are no hours; write them as in 09:00-17:00')
})

/** Some with both changes of the clocks at odd times: at midnight, by half an hour, at three quarters past. */
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'America/Santiago', 'America/Havana', 'Africa/Cairo'].concat(
  ['Asia/Kathmandu', 'Asia/Beirut', 'Australia/Lord_Howe', 'Pacific/Chatham', 'America/St_Johns', 'Pacific/Kiritimati'],
)

t.test('it agrees with a model that paints the minutes that clocks show', async (t) => {
  const minute = fc.integer({ min: 0, max: 47 }).map((half) => half * 30)
  const hours = fc
    .tuple(
      minute,
      minute.map((at) => at || 1440),
    )
    .filter(([from, to]) => from !== to)
  const day = fc.integer({ min: 1, max: 6 })
  const written: fc.Arbitrary<Written> = fc.record({
    tz: fc.constantFrom(...ZONES),
    open: fc.array(
      fc.record({ weekday: fc.integer({ min: 0, max: 6 }), days: fc.integer({ min: 1, max: 7 }), hours }),
      { maxLength: 3 },
    ),
    closed: fc.array(day, { maxLength: 2 }),
    special: fc.array(fc.record({ day, hours }), { maxLength: 2 }),
  })
  const changes = [
    '2026-03-27',
    '2026-10-23',
    '2026-03-06',
    '2026-10-30',
    '2026-04-03',
    '2026-10-02',
    '2026-12-29',
    '2028-02-26',
  ].concat(['2026-04-22', '2026-09-04', '2026-10-28'])
  fc.assert(
    fc.property(written, fc.constantFrom(...changes), (written, first) => {
      const schedule = compiled(writtenEntry(written, first))
      const painted = paintOpenMinutes(written, first)
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone: written.tz, dateStyle: 'short', timeStyle: 'short' })
      // Of the eight days that are painted, those that have a day before and after them wherever the zone lies.
      for (let at = Date.parse(first) + 1.5 * 86_400_000; at < Date.parse(first) + 6 * 86_400_000; at += 15 * 60_000) {
        const shown = format.format(at)
        if (isOpen(schedule, at) !== painted.has(shown)) t.fail(`${shown} in ${JSON.stringify([written, first])}`)
      }
    }),
    { seed: 10, numRuns: runs(150) },
  )
})

t.test('whatever is written, it is a schedule or a problem', async (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.stringMatching(/^(mon|tue|sat)?[-,. 0-9:]{0,20}$/),
  )
  const lists = fc.array(text, { maxLength: 3 })
  fc.assert(
    fc.property(
      fc.record({ open: lists, closed: lists, special: lists, tz: fc.oneof(text, fc.constant('UTC')) }),
      (given) => {
        const schedule = compileSchedule(entry(given))
        if ('problem' in schedule) t.match(schedule.problem, /./)
        else t.type(isOpen(schedule, 1_800_000_000_000), 'boolean')
      },
    ),
    { seed: 11, numRuns: runs(1000) },
  )
})
