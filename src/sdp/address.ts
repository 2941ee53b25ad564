import { isIP, isIPv6 } from '../platform/address.ts'

/** Labels of a host name: letters, digits, `-`, and `_`, which private networks use. */
const hostName = /^[\w-]+(?:\.[\w-]+)*\.?$/
const endsInNumber = /(?:^|\.)\d+\.?$/
const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/

/**
 * The address in a c=, o= or a=rtcp of address type IP4 or IP6 (RFC 4566 §5.7), in one spelling: IPv6 as RFC 5952 writes
 * it, IPv4-mapped IPv6 as IPv4; a host name as it stands, for the caller to resolve or to pass over. A multicast TTL or
 * count after `/` is left out. null: neither an address of this type nor a host name.
 */
export function readAddress(version: 4 | 6, text: string): string | null {
  const slash = text.indexOf('/')
  const address = slash === -1 ? text : text.slice(0, slash)
  if (address.length > 255) return null
  if (isIP(address)) {
    if (isIPv6(address) !== (version === 6)) return null
    return version === 6 ? plainIPv6(address) : address
  }
  return hostName.test(address) && !endsInNumber.test(address) ? address : null
}

/** null for an address with a zone (`%eth0`): it means nothing on another host. */
function plainIPv6(address: string): string | null {
  if (address.includes('%')) return null
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = mapped.exec(plain) ?? []
  if (high === undefined || low === undefined) return plain
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`
}

/** Whether this stands for no address at all: the RFC 2543 hold, RFC 3264 §8.4. */
export function isUnspecified(address: string | null): boolean {
  return address === '0.0.0.0' || address === '::'
}

/** Whether packets can be sent there as it stands: one host's IP address. */
export function isUnicast(address: string | null): address is string {
  if (address === null || isUnspecified(address) || !isIP(address)) return false
  if (isIPv6(address)) return !address.startsWith('ff')
  return Number.parseInt(address, 10) < 224
}
