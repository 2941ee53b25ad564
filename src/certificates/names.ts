import { isIP, plainAddress } from '../platform/address.ts'

/** What a certificate is for. Sorted, without doubles, so that two sets compare by their text. */
export interface CertificateNames {
  /** Host names, lower case. */
  readonly dns: readonly string[]
  /** IP addresses, as plainAddress gives them. */
  readonly addresses: readonly string[]
}

/** What may stand in a certificate: the letters of a host name, and no underscore (RFC 5280 §4.2.1.6). */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/** The names that `hosts`, addresses and host names mixed, give a certificate; what can't stand in one is left out. */
export function certificateNames(hosts: readonly string[]): CertificateNames {
  const plain = [...new Set(hosts.map((host) => plainAddress(host.replace(/\.$/, ''))))].sort()
  return {
    dns: plain.filter((host) => !isIP(host) && HOST_NAME.test(host)),
    addresses: plain.filter(isIP),
  }
}

/** Whether all of `wanted` stands in `given`. */
export function covers(given: CertificateNames, wanted: CertificateNames): boolean {
  const has = new Set([...given.dns, ...given.addresses])
  return [...wanted.dns, ...wanted.addresses].every((name) => has.has(name))
}

/** The names in a certificate, from what node:crypto says of its subjectAltName; null: there is none. */
export function namesIn(subjectAltName: string | undefined): CertificateNames | null {
  if (subjectAltName === undefined) return null
  const hosts = subjectAltName.split(', ').flatMap((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1] ?? [])
  return certificateNames(hosts)
}
