/** Octets of DER: tag, length, content. */
function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content)
  const size = body.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Uint8Array.of(tag, ...length), body])
}

const SEQUENCE = 0x30
/** [0] permittedSubtrees. */
const PERMITTED = 0xa0
/** GeneralName [2] dNSName and [7] iPAddress. */
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87

/** id-ce-nameConstraints. */
export const NAME_CONSTRAINTS = '2.5.29.30'

/**
 * The nameConstraints of an authority that speaks for these host names, whatever is below them, and for any IP address:
 * whoever steals its key can't pass for anybody else's site (RFC 5280 §4.2.1.10). DER.
 */
export function nameConstraints(dns: readonly string[]): Uint8Array {
  const names = dns.map((name) => der(SEQUENCE, der(DNS_NAME, Buffer.from(name, 'latin1'))))
  // Address and mask, all zeros: every address. Ours come and go, and a browser shows them as they are.
  const addresses = [8, 32].map((octets) => der(SEQUENCE, der(IP_ADDRESS, new Uint8Array(octets))))
  return der(SEQUENCE, der(PERMITTED, ...names, ...addresses))
}

/** Whether an authority that speaks for `permitted` may name `host`. */
export function permits(permitted: readonly string[], host: string): boolean {
  return permitted.some((name) => host === name || host.endsWith(`.${name}`))
}
