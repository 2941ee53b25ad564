import type { OutgoingInviteOptions } from '../sip/dialog/outgoingInvite.ts'
import { formatNameAddr } from '../sip/message/fields.ts'
import { toUtf8 } from '../sip/message/text.ts'
import { escapeUser, sipUri } from '../sip/message/uri.ts'
import type { Flow } from '../sip/transport/flow.ts'
import type { Device, LineInvite, Phone } from './bridge.ts'
import type { Call } from './call.ts'

/** Who is asked, and with what. */
export interface Asked {
  readonly device: Device
  readonly flow: Flow
  /** Our SDP for it; null asks for its own. */
  readonly offer: Uint8Array | null
  /** As OutgoingInvite's. */
  readonly reliable: boolean
  readonly maxForwards: number
}

/** The INVITE by which a phone or a line is asked to take the call. */
export function inviteTo(call: Call, { device, flow, offer, reliable, maxForwards }: Asked): OutgoingInviteOptions {
  const { uri, route, from, to, contactUser, headers, sessionTimer, proof } =
    device.kind === 'phone' ? phoneInvite(call, device) : device.invite(flow)
  return { flow, uri, route, from, to, contactUser, maxForwards, body: offer, reliable, sessionTimer, headers, proof }
}

const none: readonly [] = []

function phoneInvite(call: Call, { user, contact, route, domain }: Phone): LineInvite {
  return {
    uri: contact,
    route,
    from: addressOf(call.from, call.fromName, domain),
    to: addressOf(user, null, domain),
    contactUser: escapeUser(toUtf8(call.from)),
    headers: none,
    sessionTimer: true,
    proof: null,
  }
}

// From has the domain by which this phone knows us: it is what it will redial.
function addressOf(user: string, displayName: string | null, domain: string): string {
  const uri = sipUri({ user: escapeUser(toUtf8(user)), host: domain })
  return formatNameAddr({ displayName: displayName === null ? null : toUtf8(displayName), uri })
}
