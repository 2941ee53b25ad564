import type { SessionEnd } from '../sip/dialog/sessionUser.ts'
import type { SipRequest } from '../sip/message/message.ts'
import type { ServerTransaction } from '../sip/transaction/serverTransaction.ts'
import type { Bridge } from './bridge.ts'
import type { Call, Leg } from './call.ts'
import type { Crossing } from './crossing.ts'
import { guarded } from './guarded.ts'
import { noted } from './noteMedia.ts'
import { answerUncarried } from './uncarried.ts'

/**
 * Listens to one party of a call that is up, and carries what it wants to the other: re-INVITE, UPDATE, INFO, MESSAGE, the
 * end. `crossing`: how that goes with what concerns its media.
 * `acknowledged` is called with the ACK of our first answer, where that answer was an offer.
 */
export function attend(
  bridge: Bridge,
  call: Call,
  leg: Leg,
  other: Leg,
  crossing: Crossing,
  acknowledged: ((ack: SipRequest) => void) | null = null,
): void {
  let onAck = acknowledged
  leg.session?.attach({
    reoffered: (reoffer) => {
      const whenAcknowledged = (run: (ack: SipRequest) => void): void => {
        onAck = run
      }
      guarded(bridge, call, crossing.reoffer(noted(call, leg, reoffer), whenAcknowledged))
    },
    acknowledged: (ack) => {
      const run = onAck
      onAck = null
      run?.(ack)
    },
    refresh: () => crossing.refresh(),
    requested: (transaction) => {
      if (!crossing.takesKey(transaction)) guarded(bridge, call, carryRequest(transaction, other))
    },
    ended: (end) => endedBy(bridge, call, leg, end),
  })
}

async function carryRequest(transaction: ServerTransaction, other: Leg): Promise<void> {
  const { method, headers, body } = transaction.request
  if (method !== 'INFO' && method !== 'MESSAGE') return answerUncarried(transaction)
  const type = headers.first('content-type')
  const status = await other.session?.ask({ method, headers: type === null ? [] : [['Content-Type', type]], body })
  transaction.respond(status ?? 481)
}

function endedBy(bridge: Bridge, call: Call, leg: Leg, end: SessionEnd): void {
  const by = end.by === 'failure' ? 'server' : leg.role
  const reason = end.by === 'failure' ? `${leg.user}: ${end.reason}` : `${leg.user} hung up`
  const causes = end.by === 'peer' ? end.causes : []
  bridge.calls.end(call, { by, outcome: 'answered', status: 200, reason, causes })
}
