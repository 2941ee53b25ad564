import { tokens } from '../message/fields.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'

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

/** Option tags: reliable provisional responses (RFC 3262), session timers (RFC 4028). */
const inCalls: readonly string[] = ['100rel', 'timer']

/** Those that concern a REGISTER alone: RFC 3327, RFC 5626, RFC 5627. */
const inRegister: readonly string[] = ['path', 'outbound', 'gruu']

/** Somebody who asks with OPTIONS wants to hear of all. */
const inOptions: readonly string[] = [...inCalls, ...inRegister]

export const SUPPORTED: HeaderLine = ['Supported', inCalls.join(', ')]

export const REGISTRATION_SUPPORTED: HeaderLine = ['Supported', inRegister.join(', ')]

/** All we know, for whoever asks with OPTIONS outside a call. */
export const ALL_SUPPORTED: HeaderLine = ['Supported', inOptions.join(', ')]

/** For an INVITE whose provisional responses must not bring an offer, for nobody could answer it. */
export const SUPPORTED_UNRELIABLE: HeaderLine = ['Supported', 'timer']

const none: readonly string[] = []

/**
 * The option tags that `request` requires and we do not do: what goes into `Unsupported` of a 420 (RFC 3261 §8.2.2.3).
 * Proxy-Require counts too: we stand where a proxy would, and pass calls on (§16.3 step 5). Never asked for ACK and
 * CANCEL, which require nothing.
 */
export function unsupported(request: SipRequest): readonly string[] {
  const { headers, method } = request
  const required = headers.has('require') ? tokens(headers, 'require') : none
  const ofProxies = headers.has('proxy-require') ? tokens(headers, 'proxy-require') : none
  if (required.length + ofProxies.length === 0) return none
  const known = method === 'REGISTER' ? inRegister : method === 'OPTIONS' ? inOptions : inCalls
  return [...required, ...ofProxies].filter((tag) => !known.includes(tag.toLowerCase()))
}
