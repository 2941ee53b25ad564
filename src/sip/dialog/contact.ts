import { hostPort } from '../../platform/address.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { Flow } from '../transport/flow.ts'

/** The methods we support, for Allow: what is not in here is refused (RFC 3261 §8.2.1). */
export const ALLOWED_METHODS = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'REGISTER',
  'INFO',
  'MESSAGE',
  'NOTIFY',
  'PRACK',
  'SUBSCRIBE',
  'UPDATE',
] as const

/** Those we support and those we only know by name (IANA's registry): the others do not exist for us (§21.5.2). */
export const KNOWN_METHODS: readonly string[] = [...ALLOWED_METHODS, 'PUBLISH', 'REFER']

export const ALLOW: HeaderLine = ['Allow', ALLOWED_METHODS.join(', ')]

/** The extensions we know, for Supported and Require: reliable provisional responses (RFC 3262), session timers (RFC 4028). */
export const EXTENSIONS: readonly string[] = ['100rel', 'timer']

/** Those that concern a REGISTER alone: RFC 3327, RFC 5626, RFC 5627. */
export const REGISTRATION_EXTENSIONS: readonly string[] = ['path', 'outbound', 'gruu']

export const REGISTRATION_SUPPORTED: HeaderLine = ['Supported', REGISTRATION_EXTENSIONS.join(', ')]

export const SUPPORTED: HeaderLine = ['Supported', EXTENSIONS.join(', ')]

/** All we know, for whoever asks with OPTIONS outside a call. */
export const ALL_SUPPORTED: HeaderLine = ['Supported', [...EXTENSIONS, ...REGISTRATION_EXTENSIONS].join(', ')]

/** For an INVITE whose provisional responses must not bring an offer, for nobody could answer it. */
export const SUPPORTED_UNRELIABLE: HeaderLine = ['Supported', 'timer']

export const USER_AGENT: HeaderLine = ['User-Agent', 'Offhook']

export const SDP_TYPE: HeaderLine = ['Content-Type', 'application/sdp']

/** Our Contact toward the peer of this flow: an address of ours that it can reach (RFC 3261 §8.1.1.8). */
export function contactFor(flow: Flow, user: string | null): HeaderLine {
  const { address, port } = flow.advertised
  const transport = flow.protocol === 'udp' ? '' : `;transport=${flow.protocol}`
  return ['Contact', `<sip:${user === null ? '' : `${user}@`}${hostPort(address, port)}${transport}>`]
}
