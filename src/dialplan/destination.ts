/** Somewhere a call can be sent. */
export type Destination =
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'trunk'; readonly trunk: string }
  /** A number of the phone network, with or without its plus. */
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'sip'; readonly uri: string }
  | { readonly kind: 'app'; readonly app: string }
  /** `status`: of the SIP answer, 400 to 699. */
  | { readonly kind: 'reject'; readonly status: number }

/** Words that are understood, and what they name is not built. */
const NOT_YET = ['voicemail', 'announce']

const FORMS =
  'write user:101, group:sales, trunk:NAME, number:+15551234567, sip:someone@example.com, app:echo or reject:486'

/** A destination as an admin writes it; what is wrong with it as one sentence with the mend. */
export function parseDestination(text: string): Destination | { readonly problem: string } {
  const colon = text.indexOf(':')
  const kind = colon < 0 ? text : text.slice(0, colon)
  const rest = colon < 0 ? '' : text.slice(colon + 1)
  if (NOT_YET.includes(kind)) return { problem: `${kind} does not exist yet` }
  switch (kind) {
    case 'user':
      return named(text, rest) ?? { kind, user: rest }
    case 'group':
      return named(text, rest) ?? { kind, group: rest }
    case 'trunk':
      return named(text, rest) ?? { kind, trunk: rest }
    case 'app':
      return named(text, rest) ?? { kind, app: rest }
    case 'number':
      return numberFrom(text, rest)
    case 'sip':
      return uriFrom(text, rest)
    case 'reject':
      return rejectionFrom(text, rest)
    default:
      return { problem: `${shown(text)} is no destination; ${FORMS}` }
  }
}

/** The destination as text, as it was parsed from. */
export function formatDestination(destination: Destination): string {
  switch (destination.kind) {
    case 'user':
      return `user:${destination.user}`
    case 'group':
      return `group:${destination.group}`
    case 'trunk':
      return `trunk:${destination.trunk}`
    case 'number':
      return `number:${destination.number}`
    case 'sip':
      return destination.uri
    case 'app':
      return `app:${destination.app}`
    case 'reject':
      return `reject:${destination.status}`
    default:
      return destination satisfies never
  }
}

/** What somebody wrote or dialled, fit for a sentence: short, on one line, nothing unprintable. */
export function shown(text: string): string {
  const printable = text.slice(0, 60).replace(/[^\x21-\x7e\u00a1-\ud7ff]/g, (c) => (c === ' ' ? ' ' : '?'))
  if (printable === '') return '(nothing)'
  return text.length > 60 ? `${printable}…` : printable
}

function named(text: string, name: string): { problem: string } | null {
  if (name !== '' && name.length <= 128 && !/[\s,\p{Cc}]/u.test(name)) return null
  return { problem: `${shown(text)} names nothing; ${FORMS}` }
}

function numberFrom(text: string, number: string): Destination | { problem: string } {
  if (/^\+?\d{2,31}$/.test(number)) return { kind: 'number', number }
  return { problem: `${shown(text)} is no number; write it as number:+15551234567` }
}

/** RFC 3261 §19.1.1, without a password, parameters or headers. */
function uriFrom(text: string, rest: string): Destination | { problem: string } {
  const plain = /^[\w.!~*'()&=+$,;?/%-]{1,128}@([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9a-fA-F:.]{2,45}\])(:\d{1,5})?$/
  if (plain.test(rest)) return { kind: 'sip', uri: text }
  return { problem: `${shown(text)} is no SIP address; write it as sip:someone@example.com` }
}

function rejectionFrom(text: string, rest: string): Destination | { problem: string } {
  if (/^[456]\d\d$/.test(rest)) return { kind: 'reject', status: Number(rest) }
  return { problem: `${shown(text)} is no SIP answer that refuses a call; write reject:486 or another from 400 to 699` }
}
