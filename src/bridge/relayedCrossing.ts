import type { Bridge } from './bridge.ts'
import type { Call, RelayedLeg } from './call.ts'
import type { Crossing } from './crossing.ts'
import { takeKey } from './keys.ts'
import { realign } from './realign.ts'
import { refreshMedia } from './refreshMedia.ts'
import { carryReoffer } from './reoffer.ts'

/** From `leg` to `other` through the server, whose legs each have terms of their own. */
export function relayedCrossing(bridge: Bridge, call: Call, leg: RelayedLeg, other: RelayedLeg): Crossing {
  return {
    reoffer: (reoffer, whenAcknowledged) => carryReoffer(bridge, call, leg, other, reoffer, whenAcknowledged),
    async refresh() {
      const status = await refreshMedia(leg)
      if (status < 300 && call.state === 'up' && !leg.media.inStepWith(other.media))
        realign(bridge, call, { stays: leg, moves: other })
      return status
    },
    takesKey: (transaction) => takeKey(bridge, call, transaction, leg, other),
  }
}
