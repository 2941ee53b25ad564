import { type Core, NameAddrHeader, type UserAgent } from 'sip.js'
import type { Registered } from './line.ts'

/** What we ask to be remembered for, s; the server may shorten it. */
const EXPIRES = 600
/** A server that has not answered by then does not answer, ms; SIP.js itself waits 32 s (timer F). */
const ANSWERS_WITHIN = 12_000
const METHODS = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, MESSAGE, NOTIFY, REFER'

/**
 * The one registration of this tab (RFC 3261 §10.2, RFC 5626 §4.2), under one Call-ID with rising CSeq. Its instance id is
 * a UUID that a reload has again, so that with reg-id=1 the server puts the new contact in the old one's place.
 */
export class Registration {
  readonly #userAgent: UserAgent
  readonly #instance: string
  readonly #callId = crypto.randomUUID()
  readonly #fromTag = crypto.randomUUID().slice(0, 8)
  #cseq = 0
  #isRegistered = false

  constructor(userAgent: UserAgent, instance: string) {
    this.#userAgent = userAgent
    this.#instance = instance
  }

  async register(): Promise<Registered> {
    const answer = await this.#send(EXPIRES)
    this.#isRegistered = answer.kind === 'ok'
    return answer
  }

  async unregister(): Promise<void> {
    // Who was never let in would only guess a wrong password once more.
    if (this.#isRegistered) await this.#send(0)
    this.#isRegistered = false
  }

  #send(expires: number): Promise<Registered> {
    const { userAgentCore: core } = this.#userAgent
    return new Promise((resolve) => {
      setTimeout(resolve, ANSWERS_WITHIN, { kind: 'lost' })
      core.register(this.#request(expires), {
        onAccept: ({ message }) => resolve({ kind: 'ok', expires: this.#granted(message) ?? EXPIRES }),
        onReject: ({ message }) => resolve(refusal(message)),
        onRedirect: ({ message }) => resolve(refusal(message)),
      })
    })
  }

  #request(expires: number): Core.OutgoingRequestMessage {
    const { userAgentCore: core } = this.#userAgent
    const { aor, contact } = core.configuration
    const registrar = aor.clone()
    registrar.user = undefined
    this.#cseq += 1
    const options = { callId: this.#callId, cseq: this.#cseq, fromTag: this.#fromTag }
    const outbound = `+sip.instance="<urn:uuid:${this.#instance}>";reg-id=1`
    const headers = [`Contact: <${contact.uri}>;${outbound};expires=${expires}`, `Allow: ${METHODS}`]
    return core.makeOutgoingRequestMessage('REGISTER', registrar, aor, aor, options, headers)
  }

  /** How long the server keeps us, s: the `expires` of our contact among all of the user's. */
  #granted(message: Core.IncomingResponseMessage): number | null {
    const { user } = this.#userAgent.userAgentCore.configuration.contact.uri
    for (let i = 0; i < message.getHeaders('contact').length; i += 1) {
      const contact: unknown = message.parseHeader('contact', i)
      if (!(contact instanceof NameAddrHeader) || contact.uri.user !== user) continue
      const expires = Number(contact.getParam('expires'))
      if (expires > 0) return expires
    }
    return null
  }
}

/** SIP.js makes a 408 or 503 of its own where no answer came: those have no Via, for nobody sent them. */
function refusal(message: Core.IncomingResponseMessage): Registered {
  if (message.getHeaders('via').length === 0) return { kind: 'lost' }
  return { kind: 'refused', status: message.statusCode ?? 0, reason: message.reasonPhrase ?? '' }
}
