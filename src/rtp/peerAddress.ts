import { isIP, isIPv6, isLoopback } from '../platform/address.ts'
import type { Endpoint } from '../platform/network.ts'

/** Says whether a peer may be at an endpoint: both what an SDP names and where a packet came from are asked. */
export type MayBePeer = (at: Endpoint) => boolean

/**
 * The rule for a leg bound to `local`, where this process has the media ports that `owns` says. A peer is a unicast address of the leg's own family, never one of our own media
 * ports (that would be a loop), and on loopback only if the leg is: an SDP must not aim our packets at services of this
 * host that listen to nobody else.
 */
export function peerRule(local: string, ownAddresses: ReadonlySet<string>, owns: (port: number) => boolean): MayBePeer {
  const v6 = isIPv6(local)
  const loopback = isLoopback(local)
  return ({ address, port }) => {
    if (port === 0 || !isIP(address) || isIPv6(address) !== v6 || !isUnicast(address)) return false
    if (isLoopback(address) && !loopback) return false
    return !(owns(port) && (address === local || ownAddresses.has(address)))
  }
}

function isUnicast(address: string): boolean {
  if (isIPv6(address)) return address !== '::' && !/^ff/i.test(address)
  const network = Number.parseInt(address, 10)
  // 0/8 is "this host", 224/4 multicast, 240/4 reserved with the broadcast address in it.
  return network > 0 && network < 224
}
