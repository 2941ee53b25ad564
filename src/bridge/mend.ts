import type { Wish } from '../sdp/agreement.ts'
import type { Bridge } from './bridge.ts'
import type { Call, Leg } from './call.ts'
import { guarded } from './guarded.ts'

/**
 * Where the two sides ended up with different codecs (an early answer that the final one contradicts), offers the one
 * what the other has. Packets pass through unchanged, so both must speak the same.
 */
export function mend(bridge: Bridge, call: Call, how: { stays: Leg; moves: Leg; wish: Wish }): void {
  if (sameCodecs(how.stays, how.moves)) return
  const offered = how.moves.media.offer(how.wish)
  if (offered.kind === 'rejected') return fail(bridge, call, offered.reason)
  guarded(bridge, call, move(bridge, call, how.moves, offered.body))
}

async function move(bridge: Bridge, call: Call, leg: Leg, offer: Uint8Array): Promise<void> {
  const outcome = await leg.session?.reoffer(offer)
  if (outcome?.kind !== 'accepted') return fail(bridge, call, `${leg.user} would not change its codec`)
  outcome.acknowledge()
  const answered = leg.media.takeAnswer(outcome.response)
  if (answered.kind === 'rejected') fail(bridge, call, answered.reason)
}

function sameCodecs(a: Leg, b: Leg): boolean {
  const codecs = (leg: Leg): string =>
    (leg.media.agreed?.formats ?? [])
      .map(({ codec }) => codec)
      .sort()
      .join()
  return codecs(a) === codecs(b)
}

function fail(bridge: Bridge, call: Call, reason: string): void {
  bridge.calls.end(call, { by: 'server', outcome: 'answered', status: 200, reason })
}
