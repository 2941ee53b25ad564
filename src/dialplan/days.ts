import type { ScheduleProblem } from './hours.ts'

/** Some days, first and last included. */
export type Days =
  /** Days since 1970-01-01. */
  | { readonly kind: 'once'; readonly first: number; readonly last: number }
  /** Months times 100 and days, as 1225; `first` after `last` goes over the year's end. */
  | { readonly kind: 'yearly'; readonly first: number; readonly last: number }

const DAY = 86_400_000
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** From 0, Monday, to 6. `day`: since 1970-01-01, which was a Thursday. */
export function weekdayOf(day: number): number {
  return (day + 3) % 7
}

export function covers(days: Days, day: number): boolean {
  const { first, last } = days
  if (days.kind === 'once') return day >= first && day <= last
  const now = ofYear(new Date(day * DAY))
  return first <= last ? now >= first && now <= last : now >= first || now <= last
}

/** Reads `mon-fri`, `sat-tue` (over the week's end), `wed`, or several with commas between. Numbers as `weekdayOf`'s. */
export function compileWeekdays(text: string): { readonly weekdays: readonly number[] } | ScheduleProblem {
  const weekdays: number[] = []
  for (const part of text.toLowerCase().split(',')) {
    const [first = '', last = first, ...more] = part.split('-').map((day) => day.trim())
    const [from, to] = [WEEKDAYS.indexOf(first), WEEKDAYS.indexOf(last)]
    if (from < 0 || to < 0 || more.length > 0) {
      return { problem: `"${part.trim()}" is no day of the week; write mon-fri, or mon,wed` }
    }
    for (let ahead = 0; ahead <= (to - from + 7) % 7; ahead++) weekdays.push((from + ahead) % 7)
  }
  return { weekdays }
}

/** Reads `2026-12-25`, `2026-12-24..2027-01-01`, and of each year `--12-25` and `--12-24..--01-01`. */
export function compileDays(text: string): Days | ScheduleProblem {
  const [start = '', end = start, ...more] = text.split('..').map((day) => day.trim())
  const [first, last] = [oneOf(start), oneOf(end)]
  if (first === null || last === null || more.length > 0 || first.kind !== last.kind) {
    return { problem: `"${text}" are no days; write 2026-12-25, 2026-12-24..2027-01-01, or --12-25 for each year's` }
  }
  if (first.kind === 'once' && first.number > last.number) return { problem: `"${text}" ends before it begins` }
  return { kind: first.kind, first: first.number, last: last.number }
}

function oneOf(text: string): { readonly kind: Days['kind']; readonly number: number } | null {
  const [, year = '', rest = ''] = /^(\d{4}|-)-(\d\d-\d\d)$/.exec(text) ?? []
  // A leap year has all days that any year has.
  const date = `${year === '-' ? '2000' : year}-${rest}`
  const at = Date.parse(date)
  if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(date)) return null
  return year === '-' ? { kind: 'yearly', number: ofYear(new Date(at)) } : { kind: 'once', number: at / DAY }
}

function ofYear(date: Date): number {
  return (date.getUTCMonth() + 1) * 100 + date.getUTCDate()
}
