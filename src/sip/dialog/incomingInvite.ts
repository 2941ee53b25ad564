import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import { ALLOW, contactFor, SDP_TYPE } from './contact.ts'
import { Dialog } from './dialog.ts'
import { Session } from './session.ts'
import type { DialogUser, UserAgent } from './userAgent.ts'

/** A call that comes in and is not yet answered: the server side of RFC 3261 §13.3. */
export class IncomingInvite implements DialogUser {
  readonly transaction: ServerTransaction
  readonly #agent: UserAgent
  readonly #contactUser: string | null
  readonly #dialog: Dialog
  readonly #release: () => void
  #cancelled: (reason: string | null) => void = () => {}

  /** `contactUser`: the user part of our Contact. Says 100 at once, so that the caller stops repeating itself. */
  constructor(agent: UserAgent, transaction: ServerTransaction, contactUser: string | null) {
    this.#agent = agent
    this.transaction = transaction
    this.#contactUser = contactUser
    this.#dialog = Dialog.ofServer(transaction.request, transaction.localTag, agent.random.integer(1 << 16))
    // It may ring for longer than an idle connection lives.
    this.#release = transaction.flow.hold()
    agent.enter(this.#dialog.id, this)
    transaction.attach({
      cancelled: (cancel) => this.#takenBack(cancel.headers.first('reason')),
      failed: () => this.#takenBack(null),
    })
    transaction.respond(100)
  }

  get request(): SipRequest {
    return this.transaction.request
  }

  /** Called once if the caller gives up before an answer, with its Reason if it gave one. */
  onCancelled(run: (reason: string | null) => void): void {
    this.#cancelled = run
  }

  /** A provisional response: 180, or 183 and others with early media in `body`. */
  progress(status: number, body?: Uint8Array): void {
    this.transaction.respond(status, { headers: this.#headers(body), body })
  }

  /** Answers 200. `body`: our answer to the caller's offer, or our offer if it made none. */
  accept(body: Uint8Array): Session {
    const { flow } = this.transaction
    const session = new Session(this.#agent, this.#agent.clock, this.#dialog, flow, this.#contactUser)
    this.#leave()
    this.transaction.respond(200, { headers: this.#headers(body), body })
    session.answered(this.transaction)
    return session
  }

  reject(status: number, headers: readonly HeaderLine[] = [], reason?: string): void {
    this.#leave()
    this.transaction.respond(status, { reason, headers })
  }

  /** A request in the early dialog (§12.2.2). */
  receive(transaction: ServerTransaction): void {
    if (!this.#dialog.inOrder(transaction.request)) return transaction.respond(500)
    // §15: the caller may end an early dialog with BYE; the INVITE is answered as if it had been cancelled (§15.1.2).
    if (transaction.request.method === 'BYE') {
      transaction.respond(200)
      this.#takenBack(transaction.request.headers.first('reason'))
    } else if (transaction.request.method === 'OPTIONS') transaction.respond(200, { headers: [ALLOW] })
    // §14.2: the first INVITE is not yet answered.
    else if (transaction.request.method === 'INVITE') transaction.respond(500, { headers: [['Retry-After', '5']] })
    else transaction.respond(405, { headers: [ALLOW] })
  }

  acknowledged(): void {}

  #leave(): void {
    this.#release()
    this.#agent.leave(this.#dialog.id, this)
  }

  #takenBack(reason: string | null): void {
    if (this.transaction.answered) return
    this.reject(487)
    this.#cancelled(reason)
  }

  #headers(body: Uint8Array | undefined): HeaderLine[] {
    const headers: HeaderLine[] = [contactFor(this.transaction.flow, this.#contactUser), ALLOW]
    if (body) headers.push(SDP_TYPE)
    return headers
  }
}
