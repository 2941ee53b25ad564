import type { MediaWay } from '../bridge/callRecord.ts'
import { closest } from '../closest.ts'
import type { DialClass } from '../dialplan/plan.ts'
import { OffhookError } from '../errors.ts'
import type { DigestAlgorithm } from '../sip/auth/credentials.ts'
import { codecAliases, codecNames } from './codecNames.ts'

/** What a user may be allowed to dial. */
export const dialClasses = ['internal', 'national', 'international', 'premium'] as const satisfies readonly DialClass[]
/** For a user about whom nothing was said: a stolen password must not be able to call the world. */
export const defaultAllow: readonly string[] = ['internal', 'national']

/** Those named where nothing near is known. */
const USUAL_CODECS: readonly string[] = codecNames.slice(0, 4)

const LONGEST_NAME = 64
const LONGEST_TEXT = 128

/**
 * A user name is the user part of a SIP address after unescaping, made of characters that never need escaping there
 * and mean nothing else nearby: `;` and `?` would begin parameters where a phone forgets the angle brackets, `,` ends
 * a header value, `:` a password. Throws USER_INVALID.
 */
export function checkUserName(name: string): string {
  if (name === '') throw invalid('a user name is missing')
  if (name.length > LONGEST_NAME) throw invalid(`user name ${show(name)} is longer than ${LONGEST_NAME} characters`)
  const odd = /[^A-Za-z0-9\-_.!~*'()&=+$]/u.exec(name)
  if (odd)
    throw invalid(
      `user name ${show(name)} has ${show(odd[0])} in it; take letters, digits and - _ . + ! ~ * ' ( ) & = $`,
    )
  if (name.startsWith('*')) throw invalid(`user name ${name} begins with *, as built-in numbers do; choose another`)
  return name
}

/** A person's name; an empty one is none. */
export function checkDisplayName(name: string | null): string | null {
  if (name === null || name.trim() === '') return null
  return checkText('name', name.trim())
}

export function checkPassword(password: string): string {
  if (password === '') throw invalid('the password is empty; leave it out and one is made')
  return checkText('password', password)
}

/** E.164 with its plus; an empty one is none. */
export function checkCallerId(callerId: string | null): string | null {
  if (callerId === null || callerId === '') return null
  if (/^\+[1-9]\d{4,14}$/.test(callerId)) return callerId
  throw invalid(`caller id ${show(callerId)} is not a phone number; write it as +15551234567`)
}

export function checkAllow(allow: readonly string[]): readonly string[] {
  for (const name of allow) {
    if (!dialClasses.some((known) => known === name)) throw unknown('nothing one can allow', name, dialClasses)
  }
  return dialClasses.filter((known) => allow.includes(known))
}

/** The order of challenges; null or none: the server's. */
export function checkDigest(names: readonly string[] | null): readonly DigestAlgorithm[] | null {
  if (names === null || names.length === 0) return null
  return [...new Set(names.map(checkAlgorithm))]
}

function checkAlgorithm(name: string): DigestAlgorithm {
  const written = name.toUpperCase()
  if (written === 'MD5' || written === 'SHA-256') return written
  throw unknown('not a digest algorithm', name, ['MD5', 'SHA-256'])
}

/** The order of codecs, in lower case; null or none: any. */
export function checkCodecs(names: readonly string[] | null): readonly string[] | null {
  if (names === null || names.length === 0) return null
  return [...new Set(names.map(checkCodec))]
}

function checkCodec(name: string): string {
  const written = name.toLowerCase()
  if (codecNames.includes(written)) return written
  const meant = codecAliases.get(written) ?? closest(name, codecNames)
  throw unknown('not a codec', name, USUAL_CODECS, meant)
}

/** Which way media may go, in any case; null: through the server. */
export function checkMedia(way: string | null): MediaWay {
  const written = way?.toLowerCase() ?? 'relay'
  if (written === 'relay' || written === 'direct') return written
  throw unknown('no way for media', way ?? '', ['relay', 'direct'])
}

/** `what` is never a value that must stay secret: it names the field. */
function checkText(what: string, text: string): string {
  if (text.length > LONGEST_TEXT) throw invalid(`the ${what} is longer than ${LONGEST_TEXT} characters`)
  if (/\p{Cc}|\p{Cs}/u.test(text)) throw invalid(`the ${what} has a control character in it`)
  return text
}

function unknown(what: string, name: string, known: readonly string[], meant = closest(name, known)): OffhookError {
  return invalid(`${show(name)} is ${what}; ${meant === null ? `take ${known.join(', ')}` : `did you mean ${meant}?`}`)
}

function invalid(message: string): OffhookError {
  return new OffhookError('USER_INVALID', message)
}

/** In quotes, with what a terminal would act upon escaped. */
function show(text: string): string {
  return JSON.stringify(text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text)
}
