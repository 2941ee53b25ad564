import type { SipResponse } from '../../../../src/sip/message/message.ts'
import { type InviteClient, isSuccess } from './clientTransactions.ts'
import { Conversation, type Host } from './conversation.ts'
import type { Credentials } from './credentials.ts'
import { RfcDialog } from './dialog.ts'
import { requestOf } from './messages.ts'

/** Challenges that one call answers: a stale nonce costs a second one. */
const MOST_CHALLENGES = 3

/** A call that a phone makes: RFC 3261 §13.2, §9.1, §22.1. */
export class OutgoingCall {
  readonly callId: string
  readonly #host: Host
  readonly #credentials: Credentials
  readonly #from: string
  readonly #target: string
  readonly #offer: boolean
  #client: InviteClient
  #cSeq = 0
  #challenges = 0
  #cancelled = false
  #ended: string | null = null
  /** The statuses that came, provisional ones too. */
  readonly heard: number[] = []
  /** Set when it was answered. */
  conversation: Conversation | null = null

  /** Calls `target` at once; `offer`: with SDP. */
  constructor(host: Host, who: { aor: string; credentials: Credentials }, target: string, offer: boolean) {
    this.#host = host
    this.#credentials = who.credentials
    this.#target = target
    this.#offer = offer
    this.#from = `<${who.aor}>;tag=${host.tag()}`
    this.callId = `call-${host.tag()}`
    this.#client = this.#invite()
  }

  /** How it ended, in a few words; null while it lasts. */
  get ended(): string | null {
    return this.#ended ?? this.conversation?.ended ?? null
  }

  cancel(): void {
    this.#cancelled = true
    this.#client.cancel()
  }

  /** The way out that fits how far it has come. */
  giveUp(): void {
    if (this.conversation) this.conversation.hangUp()
    else if (this.#ended === null) this.cancel()
  }

  #invite(): InviteClient {
    const { via, contact, sdp, transactions } = this.#host
    const facts = { method: 'INVITE', target: this.#target, from: this.#from, to: `<${this.#target}>` }
    const headers = [contact, ...this.#credentials.next('INVITE', this.#target)]
    const body = this.#offer ? sdp('sendrecv') : null
    const numbered = { callId: this.callId, cSeq: ++this.#cSeq, via: via(), headers, sdp: body }
    return transactions.invite(requestOf({ ...facts, ...numbered }), {
      answered: (response) => this.#answered(response),
      unanswered: () => {
        this.#ended = 'its INVITE was never answered'
      },
    })
  }

  #answered(response: SipResponse): void {
    const { status } = response
    this.heard.push(status)
    if (isSuccess(response)) return this.#succeeded(response)
    if (status < 200) return
    if (this.#cancelled) this.#ended = status === 487 || status === 401 ? 'cancelled' : `refused ${status}`
    else if (status === 401 && this.#challenges++ < MOST_CHALLENGES) {
      this.#credentials.challenged(response)
      this.#client = this.#invite()
    } else this.#ended = `refused ${status}`
  }

  #succeeded(response: SipResponse): void {
    const first = this.conversation === null
    this.conversation ??= new Conversation(this.#host, RfcDialog.ofCaller(response, this.#host.via), true)
    if (this.conversation.dialog.remoteTag !== response.to.tag) throw new Error('a second phone has answered')
    this.conversation.succeeded(response, this.#offer)
    // RFC 3261 §9.1, RFC 5407 §3.1.2: the answer was faster than our CANCEL.
    if (first && this.#cancelled) this.conversation.hangUp()
  }
}
