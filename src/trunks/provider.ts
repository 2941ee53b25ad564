import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import type { Target } from '../sip/locate/target.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import type { SipRequest } from '../sip/message/message.ts'
import type { ClientUser } from '../sip/transaction/clientTransaction.ts'
import type { Flow } from '../sip/transport/flow.ts'

export type { Target }

/** The servers of one trunk, as its host and further servers resolve. */
export interface Servers {
  /** In the order to try them; rejects, or is empty, where there are none. Answers within seconds. */
  resolve(): Promise<readonly Target[]>
  /** This one did not answer, or is out of order: it goes to the end for a while (RFC 3263 §4.3). */
  failed(target: Target): void
}

/** What is needed to talk to a provider. */
export interface Link {
  readonly clock: Clock
  readonly random: Random
  /** As UserAgent.request. */
  request(request: SipRequest, flow: Flow, user: ClientUser): Sent
  /** Rejects where there is no way, in words, within seconds. */
  connect(target: Target): Promise<Flow>
}

/** A request that was sent. */
export interface Sent {
  cancel(headers: readonly HeaderLine[]): void
}

/** As in `udp 203.0.113.5:5060`. */
export function targetText({ protocol, address, port }: Target): string {
  return `${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}`
}
