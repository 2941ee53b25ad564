import { plainAddress } from '../platform/address.ts'
import type { Endpoint } from '../platform/network.ts'
import type { SipResponse } from '../sip/message/message.ts'
import type { Flow } from '../sip/transport/flow.ts'

/**
 * Where a request over `flow` came from, as the answer's Via tells (RFC 3261 §18.2.1, RFC 3581 §4); null: it says nothing, or
 * just what we advertise. The port of a connection that we opened is ours alone, and means nothing.
 */
export function seenFrom({ via }: SipResponse, flow: Flow): Endpoint | null {
  const address = via.received === null ? flow.advertised.address : plainAddress(via.received)
  const port = typeof via.rport === 'number' && !flow.reliable ? via.rport : flow.advertised.port
  const same = address === plainAddress(flow.advertised.address) && port === flow.advertised.port
  return same ? null : { address, port }
}
