import { isIP, plainAddress } from '../../platform/address.ts'

/**
 * The form of a host in which it is asked for: lower case, no brackets, no dot at its end. null: no name server could
 * know it, and `.`, by which an SRV record says that there is nobody.
 */
export function hostToAsk(host: string): string | null {
  const plain = plainAddress(host).replace(/\.$/, '')
  if (isIP(plain)) return plain
  // RFC 1035 §2.3.4. SRV names begin with an underscore.
  const labels = plain.split('.')
  return plain.length <= 253 && labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))
    ? plain
    : null
}
