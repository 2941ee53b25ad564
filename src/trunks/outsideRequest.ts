import { hexToken, type Random } from '../platform/random.ts'
import { contactFor, USER_AGENT } from '../sip/dialog/contact.ts'
import { createRequest } from '../sip/message/create.ts'
import { formatNameAddr, Params } from '../sip/message/fields.ts'
import { type HeaderLine, Headers } from '../sip/message/headers.ts'
import type { SipRequest } from '../sip/message/message.ts'
import { toUtf8 } from '../sip/message/text.ts'
import { escapeUser, type SipUri, sipUri } from '../sip/message/uri.ts'
import type { Flow } from '../sip/transport/flow.ts'
import type { TrunkSettings } from './trunk.ts'

/** What the requests of one trunk are named after. */
export type TrunkIdentity = Pick<TrunkSettings, 'username' | 'domain' | 'host'>

/** A call that begins nothing: what requests outside a dialog share when they are sent again (RFC 3261 §10.2, §8.1.3.5). */
export interface Thread {
  readonly callId: string
  readonly tag: string
  cSeq: number
}

export function newThread(random: Random): Thread {
  return { callId: hexToken(random, 16), tag: hexToken(random, 8), cSeq: random.integer(1 << 16) }
}

/** The provider's domain as a URI: where REGISTER and OPTIONS go (RFC 3261 §10.2). */
export function domainUri({ domain, host }: TrunkIdentity): SipUri {
  return sipUri({ host: domain ?? host })
}

/** The account at the provider: the address of record. */
export function accountUri(trunk: TrunkIdentity): SipUri {
  const { domain, host, username } = trunk
  return sipUri({ host: domain ?? host, user: username === null ? null : escapeUser(toUtf8(username)) })
}

/** A request outside any dialog over `flow`, with the next number of its thread and no body. Without Via. */
export function outsideRequest(
  what: { method: string; uri: SipUri; from: SipUri; to: SipUri; contact: HeaderLine; headers?: readonly HeaderLine[] },
  thread: Thread,
): SipRequest {
  const { method, uri, from, to, contact, headers = [] } = what
  return createRequest({
    ...{ method, uri },
    headers: Headers.of([
      ['Max-Forwards', '70'],
      ['From', formatNameAddr({ uri: from, params: Params.of({ tag: thread.tag }) })],
      ['To', formatNameAddr({ uri: to })],
      ['Call-ID', thread.callId],
      ['CSeq', `${++thread.cSeq} ${method}`],
      contact,
      ...headers,
      USER_AGENT,
    ]),
  })
}

/** The REGISTER of a trunk, RFC 3261 §10.2; `expires`: seconds, 0 removes. */
export function registerRequest(
  trunk: TrunkIdentity,
  how: { contact: HeaderLine; expires: number; headers: readonly HeaderLine[] },
  thread: Thread,
): SipRequest {
  const account = accountUri(trunk)
  const headers: HeaderLine[] = [['Expires', String(how.expires)], ...how.headers]
  return outsideRequest(
    { method: 'REGISTER', uri: domainUri(trunk), from: account, to: account, contact: how.contact, headers },
    thread,
  )
}

/** An OPTIONS that asks whether the provider is there, RFC 3261 §11. */
export function optionsRequest(
  trunk: TrunkIdentity,
  flow: Flow,
  thread: Thread,
  headers: readonly HeaderLine[] = [],
): SipRequest {
  const uri = domainUri(trunk)
  const contact = contactFor(flow, null)
  return outsideRequest({ method: 'OPTIONS', uri, from: accountUri(trunk), to: uri, contact, headers }, thread)
}
