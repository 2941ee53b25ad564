import { type Core, NameAddrHeader, type UserAgent } from 'sip.js'
import type { Registered } from './line.ts'

/** What we ask to be remembered for, s; the server may shorten it. */
const EXPIRES = 600
/** A server that has not answered by then does not answer, ms; SIP.js itself waits 32 s (timer F). */
const ANSWERS_WITHIN = 12_000
const METHODS = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, MESSAGE, NOTIFY, REFER'

export interface Registration {
  register(): Promise<Registered>
  unregister(): Promise<void>
}

/**
 * The one registration of this tab (RFC 3261 §10.2, RFC 5626 §4.2), under one Call-ID with rising CSeq. `instance` is a
 * UUID that a reload has again, so that with reg-id=1 the server puts the new contact in the old one's place.
 */
export function registration(userAgent: UserAgent, instance: string): Registration {
  const core = userAgent.userAgentCore
  const { aor } = core.configuration
  const callId = crypto.randomUUID()
  const fromTag = crypto.randomUUID().slice(0, 8)
  let cseq = 0
  const send = (expires: number): Promise<Registered> => {
    cseq += 1
    const headers = [`Contact: ${contactOf(userAgent, instance)};expires=${expires}`, `Allow: ${METHODS}`]
    const registrar = aor.clone()
    registrar.user = undefined
    const request = core.makeOutgoingRequestMessage('REGISTER', registrar, aor, aor, { callId, cseq, fromTag }, headers)
    return new Promise((resolve) => {
      setTimeout(resolve, ANSWERS_WITHIN, { kind: 'lost' })
      core.register(request, {
        onAccept: ({ message }) => resolve({ kind: 'ok', expires: grantedTo(userAgent, message) ?? expires }),
        onReject: ({ message }) => resolve(refusal(message)),
        onRedirect: ({ message }) => resolve(refusal(message)),
      })
    })
  }
  return { register: () => send(EXPIRES), unregister: async () => void (await send(0)) }
}

function contactOf({ userAgentCore }: UserAgent, instance: string): string {
  const { uri } = userAgentCore.configuration.contact
  return `<${uri}>;+sip.instance="<urn:uuid:${instance}>";reg-id=1`
}

/** How long the server keeps us, s: the `expires` of our contact among all of the user's. */
function grantedTo({ userAgentCore }: UserAgent, message: Core.IncomingResponseMessage): number | null {
  const { user } = userAgentCore.configuration.contact.uri
  for (let i = 0; i < message.getHeaders('contact').length; i += 1) {
    const contact: unknown = message.parseHeader('contact', i)
    const expires = expiresOf(contact, user)
    if (expires !== null) return expires
  }
  const expires = Number(message.getHeader('expires'))
  return expires > 0 ? expires : null
}

function expiresOf(contact: unknown, user: string | undefined): number | null {
  if (!(contact instanceof NameAddrHeader) || contact.uri.user !== user) return null
  const expires = Number(contact.getParam('expires'))
  return expires > 0 ? expires : null
}

/** SIP.js makes a 408 or 503 of its own where no answer came: those have no Via, for nobody sent them. */
function refusal(message: Core.IncomingResponseMessage): Registered {
  const status = message.statusCode ?? 0
  const ours = message.getHeaders('via').length === 0
  return ours ? { kind: 'lost' } : { kind: 'refused', status, reason: message.reasonPhrase ?? '' }
}
