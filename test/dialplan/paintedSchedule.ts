import type { ScheduleEntry } from '../../src/dialplan/plan.ts'

type Span = readonly [from: number, to: number]

/** A schedule by numbers, of the eight days from a first one on: days count from 0, hours in minutes. */
export interface Written {
  readonly tz: string
  readonly open: readonly { readonly weekday: number; readonly days: number; readonly hours: Span }[]
  readonly closed: readonly number[]
  readonly special: readonly { readonly day: number; readonly hours: Span }[]
}

const NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** As an admin writes it. */
export function writtenEntry(written: Written, first: string): ScheduleEntry {
  return {
    name: 'painted',
    tz: written.tz,
    open: written.open.map(({ weekday, days, hours }) => {
      const last = NAMES[(weekday + days - 1) % 7]
      return `${NAMES[weekday]}${days > 1 ? `-${last}` : ''} ${time(hours[0])}-${time(hours[1])}`
    }),
    closed: written.closed.map((day) => dateOf(first, day)),
    special: written.special.map(({ day, hours }) => `${dateOf(first, day)} ${time(hours[0])}-${time(hours[1])}`),
  }
}

/** Every minute at which it is open, as clocks show it (`2026-12-25 10:00`), of eight days. */
export function paintOpenMinutes(written: Written, first: string): ReadonlySet<string> {
  const painted = new Set<string>()
  const takenBy = (day: number) =>
    written.closed.includes(day) || written.special.some((special) => special.day === day)
  for (let day = 0; day < 8; day++) {
    for (const { hours } of written.special.filter((special) => special.day === day)) paint(painted, first, day, hours)
    if (takenBy(day)) continue
    const weekday = NAMES.indexOf(new Date(dateOf(first, day)).toUTCString().slice(0, 3).toLowerCase())
    for (const open of written.open) {
      if ((weekday - open.weekday + 7) % 7 < open.days) paint(painted, first, day, open.hours, !takenBy(day + 1))
    }
  }
  return painted
}

function paint(painted: Set<string>, first: string, day: number, [from, to]: Span, pastMidnight = true): void {
  for (let minute = from; minute !== to; minute = minute === 1440 ? 0 : minute + 1) {
    const over = minute < from
    if (minute === 1440 || (over && !pastMidnight)) continue
    painted.add(`${dateOf(first, over ? day + 1 : day)} ${time(minute)}`)
  }
}

function dateOf(first: string, day: number): string {
  return new Date(Date.parse(first) + day * 86_400_000).toISOString().slice(0, 10)
}

function time(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}
