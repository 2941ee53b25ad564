import type { MediaEvent } from '../media/engine.ts'
import type { Bridge } from './bridge.ts'
import type { Call, RelayedLeg } from './call.ts'
import { guarded } from './guarded.ts'

/** A minute, less what it takes until the engine, which looks once a second, sees that it has passed. */
const LONG_SILENCE = 58_500

/** ms */
const ASK_EVERY = 60_000

/**
 * Notices calls that nobody is in any more. The engine reports each minute in which a party sent neither RTP nor RTCP.
 * When every party that should be heard is silent, the call ends. A party that is silent alone (muted, on hold, or
 * gone) is asked with OPTIONS in its dialog whether it is still there; no answer ends the call too.
 *
 * Returns a function that stops the watch.
 */
export function watchLiveness(bridge: Bridge): () => void {
  return bridge.engine.on((event) => {
    const call = bridge.calls.ofLeg(event.leg)
    if (!call) return
    if (event.type === 'ended') end(bridge, call, `its media ended: ${event.reason}`)
    if (event.type === 'silence' && upLongEnough(bridge, call)) guarded(bridge, call, judge(bridge, call, event))
  })
}

/** Media that go directly are not heard here, so each party is asked whether it is still there, as often as a silent one. */
export function watchDirect(bridge: Bridge, call: Call): void {
  const ask = (): void => {
    for (const { session } of call.legs) if (session) guarded(bridge, call, session.ask({ method: 'OPTIONS' }))
    timer = bridge.clock.after(ASK_EVERY, ask)
  }
  let timer = bridge.clock.after(ASK_EVERY, ask)
  call.onEnded(() => timer.cancel())
}

async function judge(bridge: Bridge, call: Call, event: Extract<MediaEvent, { type: 'silence' }>): Promise<void> {
  const talking = call.relayed.filter(({ media }) => media.agreed?.receives)
  const onHold = talking.length < call.legs.length
  if (!onHold && (await allSilent(bridge, talking))) {
    return end(bridge, call, `no audio came from anyone for ${Math.round(event.elapsed / 1000)} s`)
  }
  const silent = call.relayed.find(({ id }) => id === event.leg)
  await silent?.session?.ask({ method: 'OPTIONS' })
}

// Silence is counted from the first SDP on, and so from before the answer where there was early media.
function upLongEnough(bridge: Bridge, call: Call): boolean {
  const up = call.answeredAt === null ? 0 : bridge.clock.wall().getTime() - call.answeredAt
  return call.state === 'up' && up >= LONG_SILENCE
}

async function allSilent(bridge: Bridge, legs: readonly RelayedLeg[]): Promise<boolean> {
  const stats = await Promise.all(legs.map(({ id }) => bridge.engine.stats(id)))
  return stats.every((stat) => stat !== null && (stat.silentFor === null || stat.silentFor >= LONG_SILENCE))
}

function end(bridge: Bridge, call: Call, reason: string): void {
  const answered = call.state === 'up'
  const outcome = answered ? 'answered' : 'failed'
  bridge.calls.end(call, { by: 'server', outcome, status: answered ? 200 : 500, reason })
}
