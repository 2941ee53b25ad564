import { isIP, plainAddress, Subnets } from '../platform/address.ts'
import type { Locator } from '../sip/locate/locator.ts'
import type { Place } from '../sip/locate/target.ts'

/**
 * Who may be believed to be a trunk: addresses, subnets, and all addresses of host names, which are asked for anew as long
 * as it is open. A name counts with its own addresses and those of the SIP servers that it names.
 */
export class AllowList {
  readonly #subnets: Subnets
  readonly #places: readonly Place[]
  readonly #locator: Locator
  readonly #unwatch: readonly (() => void)[]
  #named: ReadonlySet<string>

  /**
   * `entries`: as in 192.0.2.1, 192.0.2.0/24, 2001:db8::/32 or sip.example.com; what is none of these is left out.
   * `places`: further servers, as the trunk's own.
   */
  constructor(entries: readonly string[], places: readonly Place[], locator: Locator) {
    const subnets = entries.map(subnetOf).filter((subnet) => subnet !== null)
    const names = entries.filter((entry) => subnetOf(entry) === null && !entry.includes('/'))
    this.#subnets = new Subnets(subnets)
    this.#places = [...places, ...names.flatMap(placesOfName)]
    this.#locator = locator
    this.#named = this.#resolved()
    this.#unwatch = this.#places.map((place) => locator.watch(place, () => (this.#named = this.#resolved())))
  }

  /** Whether an address is in it. */
  has(address: string): boolean {
    const plain = plainAddress(address)
    return this.#named.has(plain) || this.#subnets.has(plain)
  }

  /** Asks for its names no more. */
  close(): void {
    for (const unwatch of this.#unwatch) unwatch()
  }

  #resolved(): ReadonlySet<string> {
    return new Set(this.#places.flatMap((place) => [...this.#locator.addresses(place)]))
  }
}

/** An entry as a subnet, an IPv4-mapped one as IPv4; null: it is none. */
function subnetOf(entry: string): string | null {
  const [, host = '', bits = null] = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(entry.trim()) ?? []
  const address = plainAddress(host)
  if (!isIP(address)) return null
  const wasMapped = !address.includes(':') && host.includes(':')
  const all = address.includes(':') ? 128 : 32
  const prefix = bits === null ? all : Number(bits) - (wasMapped ? 96 : 0)
  return prefix < 0 || prefix > all ? null : `${address}/${prefix}`
}

function placesOfName(host: string): readonly Place[] {
  return [
    { host, port: null, protocol: null },
    // A port asks for the addresses of the name itself.
    { host, port: 5060, protocol: 'udp' },
  ]
}
