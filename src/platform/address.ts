import { BlockList, isIPv4, SocketAddress, isIPv6 as systemSaysIPv6 } from 'node:net'

/** Whether `text` is an IPv6 literal (no brackets). */
export function isIPv6(text: string): boolean {
  // Looked for first: the system's own test is a regular expression of 500 characters.
  return text.includes(':') && systemSaysIPv6(text)
}

/** Whether `text` is an IPv4 or IPv6 literal (no brackets). */
export function isIP(text: string): boolean {
  return isIPv4(text) || isIPv6(text)
}

/** Whether an address never leaves this host. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

/** `10.0.0.1:5060` or `[2001:db8::1]:5060`, as URIs and people write it. */
export function hostPort(address: string, port: number): string {
  return `${bracketed(address)}:${port}`
}

/** An IPv6 literal in brackets, anything else as it is (RFC 3261 §25.1, host). */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/**
 * The form in which two spellings of a host compare equal: lower case, no brackets, IPv6 as the system writes it, and
 * IPv4-mapped IPv6 as IPv4.
 */
export function plainAddress(host: string): string {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  if (!isIPv6(bare)) return bare.toLowerCase()
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' })
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/** A set of subnets. */
export class Subnets {
  readonly #list = new BlockList()

  /** `cidrs`: each as in 10.0.0.0/8 or 2001:db8::/32; a bare address is itself alone. Throws on anything else. */
  constructor(cidrs: readonly string[]) {
    for (const cidr of cidrs) {
      const [, address = '', prefix] = /^([^/]+)(?:\/(\d+))?$/.exec(cidr) ?? []
      const v6 = isIPv6(address)
      this.#list.addSubnet(address, Number(prefix ?? (v6 ? 128 : 32)), v6 ? 'ipv6' : 'ipv4')
    }
  }

  has(address: string): boolean {
    return isIP(address) && this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  }
}
