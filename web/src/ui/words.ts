import type { Call, Line } from '../phone/state.ts'
import type { PastCall } from '../store/history.ts'

/** `1:05`, `1:02:03` */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, i) => (i === 0 ? `${part}` : `${part}`.padStart(2, '0'))).join(':')
}

/** When a call was, as short as it is still clear: `14:02`, `yesterday 14:02`, `3 May 14:02`. `locale` as in Intl. */
export function moment(at: number, now: number, locale?: string): string {
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(at)
  const days = dayOf(now) - dayOf(at)
  if (days === 0) return time
  if (days === 1) return `yesterday ${time}`
  return `${new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }).format(at)} ${time}`
}

function dayOf(at: number): number {
  const date = new Date(at)
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000)
}

/** What a call does just now, in the `data-state` of the page, and for who reads. */
export type Shown = 'calling' | 'ringing' | 'incoming' | 'connecting' | 'talking' | 'held' | 'held-by-peer' | 'broken'

export function shownState(call: Call): Shown {
  if (call.state !== 'talking') return call.state
  if (call.heldByMe) return 'held'
  if (call.heldByPeer) return 'held-by-peer'
  return call.sound === 'broken' ? 'broken' : 'talking'
}

/** The state of a call in words; while both talk, for how long. */
export function stateInWords(call: Call, now: number): string {
  switch (shownState(call)) {
    case 'calling':
      return 'Calling …'
    case 'ringing':
      return 'Ringing …'
    case 'incoming':
      return 'Incoming call'
    case 'connecting':
      return 'Connecting …'
    case 'held':
      return 'On hold'
    case 'held-by-peer':
      return 'The other side holds the call'
    case 'broken':
      return 'The sound broke off; connecting again …'
    case 'talking':
      return duration((now - (call.answeredAt ?? now)) / 1000)
  }
}

/** The line in two or three words, for the head of the page. */
export function lineInWords(line: Line, now: number): string {
  switch (line.at) {
    case 'signed-out':
      return 'Signed out'
    case 'signing-in':
      return 'Signing in …'
    case 'ready':
      return 'Ready'
    case 'lost':
      return line.retryAt === null ? 'Connecting …' : `No connection · again in ${seconds(line.retryAt - now)} s`
  }
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}

/** How a past call went, for the list of calls. */
export function pastInWords({ direction, outcome, seconds }: PastCall): string {
  switch (outcome) {
    case 'talked':
      return `${direction === 'in' ? 'Incoming' : 'Outgoing'} · ${duration(seconds)}`
    case 'missed':
      return 'Missed'
    case 'elsewhere':
      return 'Answered elsewhere'
    case 'rejected':
      return 'Declined'
    case 'cancelled':
      return 'Given up'
    case 'failed':
      return 'Not reached'
  }
}

/** One or two letters that stand for a person; null for a number. */
export function initials(name: string | null): string | null {
  const letters = (name ?? '').split(/\s+/).flatMap((word) => /\p{L}/u.exec(word)?.[0] ?? [])
  const [first] = letters
  if (first === undefined) return null
  return [first, ...(letters.length > 1 ? letters.slice(-1) : [])].join('').toUpperCase()
}
