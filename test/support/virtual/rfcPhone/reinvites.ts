import type { Timer } from '../../../../src/platform/clock.ts'
import { parseSeconds } from '../../../../src/sip/message/fields.ts'
import type { SipResponse } from '../../../../src/sip/message/message.ts'
import { isSuccess } from './clientTransactions.ts'
import type { Conversation } from './conversation.ts'

/** The re-INVITEs that one side of a call sends: one at a time, and again when they meet another (RFC 3261 §14.1). */
export class Reinvites {
  readonly #call: Conversation
  readonly #owner: boolean
  /** Final refusals that no later try mends. */
  readonly refusals: number[] = []
  #pending = false
  #wanted: { readonly offer: boolean } | null = null
  #retry: Timer = { cancel() {} }

  constructor(call: Conversation, owner: boolean) {
    this.#call = call
    this.#owner = owner
  }

  /** Whether an INVITE of ours waits for its answer. */
  get pending(): boolean {
    return this.#pending
  }

  /** Whether all that was wanted has been done, or refused for good. */
  get settled(): boolean {
    return this.#wanted === null
  }

  /** Sends one, as soon as may be; `offer`: with SDP, or asking for the other side's. */
  send(offer = true): void {
    this.#wanted = { offer }
    this.resume()
  }

  /** Goes on with what had to wait. */
  resume(): void {
    const wanted = this.#wanted
    if (!wanted || this.#pending || !this.#call.free || this.#call.over) return
    const { dialog, host, wants } = this.#call
    this.#retry.cancel()
    this.#pending = true
    const sdp = wanted.offer ? host.sdp(wants) : null
    const request = dialog.request('INVITE', { headers: [host.contact], sdp })
    host.transactions.invite(request, {
      answered: (response) => this.#answered(response, wanted.offer),
      unanswered: () => {
        this.#pending = false
        this.#call.hangUp()
        this.#call.lost('its re-INVITE was never answered')
      },
    })
  }

  /** The call is over. */
  stop(): void {
    this.#retry.cancel()
    this.#wanted = null
  }

  #answered(response: SipResponse, offer: boolean): void {
    const { status } = response
    if (status < 200) return
    // A repeated 2xx may come while the next INVITE is under way.
    if (isSuccess(response) && this.#call.succeeded(response, offer) === 'repeated') return
    this.#pending = false
    if (isSuccess(response)) this.#wanted = null
    else if (status === 491) this.#later(this.#glare())
    else if (status === 500 && response.headers.first('retry-after') !== null) this.#later(retryAfter(response))
    else if (status === 481 || status === 408) this.#call.lost(`its re-INVITE got ${status}`)
    else {
      this.#wanted = null
      if (!this.#call.over) this.refusals.push(status)
    }
  }

  // In units of 10 ms: 2.1–4 s for the side that chose the Call-ID, 0–2 s for the other.
  #glare(): number {
    const { random } = this.#call.host
    return this.#owner ? 2_100 + 10 * random.integer(191) : 10 * random.integer(201)
  }

  #later(delay: number): void {
    if (this.#call.over) return
    this.#retry = this.#call.host.clock.after(delay, () => this.resume())
  }
}

function retryAfter(response: SipResponse): number {
  return 1_000 * (parseSeconds(response.headers.first('retry-after') ?? '') ?? 0)
}
