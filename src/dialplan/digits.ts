/** Longer than any number with its punctuation: 15 digits (ITU-T E.164 §6) after a prefix of up to five. */
export const LONGEST_TEXT = 64

/**
 * What is dialled by a text as people write numbers, punctuation and a `tel:` in front aside (RFC 3966 §5.1.1): up to 20
 * digits, perhaps after a plus. null: it has other characters, digits of other scripts among them, or too many. Never throws.
 */
export function digitsOf(raw: string): string | null {
  if (raw.length > LONGEST_TEXT) return null
  const dialled = raw.replace(/^tel:/i, '').replace(/[ \t\-.()/\u00a0\u2010-\u2013]/g, '')
  return /^(?:\+\d{1,15}|\d{1,20})$/.test(dialled) ? dialled : null
}
