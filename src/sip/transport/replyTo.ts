import { plainAddress } from '../../platform/address.ts'
import type { Endpoint } from '../../platform/network.ts'
import type { Via } from '../message/via.ts'

const DEFAULT_PORT = 5060

/**
 * Where the answers to a datagram go. With `rport` back to its source (RFC 3581 §4); without, RFC 3261 §18.2.2 wants the
 * port of the Via. But a peer whose Via names another address than it sends from is behind NAT, where only the source
 * can be reached.
 */
export function replyTo(via: Via, source: Endpoint): Endpoint {
  if (via.rport !== null || plainAddress(via.host) !== source.address) return source
  const port = via.port ?? DEFAULT_PORT
  // Nobody listens on port 0, though the grammar allows it.
  return port === source.port || port === 0 ? source : { address: source.address, port }
}
