import { existing } from './zone.ts'

/** Part of a day, in minutes since its midnight as clocks show it: from `from` until before `to`. */
export interface Hours {
  readonly from: number
  /** Above 1440 where it ends on the next day. */
  readonly to: number
}

export interface CompiledHours {
  readonly hours: readonly Hours[]
}

/** What is wrong with what an admin wrote, and what to write instead: one sentence. */
export interface ScheduleProblem {
  readonly problem: string
}

export const DAY_MINUTES = 1440

/** Reads `09:00-17:00`, `22:00-06:00` (over midnight), or several with commas between. */
export function compileHours(text: string): CompiledHours | ScheduleProblem {
  const hours: Hours[] = []
  for (const part of text.split(',')) {
    const read = oneOf(part.trim())
    if ('problem' in read) return read
    hours.push(read)
  }
  return { hours }
}

/** Whether clocks in the zone show one of the hours at `at` (ms since 1970). Throws RangeError where there is no such zone. */
export function withinHours(hours: CompiledHours, at: number, tz: string): boolean {
  const now = existing(tz).wallTime(at)
  if (now === null) return false
  return hours.hours.some(({ from, to }) => (now.minute >= from && now.minute < to) || now.minute + DAY_MINUTES < to)
}

function oneOf(text: string): Hours | ScheduleProblem {
  const [, start = '', end = ''] = /^(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)$/.exec(text) ?? []
  const [from, to] = [minuteOf(start), minuteOf(end)]
  if (from === null || to === null || from === DAY_MINUTES) {
    return { problem: `"${text}" are no hours; write them as in 09:00-17:00` }
  }
  if (from === to) return { problem: `"${text}" begins as it ends; write 00:00-24:00 for a whole day` }
  return { from, to: to < from ? to + DAY_MINUTES : to }
}

function minuteOf(text: string): number | null {
  const [hour = Number.NaN, minute = Number.NaN] = text.split(':').map(Number)
  const minutes = hour * 60 + minute
  return minute < 60 && minutes <= DAY_MINUTES ? minutes : null
}
