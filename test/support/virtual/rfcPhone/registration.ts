import type { Timer } from '../../../../src/platform/clock.ts'
import { contacts } from '../../../../src/sip/message/fields.ts'
import type { SipResponse } from '../../../../src/sip/message/message.ts'
import type { Host } from './conversation.ts'
import type { Credentials } from './credentials.ts'
import { requestOf } from './messages.ts'

/** Seconds asked for. */
const EXPIRES = 60
const MOST_CHALLENGES = 3

/** A phone's registration, kept alive: RFC 3261 §10.2. One REGISTER at a time (§10.2), refreshed at half of its time. */
export class Registration {
  readonly #host: Host
  readonly #credentials: Credentials
  readonly #aor: string
  readonly #registrar: string
  readonly #callId: string
  readonly #tag: string
  #cSeq = 0
  #challenges = 0
  #refresh: Timer = { cancel() {} }
  #leaving: 'no' | 'wanted' | 'under way' = 'no'
  #busy = false
  /** Whether the server's last word was that it stands. */
  registered = false
  /** What went wrong, if anything did. */
  failure: string | null = null
  refreshes = 0

  constructor(host: Host, who: { aor: string; registrar: string; credentials: Credentials }) {
    this.#host = host
    this.#credentials = who.credentials
    this.#aor = who.aor
    this.#registrar = who.registrar
    this.#callId = `registration-${host.tag()}`
    this.#tag = host.tag()
  }

  begin(): void {
    this.#send(EXPIRES)
  }

  /** Refreshes no more. */
  stop(): void {
    this.#refresh.cancel()
    this.#leaving = 'under way'
  }

  /** Unregisters. */
  leave(): void {
    this.#refresh.cancel()
    this.#leaving = 'wanted'
    if (!this.#busy) this.#leave()
  }

  #leave(): void {
    this.#leaving = 'under way'
    this.#send(0)
  }

  #send(expires: number): void {
    this.#busy = true
    const { via, contact, transactions } = this.#host
    const headers = [
      contact,
      ['Expires', String(expires)] as const,
      ...this.#credentials.next('REGISTER', this.#registrar),
    ]
    const facts = { method: 'REGISTER', target: this.#registrar, to: `<${this.#aor}>` }
    const from = `<${this.#aor}>;tag=${this.#tag}`
    const numbered = { via: via(), from, callId: this.#callId, cSeq: ++this.#cSeq, headers }
    transactions.ask(requestOf({ ...facts, ...numbered }), {
      answered: (response) => this.#answered(response, expires),
      unanswered: () => this.#failed('was never answered', expires),
    })
  }

  #answered(response: SipResponse, expires: number): void {
    const { status } = response
    if (status < 200) return
    if (status === 401 && this.#challenges++ < MOST_CHALLENGES) {
      this.#credentials.challenged(response)
      return this.#send(expires)
    }
    if (status !== 200) return this.#failed(`got ${status}`, expires)
    this.#challenges = 0
    this.#busy = false
    this.registered = this.#isListed(response)
    if (this.registered !== expires > 0) return this.#failed('got a 200 that says otherwise', expires)
    if (expires > 0) this.refreshes++
    if (this.#leaving === 'wanted') this.#leave()
    else if (this.#leaving === 'no') this.#refreshIn((EXPIRES * 1000) / 2)
  }

  #isListed(response: SipResponse): boolean {
    const listed = contacts(response.headers)
    const own = this.#host.contact[1]
    return listed !== '*' && listed.some(({ uri }) => own === `<${uri.text}>`)
  }

  #failed(how: string, expires: number): void {
    this.#busy = false
    this.#challenges = 0
    this.failure = `a REGISTER for ${expires} s ${how}`
    if (this.#leaving === 'no') this.#refreshIn(1_000)
  }

  #refreshIn(delay: number): void {
    this.#refresh = this.#host.clock.after(delay, () => this.#send(EXPIRES))
  }
}
