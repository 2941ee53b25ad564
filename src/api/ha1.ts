import type { Ha1 } from '../sip/auth/credentials.ts'
import { ha1 } from '../sip/message/digest.ts'
import { toUtf8 } from '../sip/message/text.ts'

/** What is kept of a password: its HA1 for both algorithms. A password that is not ASCII counts as UTF-8 (RFC 7616 §4). */
export function bothHa1(user: string, realm: string, password: string): Ha1 {
  const octets = toUtf8(password)
  return { md5: ha1('MD5', user, realm, octets), sha256: ha1('SHA-256', user, realm, octets) }
}
