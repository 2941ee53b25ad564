import type { NameAddr } from '../message/fields.ts'
import type { SipRequest } from '../message/message.ts'
import { supports } from '../message/optionTags.ts'

/** Whether a REGISTER uses the flows of RFC 5626; only then its reg-id counts. */
export type Outbound = 'unused' | 'used' | 'first hop lacks it'

/** The +sip.instance of a Contact, as in `urn:uuid:…` (RFC 5626 §4.1); null if there is none. */
export function instanceOf(contact: NameAddr): string | null {
  const instance = contact.params.get('+sip.instance')?.replace(/^<|>$/g, '')
  return instance?.startsWith('urn:') ? instance : null
}

/** The reg-id of a Contact, 1 to 2^31-1 (RFC 5626 §4.2); null if there is none, or no instance that it could be of. */
export function regIdOf(contact: NameAddr): number | null {
  const text = contact.params.get('reg-id') ?? ''
  const id = /^[0-9]{1,10}$/.test(text) ? Number(text) : 0
  return id > 0 && id < 2 ** 31 && instanceOf(contact) !== null ? id : null
}

/**
 * RFC 5626 §6: what a REGISTER with these `contacts` and this `path` comes to. The first hop keeps the flow: that is us
 * where the phone talks to us directly, else the proxy that it talks to, which says by `ob` in its Path that it does.
 */
export function outboundOf(request: SipRequest, contacts: readonly NameAddr[], path: readonly NameAddr[]): Outbound {
  if (!contacts.some((contact) => regIdOf(contact) !== null) || !supports(request, 'outbound')) return 'unused'
  const edge = path.at(-1)
  const kept = edge ? edge.uri.kind === 'sip' && edge.uri.params.has('ob') : isDirect(request)
  return kept ? 'used' : 'first hop lacks it'
}

/** Whether a request came without any proxy between. */
export function isDirect(request: SipRequest): boolean {
  return request.headers.list('via').length === 1
}
