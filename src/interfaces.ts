import { isLoopback, plainAddress } from './platform/address.ts'
import type { Clock, Millis, Timer } from './platform/clock.ts'
import type { Endpoint, Network } from './platform/network.ts'
import type { Advertiser } from './sip/transport/advertise.ts'

/** How often the interfaces are looked at: the system tells nobody of its own accord. */
const LOOK_EVERY: Millis = 5_000

/** The hosts that are us, as the interfaces of this machine come and go (RFC 3261 §8.2.2.1). */
export class OwnHosts {
  readonly #clock: Clock
  readonly #network: Network
  readonly #advertiser: Advertiser
  readonly #domains: readonly string[]
  #hosts: ReadonlySet<string> = new Set()
  #unfollow = (): void => {}

  /** `domains`: names by which phones may call us, besides our addresses. */
  constructor(clock: Clock, network: Network, advertiser: Advertiser, domains: readonly string[]) {
    this.#clock = clock
    this.#network = network
    this.#advertiser = advertiser
    this.#domains = domains.map(plainAddress)
    this.listening([])
  }

  /** Whether `host`, as plainAddress gives it, is us. The external address may be another one at any time. */
  has(host: string): boolean {
    return this.#hosts.has(host) || host === this.#advertiser.external
  }

  /** These are the addresses listened on; they need not be of an interface. */
  listening(addresses: readonly string[]): void {
    this.#hosts = new Set([...this.#domains, ...ownAddresses(this.#network, this.#advertiser), ...addresses])
  }

  /**
   * When an address has come to an interface or gone from one: asks `addresses` what is to be listened on, holds that for
   * us, and tells `changed`.
   */
  follow(addresses: () => readonly string[], changed: (addresses: readonly string[]) => void): void {
    this.#unfollow = followInterfaces(this.#clock, this.#network, () => {
      const now = addresses()
      this.#advertiser.interfacesChanged()
      this.listening(now)
      changed(now)
    })
  }

  /** Looks at the interfaces no more. */
  close(): void {
    this.#unfollow()
  }
}

/** Every address that reaches this host, its external one included. */
export function ownAddresses(network: Network, advertiser: Advertiser): readonly string[] {
  const { external } = advertiser
  return [...network.interfaces().map(({ address }) => address), ...(external === null ? [] : [external])]
}

/** More would only be more ports. */
const MOST_OTHERS = 4

/**
 * Where else than at `local` a browser may send media, of all the `endpoints` listened at: one on this host comes by the
 * loopback, where browsers take no media.
 */
export function otherAddresses(local: string, endpoints: readonly Endpoint[]): readonly string[] {
  if (!isLoopback(local)) return []
  const others = endpoints.map(({ address }) => address).filter((address) => !isLoopback(address))
  return others.slice(0, MOST_OTHERS)
}

function followInterfaces(clock: Clock, network: Network, changed: () => void): () => void {
  let known = addressesOf(network)
  let timer: Timer
  const look = (): void => {
    const now = addressesOf(network)
    if (now !== known) {
      known = now
      changed()
    }
    timer = clock.after(LOOK_EVERY, look)
  }
  timer = clock.after(LOOK_EVERY, look)
  return () => timer.cancel()
}

function addressesOf(network: Network): string {
  return network
    .interfaces()
    .map(({ cidr }) => cidr)
    .sort()
    .join()
}
