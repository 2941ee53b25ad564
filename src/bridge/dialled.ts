import { fromUtf8 } from '../sip/message/text.ts'
import { type Uri, unescapeUser } from '../sip/message/uri.ts'

/**
 * The number that a URI of ours stands for, as a person dials it; null if it names none. %2A43 and *43 are the same
 * number (RFC 3261 §19.1.2), and so are 555-1234 and 5551234 in a tel URI (RFC 3966 §5.1.1).
 */
export function dialledNumber(uri: Uri): string | null {
  if (uri.kind === 'tel') return uri.number.replace(/[-.() ]/g, '')
  if (uri.kind !== 'sip' || uri.user === null) return null
  const octets = unescapeUser(uri.user)
  return octets === null || octets === '' ? null : fromUtf8(octets)
}
