import type { Clock, Millis, Timer } from './platform/clock.ts'
import type { Network } from './platform/network.ts'
import type { Advertiser } from './sip/transport/advertise.ts'

/** How often the interfaces are looked at: the system tells nobody of its own accord. */
const LOOK_EVERY: Millis = 5_000

/**
 * Calls `changed` when an address has come to an interface of this host or gone from one. The function it gives ends the
 * watch.
 */
export function followInterfaces(clock: Clock, network: Network, changed: () => void): () => void {
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

/** Every address that reaches this host, its external one included. */
export function ownAddresses(network: Network, advertiser: Advertiser): readonly string[] {
  const { external } = advertiser
  return [...network.interfaces().map(({ address }) => address), ...(external === null ? [] : [external])]
}

function addressesOf(network: Network): string {
  return network
    .interfaces()
    .map(({ cidr }) => cidr)
    .sort()
    .join()
}
