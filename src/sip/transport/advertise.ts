import { isIPv6, Subnets } from '../../platform/address.ts'
import type { Network } from '../../platform/network.ts'

/** Ranges that are nobody's on the internet: RFC 1918, RFC 6598, loopback, link-local, RFC 4193. */
const PRIVATE_RANGES = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  '::1/128',
  'fe80::/10',
  'fc00::/7',
]

/** Which address of ours a peer can reach: the local one on our own networks, the external one from the internet. */
export class Advertiser {
  readonly #network: Network
  readonly #wanted: readonly string[] | null
  #localNets: Subnets
  /** The address by which the internet knows us; null: nothing stands between. IPv4, as NAT is. */
  external: string | null = null

  /** `localNets`: CIDR ranges reached without NAT; null: the private ranges and the subnets of our own interfaces. */
  constructor(network: Network, localNets: readonly string[] | null) {
    this.#network = network
    this.#wanted = localNets
    this.#localNets = this.#nets()
  }

  /** The addresses of our interfaces are others now. */
  interfacesChanged(): void {
    this.#localNets = this.#nets()
  }

  /** Whether `address` is on our side of any NAT. */
  isLocal(address: string): boolean {
    return this.#localNets.has(address)
  }

  /** The address to give to a peer at `remote` that reaches our socket bound to `local`. */
  addressFor(local: string, remote: string): string {
    if (this.external === null || isIPv6(local) || this.isLocal(remote)) return local
    return this.external
  }

  #nets(): Subnets {
    return new Subnets(this.#wanted ?? [...PRIVATE_RANGES, ...this.#network.interfaces().map(({ cidr }) => cidr)])
  }
}
