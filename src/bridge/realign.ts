import type { Bridge } from './bridge.ts'
import type { Call, Leg } from './call.ts'
import { guarded } from './guarded.ts'

/**
 * Brings a party that is out of step back into it, by offering it (re-INVITE) what is in force with the other. Packets pass
 * through unchanged, so both must have agreed to the same.
 */
export function realign(bridge: Bridge, call: Call, how: { stays: Leg; moves: Leg }): void {
  const { wish } = how.stays.media
  if (wish === null) return
  const offered = how.moves.media.offer(wish)
  if (offered.kind === 'rejected') return fail(bridge, call, offered.reason)
  guarded(bridge, call, move(bridge, call, how.moves, offered.body))
}

/** Whether both legs have agreed to the same codecs. */
export function sameCodecs(a: Leg, b: Leg): boolean {
  return codecsOf(a) === codecsOf(b)
}

function codecsOf(leg: Leg): string {
  const codecs = (leg.media.agreed?.formats ?? []).map(({ codec }) => codec)
  return codecs.sort().join()
}

async function move(bridge: Bridge, call: Call, leg: Leg, offer: Uint8Array): Promise<void> {
  const outcome = await leg.session?.reoffer(offer)
  if (outcome?.kind !== 'accepted') return fail(bridge, call, `${leg.user} would not follow a change of the audio`)
  outcome.acknowledge()
  const answered = leg.media.takeAnswer(outcome.response)
  if (answered.kind === 'rejected') fail(bridge, call, answered.reason)
}

function fail(bridge: Bridge, call: Call, reason: string): void {
  bridge.calls.end(call, { by: 'server', outcome: 'answered', status: 200, reason })
}
