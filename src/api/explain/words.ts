import { reasonPhrase } from '../../sip/message/reasonPhrase.ts'

/** What a phone says with a final status, so that `it …` is a sentence. */
const refusals: ReadonlyMap<number, string> = new Map([
  [301, 'pointed elsewhere'],
  [302, 'pointed elsewhere'],
  [305, 'pointed elsewhere'],
  [400, 'did not understand our call'],
  [401, 'wanted a password from us'],
  [403, 'did not allow the call'],
  [404, 'did not know the number'],
  [406, 'could do nothing with the call'],
  [407, 'wanted a password from us'],
  [408, 'did not answer in time'],
  [410, 'said that the number is gone'],
  [415, 'did not understand the description of the audio'],
  [420, 'lacked something that we asked of it'],
  [480, 'was not available'],
  [481, 'did not know of the call'],
  [484, 'wanted more digits'],
  [486, 'was busy'],
  [487, 'stopped ringing'],
  [488, 'had no codec in common with the caller'],
  [491, 'was changing something itself'],
  [500, 'failed'],
  [501, 'could not do this'],
  [503, 'was out of order or could not be reached'],
  [504, 'did not get an answer in time'],
  [600, 'was busy'],
  [603, 'declined'],
  [604, 'did not know the number'],
  [606, 'had no codec in common with the caller'],
  [607, 'declined and wants no such calls'],
  [608, 'was declined on its behalf'],
])

const classes = ['', '', '', 'pointed elsewhere', 'refused', 'failed', 'declined']

/** `was busy (486 Busy Here)`, or with the phone's own words, where it had some. */
export function refusalWords(status: number, phrase: string | null = null): string {
  const words = refusals.get(status) ?? classes[Math.floor(status / 100)] ?? 'refused'
  return `${words} (${phrase === null ? statusText(status) : `${status} "${phrase}"`})`
}

/** `486 Busy Here` */
export function statusText(status: number): string {
  return `${status} ${reasonPhrase(status)}`
}

/** A length of time: `0.4 s`, `12 s`, `3 min 5 s`, `1 h 2 min`. */
export function spanWords(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return hours > 0 ? `${hours} h ${minutes} min` : rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`
}

/** `102`, `102 and 103`, `102, 103 and 104` */
export function listWords(items: readonly string[]): string {
  const last = items.at(-1) ?? 'nobody'
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`
}
