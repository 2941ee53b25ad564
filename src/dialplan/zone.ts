const MINUTE = 60_000
const QUARTER_HOUR = 15 * MINUTE
const DAY = 24 * 60 * MINUTE
/** The years 1970 to 9999. */
const LAST = 253_402_300_799_999

/** A time zone of the IANA database, with its summer time. */
export interface Zone {
  /** As in `Europe/Berlin`. */
  readonly name: string
  /** What clocks there show at `at`, ms since 1970; null: it is no time between the years 1970 and 9999. */
  wallTime(at: number): WallTime | null
  /** The first moment of the day there that `at` is in, ms since 1970: 00:00, or when clocks skip it, what comes instead. */
  startOfDay(at: number): number
  /**
   * When clocks there show so many ms of wall time since 1970-01-01T00:00: the first time that they do, and where they skip
   * it, as long after the skip.
   */
  whenShown(wall: number): number
}

export interface WallTime {
  /** Days since 1970-01-01. */
  readonly day: number
  /** Since midnight as clocks show it, 0 to 1439. */
  readonly minute: number
}

const zones = new Map<string, Zone>()

/** null: there is no such time zone. */
export function zoneNamed(tz: string): Zone | null {
  const known = zones.get(tz)
  if (known) return known
  const format = formatOf(tz)
  if (format === null) return null
  const zone = makeZone(tz, format)
  // There are about 600 names of zones, but case is free in each.
  if (zones.size >= 1000) zones.clear()
  zones.set(tz, zone)
  return zone
}

/** The first moment of the day that `at` (ms since 1970) is in, in the zone. Throws RangeError where there is no such zone. */
export function startOfDay(at: number, tz: string): number {
  return existing(tz).startOfDay(at)
}

/** When clocks in the zone show a time such as `2026-12-25T10:00`, ms since 1970; null: it is no such time, or no zone. */
export function whenLocal(text: string, tz: string): number | null {
  const zone = zoneNamed(tz)
  const [, date = '', hour = '', minute = ''] = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  const midnight = Date.parse(date)
  if (zone === null || Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return null
  return zone.whenShown(midnight + (Number(hour) * 60 + Number(minute)) * MINUTE)
}

/** Throws RangeError where there is no such zone. */
export function existing(tz: string): Zone {
  const zone = zoneNamed(tz)
  if (zone === null) throw new RangeError(`there is no time zone ${tz}`)
  return zone
}

function formatOf(tz: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: tz,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return null
  }
}

function makeZone(name: string, format: Intl.DateTimeFormat): Zone {
  // Clocks change, and days begin, on quarter hours of UTC: what holds at the start of one holds to its end.
  let quarter = Number.NaN
  let offset = 0
  const offsetAt = (at: number): number => {
    const now = Math.floor(at / QUARTER_HOUR)
    if (now !== quarter) {
      quarter = now
      offset = offsetFrom(format, now * QUARTER_HOUR)
    }
    return offset
  }
  const dayAt = (at: number): number => Math.floor((at + offsetAt(at)) / DAY)
  let begun = { day: Number.NaN, at: 0 }
  return {
    name,
    wallTime: (at) => {
      if (!(at >= 0 && at <= LAST)) return null
      const wall = at + offsetAt(at)
      const day = Math.floor(wall / DAY)
      return { day, minute: Math.floor((wall - day * DAY) / MINUTE) }
    },
    startOfDay: (at) => {
      const day = dayAt(at)
      if (day !== begun.day) begun = { day, at: firstOfDay(day, at, dayAt) }
      return begun.at
    },
    whenShown: (wall) => whenShown(wall, offsetAt),
  }
}

/** How far clocks are ahead of UTC, ms. */
function offsetFrom(format: Intl.DateTimeFormat, at: number): number {
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = (format.format(at).match(/\d+/g) ?? []).map(
    Number,
  )
  return Date.UTC(year, month - 1, day, hour, minute, second) - at
}

/** By bisection: days never go back, whatever clocks do. */
function firstOfDay(day: number, at: number, dayAt: (at: number) => number): number {
  // The longest day has 25 hours, one more for safety.
  let before = Math.floor(at / QUARTER_HOUR) - 26 * 4
  let within = Math.floor(at / QUARTER_HOUR)
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2)
    if (dayAt(middle * QUARTER_HOUR) < day) before = middle
    else within = middle
  }
  return within * QUARTER_HOUR
}

function whenShown(wall: number, offsetAt: (at: number) => number): number {
  const offsets = [offsetAt(wall - DAY), offsetAt(wall + DAY)]
  const shown = offsets.map((offset) => wall - offset).filter((at) => at + offsetAt(at) === wall)
  // A skipped time is shown by neither offset: with the one from before the skip it comes to lie after it.
  return shown.length > 0 ? Math.min(...shown) : wall - (offsets[0] ?? 0)
}
