import type { ServerTransaction } from '../sip/transaction/serverTransaction.ts'
import type { Bridge } from './bridge.ts'
import type { Call, RelayedLeg } from './call.ts'
import { type InfoKey, readInfoKey, writeInfoKey } from './dtmfInfo.ts'
import { guarded } from './guarded.ts'

const RELAY = 'application/dtmf-relay'

/**
 * Tells keys that a party presses in its media to one that presses its own by INFO: all other ways of telling them are the
 * media engine's. Returns a function that stops it.
 */
export function watchKeys(bridge: Bridge): () => void {
  return bridge.engine.on((event) => {
    if (event.type !== 'dtmf') return
    const call = bridge.calls.ofLeg(event.leg)
    const from = call?.relayed.find(({ id }) => id === event.leg)
    if (!call || !from) return
    from.keys = 'events'
    for (const leg of call.relayed) if (leg !== from && isToldByInfo(leg)) guarded(bridge, call, tell(leg, event))
  })
}

/**
 * A party presses a key by INFO: brings it to the other in the way that one knows. False: the INFO says something else.
 * Some phones press each key twice, by INFO and in their media; that counts once.
 */
export function takeKey(
  bridge: Bridge,
  call: Call,
  transaction: ServerTransaction,
  leg: RelayedLeg,
  other: RelayedLeg,
): boolean {
  const { method, headers, body } = transaction.request
  const key = method === 'INFO' ? readInfoKey(headers.first('content-type'), body) : null
  if (key === null) return false
  transaction.respond(200)
  if (leg.keys === 'events') return true
  leg.keys = 'info'
  leg.media.keysByInfo()
  if (isToldByInfo(other) || !other.media.hearsKeys) guarded(bridge, call, tell(other, key))
  else bridge.engine.sendDtmf(other.id, key.digit, key.duration)
  return true
}

function isToldByInfo({ keys, media }: RelayedLeg): boolean {
  return keys === 'info' && !media.knowsEvents
}

async function tell(leg: RelayedLeg, key: InfoKey): Promise<void> {
  const headers = [['Content-Type', RELAY]] as const
  await leg.session?.ask({ method: 'INFO', headers, body: writeInfoKey(RELAY, key) })
}
