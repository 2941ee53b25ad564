/**
 * Octet strings and text. Inside SIP a string holds octets, one character (U+0000–U+00FF) each, so that whatever came is
 * written back unharmed. People read and type text: these translate between the two.
 */

const ascii = /^[\x00-\x7f]*$/

/** The text that an octet string spells in UTF-8 (RFC 3261 §7.3.1); octets that are not UTF-8 become U+FFFD. */
export function fromUtf8(octets: string): string {
  return ascii.test(octets) ? octets : Buffer.from(octets, 'latin1').toString('utf8')
}

/** The octet string that spells `text` in UTF-8. */
export function toUtf8(text: string): string {
  return ascii.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** The octet string for these bytes. */
export function octetsOf(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return buffer.toString('latin1')
}

/**
 * The same octet string in memory of its own, to be kept for long: a part of a message would keep the whole, for that is how
 * V8 cuts strings.
 */
export function detached(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('latin1')
}

/** The bytes of an octet string. */
export function toOctets(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}
