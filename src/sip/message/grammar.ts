/**
 * The character classes of RFC 3261 §25.1 and the scanners over them. A scanner takes a string and a position and gives
 * the position after what it read. All of them walk forward only, so whatever is built from them takes linear time.
 */

const token = 1
const user = 2
const password = 4
const uriParam = 8
const uriHeader = 16
const host = 32
const hex = 64

/** A class of characters, to be asked for with `spans` and `skip`. */
export type CharClass = number

/** token, §25.1. */
export const tokenChars: CharClass = token
/** user, §25.1, and `#`, which phones send unescaped when somebody dials it. */
export const userChars: CharClass = user
export const passwordChars: CharClass = password
export const uriParamChars: CharClass = uriParam
export const uriHeaderChars: CharClass = uriHeader
/** Letters, digits, `-`, `.`, and `_`, which occurs in the host names of private networks. */
export const hostChars: CharClass = host
export const hexChars: CharClass = hex

const classes = new Uint8Array(256)
function allow(chars: string, bits: number): void {
  for (let i = 0; i < chars.length; i++) classes[chars.charCodeAt(i)] = (classes[chars.charCodeAt(i)] ?? 0) | bits
}
allow(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  token | user | password | uriParam | uriHeader | host,
)
allow('0123456789abcdefABCDEF', hex)
allow("-_.!~*'()", user | password | uriParam | uriHeader)
allow("-.!%*_+`'~", token)
allow('&=+$,;?/#', user)
allow('&=+$,', password)
allow('[]/:&+$', uriParam)
allow('[]/?:+$', uriHeader)
allow('-._', host)

/** The first position at or after `from` (up to `to`) whose character is not in the class. */
export function skip(text: string, charClass: CharClass, from: number, to: number = text.length): number {
  let at = from
  while (at < to && ((classes[text.charCodeAt(at)] ?? 0) & charClass) !== 0) at++
  return at
}

/** Whether [from, to) is not empty and holds characters of the class alone. */
export function spans(text: string, charClass: CharClass, from: number = 0, to: number = text.length): boolean {
  return from < to && skip(text, charClass, from, to) === to
}

/** Whether [from, to) holds characters of the class and well-formed %HH escapes alone; empty passes. */
export function spansEscaped(text: string, charClass: CharClass, from: number, to: number): boolean {
  let at = skip(text, charClass, from, to)
  while (at < to) {
    if (text.charCodeAt(at) !== 0x25 || at + 3 > to || skip(text, hex, at + 1, at + 3) !== at + 3) return false
    at = skip(text, charClass, at + 3, to)
  }
  return true
}

/** `text` in lower case, ASCII letters alone; itself, at no cost, if it is so already. */
export function lowerCase(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0x41 && code <= 0x5a) return text.toLowerCase()
  }
  return text
}

/** Past spaces and tabs (values are unfolded before they are read). */
export function skipSpace(text: string, from: number): number {
  let at = from
  while (isSpace(text.charCodeAt(at))) at++
  return at
}

export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** Past the quoted-string that opens at `from`; -1 if nothing closes it. */
export function skipQuoted(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at + 1
    if (code === 0x5c) at++
  }
  return -1
}

/** What the quoted-string [from, to), quotes included, says: its escapes resolved. */
export function unquote(text: string, from: number = 0, to: number = text.length): string {
  const inner = text.slice(from + 1, to - 1)
  return inner.includes('\\') ? inner.replace(/\\(.)/gs, '$1') : inner
}

/** `text` as a quoted-string. */
export function quote(text: string): string {
  return /["\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`
}

/** A run of 1 to 15 digits as a number (leading zeros are free); NaN if it is anything else. */
export function decimal(text: string, from: number = 0, to: number = text.length): number {
  let at = from
  while (at < to - 1 && text.charCodeAt(at) === 0x30) at++
  if (at >= to || to - at > 15) return Number.NaN
  let value = 0
  for (; at < to; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
