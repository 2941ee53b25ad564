import type { SipRequest } from '../../../../src/sip/message/message.ts'
import { Conversation, type Host } from './conversation.ts'
import { RfcDialog } from './dialog.ts'
import { responseTo } from './messages.ts'
import type { InviteServer } from './serverTransactions.ts'

/** A call that comes to a phone: RFC 3261 §13.3. */
export class IncomingCall {
  readonly #host: Host
  readonly invite: InviteServer
  readonly #tag: string
  #ended: string | null = null
  /** Set when it was answered. */
  conversation: Conversation | null = null
  /** The Reason of the CANCEL, if it had one. */
  reason: string | null = null

  /** Says 100 at once. */
  constructor(host: Host, invite: InviteServer) {
    this.#host = host
    this.invite = invite
    this.#tag = host.tag()
    this.#respond(100)
  }

  get request(): SipRequest {
    return this.invite.request
  }

  /** How it ended, in a few words; null while it lasts. */
  get ended(): string | null {
    return this.#ended ?? this.conversation?.ended ?? null
  }

  /** Whether it still waits for an answer. */
  get open(): boolean {
    return !this.invite.answered
  }

  rings(): void {
    if (this.open) this.#respond(180)
  }

  /** 183 with early media, where there was an offer. */
  progresses(): void {
    const offered = this.request.body.length > 0
    if (this.open) this.#respond(183, offered ? this.#host.sdp('sendrecv') : null)
  }

  answers(): void {
    if (!this.open) return
    this.conversation = new Conversation(this.#host, RfcDialog.ofCallee(this.request, this.#tag, this.#host.via), false)
    this.conversation.accept(this.invite, this.#tag)
  }

  rejects(status: number): void {
    if (this.open) this.#refuse(status, `refused with ${status}`)
  }

  /** A CANCEL came. It changes nothing once there is an answer (§9.2). */
  cancelled(cancel: SipRequest): void {
    if (!this.open) return
    this.reason = cancel.headers.first('reason')
    this.#refuse(487, 'was cancelled')
  }

  /** The way out that fits how far it has come. */
  giveUp(): void {
    if (this.conversation) this.conversation.hangUp()
    else this.rejects(480)
  }

  // It is over when the ACK has come.
  #refuse(status: number, how: string): void {
    this.invite.onAcknowledged = (came) => {
      this.#ended = came ? how : `its ${status} was never acknowledged`
    }
    this.#respond(status)
  }

  #respond(status: number, sdp: string | null = null): void {
    const headers = status > 100 && status < 300 ? [this.#host.contact] : []
    this.invite.respond(responseTo(this.request, status, { toTag: this.#tag, headers, sdp }))
  }
}
