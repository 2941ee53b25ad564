import type { ClientDigest } from '../sip/auth/clientDigest.ts'
import { parseContacts, parseNameAddrs, parseSeconds } from '../sip/message/fields.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../sip/message/message.ts'
import type { RegisterEvent } from './registrationMachine.ts'
import { printable, statusText } from './words.ts'

/** What a provider's answer to a REGISTER means, and the credentials that it asks for. */
export interface RegisterAnswer {
  readonly event: RegisterEvent
  readonly proof: HeaderLine | null
}

/** What is known when it comes. */
export interface RegisterQuestion {
  readonly request: SipRequest
  /** Seconds that were asked for. */
  readonly expires: number
  /** The user part of our Contact. */
  readonly contactUser: string
  readonly username: string | null
  /** null: the trunk has no password. */
  readonly digest: ClientDigest | null
  /** Whether there is another server to try. */
  readonly more: boolean
}

/** Reads a final response (RFC 3261 §10.2.4–10.2.8): who is refused and who merely met a server out of order differ. */
export function readRegisterAnswer(response: SipResponse, question: RegisterQuestion): RegisterAnswer {
  const { status } = response
  if (status < 300) return said({ type: 'granted', seconds: grantedSeconds(response, question) })
  if (status === 401 || status === 407) return challenged(response, question)
  const { more } = question
  if (isOutage(status)) {
    const problem = `the provider is out of order: it answers ${statusText(response)}`
    return said({ type: 'outage', problem, more, retryAfter: retryAfter(response) })
  }
  const least = status === 423 ? parseSeconds(response.headers.first('min-expires') ?? '') : null
  if (least !== null) return said({ type: 'too-brief', seconds: least })
  return said({ type: 'refused', problem: refusal(response, question) })
}

function said(event: RegisterEvent): RegisterAnswer {
  return { event, proof: null }
}

function challenged(response: SipResponse, { request, digest, username }: RegisterQuestion): RegisterAnswer {
  if (!digest) {
    const problem = 'the provider asks for a password, and the trunk has none: set its username and password'
    return said({ type: 'refused', problem })
  }
  const proof = digest.answer(response, request)
  if (proof) return { event: { type: 'challenged' }, proof }
  const problem = hasCredentials(request)
    ? `the provider refuses the password of account ${username}: ${statusText(response)}`
    : `the provider asks for a proof that we can't give (not digest with MD5 or SHA-256): ${statusText(response)}`
  return said({ type: 'refused', problem })
}

/** Whether a request carried credentials of ours. */
export function hasCredentials({ headers }: SipRequest): boolean {
  return headers.has('authorization') || headers.has('proxy-authorization')
}

/** Whether a status says that this server is out of order, and another may not be. */
export function isOutage(status: number): boolean {
  return status === 408 || status === 430 || status === 480 || (status >= 500 && status < 600)
}

/** Retry-After, seconds (RFC 3261 §20.33); null: none that can be read. */
export function retryAfter({ headers }: SipResponse): number | null {
  return parseSeconds(/^\s*\d+/.exec(headers.first('retry-after') ?? '')?.[0]?.trim() ?? '')
}

function refusal(response: SipResponse, { request, username }: RegisterQuestion): string {
  const { status } = response
  const text = statusText(response)
  if (status < 400) return movedText(response)
  if (status === 403 && hasCredentials(request)) {
    return `the provider refuses the password of account ${username}, or does not let it register from here: ${text}`
  }
  if (status === 403) return `the provider does not let us register: ${text}; our address may not be allowed there`
  if (status === 404 || status === 604) return `the provider knows no account ${username ?? ''}: ${text}`
  return `the provider refuses the registration: ${text}`
}

/** Why we don't follow: credentials go to the trunk's own servers alone, and a Contact may be anywhere. */
export function movedText(response: SipResponse): string {
  const contacts = parseContacts(response.headers)
  const [first] = Array.isArray(contacts) ? contacts : []
  const where = first ? `to ${printable(first.uri.text)}` : 'elsewhere'
  return `the provider sends us ${where}: ${statusText(response)}; if that is right, make it the trunk's host`
}

// RFC 3261 §10.2.4: our Contact's expires, else Expires, else what we asked for. A border controller may have written its
// own address there, and then there is but one.
function grantedSeconds(response: SipResponse, { contactUser, expires }: RegisterQuestion): number {
  const found = parseContacts(response.headers)
  const contacts = Array.isArray(found) ? found : []
  const ours = contacts.find(({ uri }) => uri.kind === 'sip' && uri.user === contactUser)
  const contact = ours ?? (contacts.length === 1 ? contacts[0] : undefined)
  const granted = contact?.params.get('expires') ?? response.headers.first('expires')
  return granted === null || granted === undefined ? expires : (parseSeconds(granted) ?? expires)
}

/** The Service-Route (RFC 3608) that requests of this account are to take, topmost first; empty: none that can be read. */
export function serviceRoute({ headers }: SipResponse): readonly string[] {
  return parseNameAddrs(headers, 'service-route')?.map(({ text }) => text) ?? []
}
