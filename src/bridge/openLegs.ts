import { type LegSpec, MediaError } from '../media/engine.ts'
import { hexToken } from '../platform/random.ts'
import type { Flow } from '../sip/transport/flow.ts'
import type { Bridge } from './bridge.ts'
import type { Call, Leg } from './call.ts'
import { LegMedia } from './legMedia.ts'

/** A party to be: whose leg it is, and the way to it. */
export interface Party {
  readonly role: Leg['role']
  readonly user: string
  readonly userAgent: string | null
  readonly flow: Flow
}

/** One unlike any other in this process, and small enough for every phone (RFC 4566 §5.2). */
const SESSION_IDS = 2 ** 31

/**
 * Opens the media of all `parties` in one command and enters their legs into the call. Null if the call is over by then,
 * or has to end for want of a port.
 */
export async function openLegs(bridge: Bridge, call: Call, parties: readonly Party[]): Promise<Leg[] | null> {
  const specs = parties.map(
    ({ flow }): LegSpec => ({
      id: `${call.id}-${hexToken(bridge.random, 4)}`,
      call: call.id,
      address: flow.local.address,
    }),
  )
  try {
    const opened = await bridge.engine.open(specs)
    if (call.state === 'ended') {
      for (const { leg } of opened) void bridge.engine.close(leg)
      return null
    }
    return parties.flatMap((party, at) => {
      const local = opened[at]
      if (!local) return []
      const { role, user, userAgent, flow } = party
      const media = new LegMedia(bridge.engine, local, {
        advertised: flow.advertised.address,
        sessionId: 1 + bridge.random.integer(SESSION_IDS),
        repertoire: bridge.repertoire(user),
      })
      const [number, signalling] = [call.nextLeg(), flow.remote]
      const leg: Leg = { id: local.leg, number, role, user, userAgent, signalling, media, session: null, keys: null }
      bridge.calls.enter(call, leg)
      return [leg]
    })
  } catch (error) {
    if (!(error instanceof MediaError)) throw error
    bridge.log.error({ call: call.id, code: error.code }, error.message)
    bridge.calls.end(call, { by: 'server', outcome: 'failed', status: 503, reason: error.message })
    return null
  }
}
