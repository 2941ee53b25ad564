import { type IceParameters, type LegSpec, MediaError } from '../media/engine.ts'
import { hexToken } from '../platform/random.ts'
import { type CryptoKey, KEY_LENGTH, SALT_LENGTH, SUITES } from '../sdp/crypto.ts'
import type { IncomingInvite } from '../sip/dialog/incomingInvite.ts'
import { type Flow, isWebSocket } from '../sip/transport/flow.ts'
import type { Bridge, Device } from './bridge.ts'
import type { Call, Leg, RelayedLeg } from './call.ts'
import { LegMedia } from './legMedia.ts'

/** A party to be: whose leg it is, and the way to it. */
export interface Party {
  readonly role: Leg['role']
  readonly user: string
  readonly userAgent: string | null
  readonly flow: Flow
  /** The SDP that it begins with; null: it will be made an offer. */
  readonly offer: Uint8Array | null
}

/** Whoever is to be called over `flow`, as a party. */
export function partyOf({ device, flow }: { readonly device: Device; readonly flow: Flow }): Party {
  return { role: 'callee', user: device.user, userAgent: device.userAgent, flow, offer: null }
}

/** What a caller offers; null: nothing. */
export function offerOf({ request }: IncomingInvite): Uint8Array | null {
  return request.body.length === 0 ? null : request.body
}

/** One unlike any other in this process, and small enough for every phone (RFC 4566 §5.2). */
const SESSION_IDS = 2 ** 31

/**
 * Opens the media of all `parties` in one command and enters their legs into the call. Null if the call is over by then,
 * or has to end for want of a port.
 */
export async function openLegs(bridge: Bridge, call: Call, parties: readonly Party[]): Promise<RelayedLeg[] | null> {
  const specs = parties.map((party): LegSpec => {
    const { address } = party.flow.local
    const secure = secured(bridge, party)
    const srtp = secure === null && isSealed(bridge, party)
    return { id: `${call.id}-${hexToken(bridge.random, 4)}`, call: call.id, address, secure, srtp }
  })
  try {
    const opened = await bridge.engine.open(specs)
    if (call.state === 'ended') {
      for (const { leg } of opened) void bridge.engine.close(leg)
      return null
    }
    return parties.flatMap((party, at) => {
      const [local, spec] = [opened[at], specs[at]]
      if (!local || !spec) return []
      const { role, user, userAgent, flow } = party
      const media = new LegMedia(bridge.engine, local, {
        advertised: flow.advertised.address,
        sessionId: 1 + bridge.random.integer(SESSION_IDS),
        repertoire: bridge.repertoire(user, isWebSocket(flow.protocol)),
        crypto: spec.srtp ? { first: newKeys(bridge), next: () => newKeys(bridge) } : null,
        ice: spec.secure ? { first: spec.secure.ice, next: () => newIce(bridge) } : null,
      })
      const [number, signalling] = [call.nextLeg(), flow.remote]
      const facts = { number, role, user, userAgent, signalling }
      const keys = bridge.keys(user)
      if (keys === 'info') media.keysByInfo()
      const leg: RelayedLeg = { way: 'relay', id: local.leg, ...facts, media, session: null, keys }
      bridge.calls.enter(call, leg)
      return [leg]
    })
  } catch (error) {
    if (!(error instanceof MediaError)) throw error
    bridge.log.error({ call: call.id, code: error.code }, error.message)
    const status = error.code === 'NO_WEBRTC' ? 488 : 503
    bridge.calls.end(call, { by: 'server', outcome: 'failed', status, reason: error.message })
    return null
  }
}

/** As SDP names the transport of WebRTC. */
const DTLS = 'UDP/TLS/RTP/SAVP'

// A phone on a WebSocket is a browser, unless its offer says that it is none; and a desk phone may speak DTLS-SRTP, too.
function secured(bridge: Bridge, { flow, offer }: Party): LegSpec['secure'] {
  if (!(offer === null ? isWebSocket(flow.protocol) : isSecure(offer))) return null
  const addresses = bridge.otherAddresses(flow.local.address)
  return { ice: newIce(bridge), role: offer === null ? 'controlling' : 'controlled', addresses }
}

/** Whether an offer wants its media as WebRTC has them. */
export function isSecure(offer: Uint8Array): boolean {
  // A view: each call's offer is looked at.
  return Buffer.from(offer.buffer, offer.byteOffset, offer.length).includes(DTLS)
}

/** As SDP names SRTP by keys that stand in it, such a key, and RTP in the clear. */
const SRTP = 'RTP/SAVP '
const KEY = 'a=crypto:'
const CLEAR = 'RTP/AVP'

// What a trunk is set to holds whatever it offers: nothing is taken from it in the clear. A phone may want it of itself, but where its
// keys came in a datagram of UDP everybody has read them.
function isSealed(bridge: Bridge, { user, flow, offer }: Party): boolean {
  if (bridge.needsSrtp(user)) return true
  if (offer === null || flow.protocol === 'udp') return false
  const text = Buffer.from(offer.buffer, offer.byteOffset, offer.length)
  return text.includes(SRTP) && text.includes(KEY) && !text.includes(CLEAR)
}

// RFC 4568 §7.1.1: each line has a key of its own.
function newKeys({ random }: Bridge): readonly CryptoKey[] {
  return SUITES.map((suite) => ({ suite, keySalt: random.bytes(KEY_LENGTH + SALT_LENGTH) }))
}

// RFC 8839 §5.4: at least 24 bits of chance in the fragment, 128 in the password.
function newIce({ random }: Bridge): IceParameters {
  return { ufrag: hexToken(random, 4), password: hexToken(random, 16) }
}
