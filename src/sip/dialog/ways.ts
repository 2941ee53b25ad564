import { routes } from '../message/fields.ts'
import type { SipRequest } from '../message/message.ts'
import type { Uri } from '../message/uri.ts'
import type { Flow } from '../transport/flow.ts'

/** Ways to a peer that are opened where the flow at hand will not do. Each rejects if there is none. */
export interface Ways {
  /** For `request`, whose flow `old` is closed. */
  reopen(request: SipRequest, old: Flow): Promise<Flow>
  /** For the answers to a request that came over `old`, which is closed; `port`: of its Via (RFC 3261 §18.2.2). */
  answer(old: Flow, port: number | null): Promise<Flow>
  /** A stream for `request`, too large for a datagram (RFC 3261 §18.1.1); null: it leaves over `flow` all the same. */
  stream(request: SipRequest, flow: Flow): Promise<Flow> | null
}

/** Where a request goes first: its topmost Route, else its Request-URI (RFC 3261 §8.1.2). */
export function nextHop(request: SipRequest): Uri {
  const [first] = request.headers.has('route') ? routes(request.headers, 'route') : []
  return first?.uri ?? request.uri
}
