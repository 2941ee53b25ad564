import type { Flow } from '../sip/transport/flow.ts'
import type { Bridge } from './bridge.ts'
import type { Call, RelayedLeg } from './call.ts'
import { guarded } from './guarded.ts'
import { refreshMedia } from './refreshMedia.ts'

/** So often is a party told that is busy with an offer of its own. */
const MOST_TRIES = 5

/**
 * Our address is another one for some peers, as when a home line gets a new one: every party of a call that is up and knows us
 * by the old is told in a re-INVITE. `now`: the way to the same peer with the address of now; null: there is none.
 */
export function readdress(bridge: Bridge, now: (flow: Flow) => Flow | null): void {
  for (const call of bridge.calls.all()) {
    for (const leg of call.relayed) {
      const flow = leg.session && now(leg.session.flow)
      const { address } = leg.media
      if (!flow || address === null || flow.advertised.address === address) continue
      leg.session?.moveTo(flow)
      leg.media.moveTo(flow.advertised.address)
      guarded(bridge, call, tell(bridge, call, leg))
    }
  }
}

async function tell(bridge: Bridge, call: Call, leg: RelayedLeg): Promise<void> {
  for (let tries = 1; tries <= MOST_TRIES && call.state === 'up'; tries++) {
    const status = await refreshMedia(leg)
    if (status < 300) return
    if (status !== 491) return bridge.log.warn({ call: call.id, status }, 'a party would not take our new address')
    await pause(bridge, leg)
  }
}

// RFC 3261 §14.1
function pause(bridge: Bridge, { session }: RelayedLeg): Promise<void> {
  return new Promise((resolve) => void bridge.clock.after(session?.glareDelay ?? 0, resolve))
}
