import type { Wish } from '../sdp/agreement.ts'
import type { IncomingInvite } from '../sip/dialog/incomingInvite.ts'
import type { RelayedLeg } from './call.ts'
import type { EarlyExchange } from './earlyExchange.ts'
import type { Said } from './said.ts'

/** Who calls, what it offers, and what it has heard so far: the same for all that are rung for it. */
export interface Caller {
  readonly invite: IncomingInvite
  readonly leg: RelayedLeg
  /** null: nothing. */
  readonly offer: Wish | null
  /** The same as it stands, where its media may go without us; null: they go through us. */
  readonly said: Said | null
  readonly early: EarlyExchange
}

/** Whether others can be rung: no phone's offer can be brought to a caller that has got another's already (RFC 3262 §5). */
export function mayRingOthers({ offer, early }: Caller): boolean {
  return offer !== null || !early.heard
}
