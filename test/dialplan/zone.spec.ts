import fc from 'fast-check'
import t from 'tap'
import { startOfDay, whenLocal, zoneNamed } from '../../src/dialplan/zone.ts'
import { runs } from '../support/runs.ts'

const HOUR = 3_600_000

function at(text: string): number {
  return Date.parse(`${text}Z`)
}

function starts(text: string, tz: string): string {
  return new Date(startOfDay(at(text), tz)).toISOString()
}

t.test('clocks show their zone’s time', async (t) => {
  const shown = (tz: string, text: string) => {
    const wall = zoneNamed(tz)?.wallTime(at(text))
    return wall ? new Date((wall.day * 1440 + wall.minute) * 60_000).toISOString().slice(0, 16) : null
  }
  t.equal(shown('Europe/Berlin', '2026-03-29T00:59'), '2026-03-29T01:59')
  t.equal(shown('Europe/Berlin', '2026-03-29T01:00'), '2026-03-29T03:00')
  t.equal(shown('Europe/Berlin', '2026-10-25T00:59'), '2026-10-25T02:59')
  t.equal(shown('Europe/Berlin', '2026-10-25T01:00'), '2026-10-25T02:00')
  t.equal(shown('Asia/Kathmandu', '2026-12-31T18:15'), '2027-01-01T00:00')
  t.equal(shown('Australia/Lord_Howe', '2026-10-03T15:29'), '2026-10-04T01:59')
  t.equal(shown('Australia/Lord_Howe', '2026-10-03T15:30'), '2026-10-04T02:30', 'half an hour of summer time')
  t.equal(shown('UTC', '2026-12-31T23:59:59.999'), '2026-12-31T23:59')
  t.equal(shown('America/New_York', '1970-01-01T00:00'), '1969-12-31T19:00')
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e17]) {
    t.equal(zoneNamed('UTC')?.wallTime(none), null)
  }
  t.equal(zoneNamed('Europe/Berln'), null)
  t.equal(zoneNamed(''), null)
})

t.test('a day starts at its zone’s midnight', async (t) => {
  t.equal(starts('2026-07-15T21:59', 'Europe/Berlin'), '2026-07-14T22:00:00.000Z')
  t.equal(starts('2026-07-15T22:00', 'Europe/Berlin'), '2026-07-15T22:00:00.000Z')
  t.equal(starts('2026-03-29T12:00', 'Europe/Berlin'), '2026-03-28T23:00:00.000Z', 'a day of 23 hours')
  t.equal(starts('2026-10-25T22:59', 'Europe/Berlin'), '2026-10-24T22:00:00.000Z', 'a day of 25 hours')
  t.equal(starts('2026-01-01T00:00', 'Asia/Kathmandu'), '2025-12-31T18:15:00.000Z')
  t.equal(starts('2026-04-24T12:00', 'Africa/Cairo'), '2026-04-23T22:00:00.000Z', 'midnight is skipped')
  t.equal(starts('2026-11-01T05:30', 'America/Havana'), '2026-11-01T04:00:00.000Z', 'midnight comes twice')
  t.throws(() => startOfDay(0, 'Nowhere'), RangeError)
})

t.test('a local time is found again', async (t) => {
  const found = (text: string, tz: string) => {
    const when = whenLocal(text, tz)
    return when === null ? null : new Date(when).toISOString().slice(0, 16)
  }
  t.equal(found('2026-12-25T10:00', 'Europe/Berlin'), '2026-12-25T09:00')
  t.equal(found('2026-07-25T10:00', 'America/St_Johns'), '2026-07-25T12:30')
  t.equal(found('2026-03-29T02:30', 'Europe/Berlin'), '2026-03-29T01:30', 'skipped: 03:30')
  t.equal(found('2026-10-25T02:30', 'Europe/Berlin'), '2026-10-25T00:30', 'shown twice: the first')
  t.equal(found('2026-10-25T03:00', 'Europe/Berlin'), '2026-10-25T02:00')
  for (const text of ['2026-12-25', '2026-12-25T24:00', '2026-02-30T10:00', '2026-12-25T10:00Z', 'now', '']) {
    t.equal(found(text, 'Europe/Berlin'), null, text)
  }
  t.equal(found('2026-12-25T10:00', 'Nowhere'), null)
})

t.test('whatever the zone, a day’s start is the first moment of the day, and times are found again', async (t) => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
  const times = fc.integer({ min: Date.parse('2020-01-01') / 60_000, max: Date.parse('2035-01-01') / 60_000 })
  const dates = new Map<string, Intl.DateTimeFormat>()
  const dateOf = (time: number, timeZone: string) => {
    const format =
      dates.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
    dates.set(timeZone, format)
    return format.format(time).replace(' ', 'T')
  }
  fc.assert(
    fc.property(zones, times, (tz, minutes) => {
      const now = minutes * 60_000
      const start = startOfDay(now, tz)
      const today = dateOf(now, tz).slice(0, 10)
      t.equal(dateOf(start, tz).slice(0, 10), today)
      t.not(dateOf(start - 60_000, tz).slice(0, 10), today)
      const again = whenLocal(dateOf(now, tz), tz)
      t.ok(again === now || again === now - HOUR || again === now - HOUR / 2, `${tz} ${now}`)
    }),
    { seed: 9, numRuns: runs(500) },
  )
})
