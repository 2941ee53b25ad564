/** A key that an INFO presses (no RFC has it; it is how phones without telephone events do it). */
export interface InfoKey {
  /** One of `0`–`9`, `*`, `#`, `A`–`D`. */
  readonly digit: string
  /** How long it is pressed, ms. */
  readonly duration: number
}

/** The two bodies there are: `Signal=` and `Duration=` lines, or the key alone. */
export type InfoKeyType = 'application/dtmf-relay' | 'application/dtmf'

/** What is taken where no length is given, and the least and the most that is believed, ms. */
const USUAL = 160
const SHORTEST = 40
const LONGEST = 8000

/** Keys by event code (RFC 4733 §3.2): some phones write 10 for `*` and 11 for `#`. */
const KEYS = '0123456789*#ABCD'
/** No body of a key is longer, octets. */
const MAX_LENGTH = 256

/** The key in the body of an INFO with this Content-Type; null: there is none in it, as of a hook flash (16). */
export function readInfoKey(contentType: string | null, body: Uint8Array): InfoKey | null {
  if (body.length > MAX_LENGTH) return null
  const text = new TextDecoder('latin1').decode(body)
  switch (mediaType(contentType)) {
    case 'application/dtmf-relay':
      return keyOf(field(text, 'signal'), field(text, 'duration'))
    case 'application/dtmf':
      // Some write lines into this one, too.
      return text.includes('=') ? keyOf(field(text, 'signal'), field(text, 'duration')) : keyOf(text.trim(), null)
    default:
      return null
  }
}

/** The body that presses a key; `duration` (ms) goes into `application/dtmf-relay` alone. */
export function writeInfoKey(type: InfoKeyType, { digit, duration }: InfoKey): Uint8Array {
  const text = type === 'application/dtmf' ? digit : `Signal=${digit}\r\nDuration=${Math.round(duration)}\r\n`
  return new TextEncoder().encode(text)
}

/** A Content-Type without its parameters, in lower case. */
function mediaType(contentType: string | null): string {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** The value of the first line `name = value`, in any case and with any spaces. */
function field(text: string, name: string): string | null {
  for (const line of text.split(/[\r\n]+/)) {
    const at = line.search(/[=:]/)
    if (at >= 0 && line.slice(0, at).trim().toLowerCase() === name) return line.slice(at + 1).trim()
  }
  return null
}

function keyOf(signal: string | null, duration: string | null): InfoKey | null {
  const digit = digitOf(signal ?? '')
  return digit === null ? null : { digit, duration: durationOf(duration) }
}

function digitOf(signal: string): string | null {
  if (/^1[0-5]$/.test(signal)) return KEYS.charAt(Number(signal))
  const digit = signal.toUpperCase()
  return digit.length === 1 && KEYS.includes(digit) ? digit : null
}

function durationOf(text: string | null): number {
  if (text === null || !/^\d{1,9}$/.test(text)) return USUAL
  return Math.min(LONGEST, Math.max(SHORTEST, Number(text)))
}
