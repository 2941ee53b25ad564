import type { IncomingInvite } from '../sip/dialog/incomingInvite.ts'
import { type Flow, isWebSocket } from '../sip/transport/flow.ts'
import type { Bridge, Device } from './bridge.ts'
import type { Call, DirectLeg } from './call.ts'
import { isSecure } from './openLegs.ts'
import { type Said, saidIn } from './said.ts'

/**
 * What a caller says of its media, for phones that may have them without us in between; null: they go through us, as its user
 * wants it, or because it is no browser or makes no offer.
 */
export function offeredDirectly(bridge: Bridge, { transaction, request }: IncomingInvite, user: string): Said | null {
  if (!mayGoDirectly(bridge, user, transaction.flow)) return null
  const said = saidIn(request)
  return said.kind === 'said' && isSecure(said.sdp) ? said : null
}

/** Whether such a caller's media may go straight to this phone. */
export function mayGoDirectly(bridge: Bridge, user: string, flow: Flow): boolean {
  return isWebSocket(flow.protocol) && bridge.media(user) === 'direct'
}

/** Enters a phone that will get the caller's own offer into the call. */
export function enterDirectly(bridge: Bridge, call: Call, { user, userAgent }: Device, flow: Flow): DirectLeg {
  const facts = { number: call.nextLeg(), role: 'callee', user, userAgent, signalling: flow.remote } as const
  const leg: DirectLeg = { way: 'direct', ...facts, session: null, said: null }
  bridge.calls.enter(call, leg)
  return leg
}
