import { OffhookError } from '../errors.ts'

/** A list or one thing as JSON. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** Local time, as in `2026-11-20 15:26:18`; null stays null. */
export function localTime(iso: string): string
export function localTime(iso: string | null): string | null
export function localTime(iso: string | null): string | null {
  if (iso === null) return null
  const at = new Date(iso)
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(two).join('-')
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`
}

/** Seconds as a clock shows them: `0:07`, `12:34`, `1:02:03`. */
export function clockTime(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return hours === 0 ? `${minutes}:${two(rest)}` : `${hours}:${two(minutes)}:${two(rest)}`
}

/** Seconds in words, as in `3 days 2 h`, the two largest units. */
export function spanText(seconds: number): string {
  const whole = Math.floor(seconds)
  const units: [number, string][] = [
    [Math.floor(whole / 86400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ]
  const first = units.findIndex(([count]) => count > 0)
  if (first < 0) return '0 s'
  const shown = units.slice(first, first + 2).filter(([count]) => count > 0)
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ')
}

/** `30m`, `2h`, `7d` before `now`, or a date or time: wall-clock ms since 1970. Throws USAGE. */
export function since(text: string, now: Date): number {
  const ago = /^(\d{1,6})\s*([smhd])$/.exec(text)
  if (ago) return now.getTime() - Number(ago[1]) * (unitMillis.get(ago[2] ?? '') ?? 0)
  // A date alone is one here, not in Greenwich.
  const at = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text).getTime()
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(at)) return at
  throw new OffhookError('USAGE', `--since ${text} is no time; write 30m, 2h, 7d, 2026-11-20 or 2026-11-20T10:00`)
}

/** Octets for people, as in `61 MiB`. */
export function mebibytes(octets: number): string {
  return `${Math.round(octets / 2 ** 20)} MiB`
}

/** Text that comes from a phone, without what a terminal would act upon. */
export function plain(text: string | null): string {
  return (text ?? '').replace(/\p{Cc}/gu, '\uFFFD')
}

const unitMillis = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

function two(number: number): string {
  return String(number).padStart(2, '0')
}
