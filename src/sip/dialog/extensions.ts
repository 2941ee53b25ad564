import { tokens } from '../message/fields.ts'
import type { SipRequest } from '../message/message.ts'
import { EXTENSIONS, REGISTRATION_EXTENSIONS } from './contact.ts'

const inCalls = new Set(EXTENSIONS)
const inRegister = new Set(REGISTRATION_EXTENSIONS)
/** Somebody who asks with OPTIONS wants to hear of all. */
const inOptions = new Set([...EXTENSIONS, ...REGISTRATION_EXTENSIONS])
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
  return [...required, ...ofProxies].filter((tag) => !known.has(tag.toLowerCase()))
}
