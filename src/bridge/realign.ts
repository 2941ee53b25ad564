import type { Bridge } from './bridge.ts'
import type { Call, RelayedLeg } from './call.ts'
import { guarded } from './guarded.ts'

/**
 * Brings a party that is out of step back into it, by offering it (re-INVITE) what is in force with the other.
 */
export function realign(bridge: Bridge, call: Call, how: { stays: RelayedLeg; moves: RelayedLeg }): void {
  const { wish } = how.stays.media
  if (wish === null) return
  const offered = how.moves.media.offer(wish)
  if (offered.kind === 'rejected') return fail(bridge, call, offered.reason)
  guarded(bridge, call, move(bridge, call, how.moves, offered.body))
}

async function move(bridge: Bridge, call: Call, leg: RelayedLeg, offer: Uint8Array): Promise<void> {
  let outcome = await leg.session?.reoffer(offer)
  while (outcome?.kind === 'rejected' && outcome.status === 491 && (await waited(bridge, call, leg))) {
    outcome = await leg.session?.reoffer(offer)
  }
  if (call.state === 'ended') return
  if (outcome?.kind !== 'accepted') return fail(bridge, call, `${leg.user} would not follow a change of the audio`)
  outcome.acknowledge()
  const answered = leg.media.takeAnswer(outcome.response)
  if (answered.kind === 'rejected') fail(bridge, call, answered.reason)
}

// RFC 3261 §14.1: each side waits another while, so that the two do not collide for ever. False if the call ends meanwhile.
function waited(bridge: Bridge, call: Call, leg: RelayedLeg): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = bridge.clock.after(leg.session?.glareDelay ?? 0, () => resolve(call.state !== 'ended'))
    call.onEnded(() => {
      timer.cancel()
      resolve(false)
    })
  })
}

function fail(bridge: Bridge, call: Call, reason: string): void {
  bridge.calls.end(call, { by: 'server', outcome: 'answered', status: 200, reason })
}
