import { compileDays, compileWeekdays, covers, type Days, weekdayOf } from './days.ts'
import { type CompiledHours, compileHours, DAY_MINUTES, type Hours, type ScheduleProblem } from './hours.ts'
import type { ScheduleEntry } from './plan.ts'
import { type Zone, zoneNamed } from './zone.ts'

export interface CompiledSchedule {
  readonly name: string
  readonly zone: Zone
  /** When it is open on a day, since 1970-01-01: minutes of that day alone. */
  hoursOn(day: number): readonly Hours[]
}

/** What an entry says, read. */
interface Rules {
  /** For each day of the week, from Monday. */
  readonly week: readonly (readonly Hours[])[]
  readonly closed: readonly Days[]
  readonly special: readonly SpecialDays[]
}

interface SpecialDays {
  readonly days: Days
  readonly hours: readonly Hours[]
}

/**
 * Hours are what clocks in its zone show: an hour that is shown twice is open twice. Hours over midnight belong to the day on
 * which they begin, but end at midnight where the next day is closed or has hours of its own. Hours of special days go on
 * past midnight whatever the next day is; several entries for one day add up.
 */
export function compileSchedule(entry: ScheduleEntry): CompiledSchedule | ScheduleProblem {
  const zone = zoneNamed(entry.tz)
  if (zone === null) return { problem: `there is no time zone "${entry.tz}"; write it as in Europe/Berlin` }
  const rules = compileRules(entry)
  if ('problem' in rules) return rules
  let today: { readonly day: number; readonly hours: readonly Hours[] } = { day: Number.NaN, hours: [] }
  return {
    name: entry.name,
    zone,
    hoursOn: (day) => {
      if (day !== today.day) today = { day, hours: hoursOn(day, rules) }
      return today.hours
    },
  }
}

/** Whether it is open at `at`, ms since 1970; what is no time is closed. */
export function isOpen(schedule: CompiledSchedule, at: number): boolean {
  const now = schedule.zone.wallTime(at)
  return now !== null && schedule.hoursOn(now.day).some(({ from, to }) => now.minute >= from && now.minute < to)
}

function compileRules(entry: ScheduleEntry): Rules | ScheduleProblem {
  const week: Hours[][] = Array.from({ length: 7 }, () => [])
  for (const text of entry.open) {
    const read = compileOpen(text)
    if ('problem' in read) return read
    for (const weekday of read.weekdays) week[weekday]?.push(...read.hours)
  }
  const closed: Days[] = []
  for (const text of entry.closed) {
    const days = compileDays(text.trim())
    if ('problem' in days) return days
    closed.push(days)
  }
  const special: SpecialDays[] = []
  for (const text of entry.special) {
    const read = compileSpecial(text)
    if ('problem' in read) return read
    special.push(read)
  }
  return { week, closed, special }
}

function compileOpen(text: string): (CompiledHours & { readonly weekdays: readonly number[] }) | ScheduleProblem {
  const [days, times] = halves(text)
  if (times === '') return { problem: `"${text}" names no days or no hours; write it as in mon-fri 09:00-17:00` }
  const weekdays = compileWeekdays(days)
  if ('problem' in weekdays) return weekdays
  const hours = compileHours(times)
  return 'problem' in hours ? hours : { ...weekdays, ...hours }
}

function compileSpecial(text: string): SpecialDays | ScheduleProblem {
  const [date, times] = halves(text)
  if (times === '') return { problem: `"${text}" names no day or no hours; write it as in 2026-12-31 09:00-12:00` }
  const days = compileDays(date)
  if ('problem' in days) return days
  const hours = compileHours(times)
  return 'problem' in hours ? hours : { days, hours: hours.hours }
}

/** What stands before the first hour, and the rest: days may have spaces after their commas. */
function halves(text: string): [string, string] {
  const [, days = '', times = ''] = /^(\S.*?)\s+(\d{1,2}:.*)$/.exec(text.trim()) ?? []
  return [days, times]
}

function hoursOn(day: number, rules: Rules): readonly Hours[] {
  const [special, before] = [specialOn(day, rules), specialOn(day - 1, rules)]
  const spilt = pastMidnight(before ?? [])
  if (special) return [...special, ...spilt]
  if (isClosed(day, rules)) return spilt
  const yesterday = before || isClosed(day - 1, rules) ? [] : weekly(day - 1, rules)
  return [...weekly(day, rules), ...pastMidnight(yesterday), ...spilt]
}

function specialOn(day: number, { special }: Rules): readonly Hours[] | null {
  const entries = special.filter(({ days }) => covers(days, day))
  return entries.length > 0 ? entries.flatMap(({ hours }) => hours) : null
}

function isClosed(day: number, { closed }: Rules): boolean {
  return closed.some((days) => covers(days, day))
}

function weekly(day: number, { week }: Rules): readonly Hours[] {
  return week[weekdayOf(day)] ?? []
}

function pastMidnight(hours: readonly Hours[]): readonly Hours[] {
  return hours.filter(({ to }) => to > DAY_MINUTES).map(({ to }) => ({ from: 0, to: to - DAY_MINUTES }))
}
