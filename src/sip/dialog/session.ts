import type { Clock } from '../../platform/clock.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { ClientFailure, ClientTransaction, ClientUser } from '../transaction/clientTransaction.ts'
import type { ServerTransaction } from '../transaction/serverTransaction.ts'
import type { Flow } from '../transport/flow.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { AnswerRepeater } from './answerRepeater.ts'
import { ALLOW, contactFor, SDP_TYPE } from './contact.ts'
import type { Dialog, DialogRequest } from './dialog.ts'
import { IncomingReinvite } from './incomingReinvite.ts'
import type { ReofferOutcome, SessionUser } from './sessionUser.ts'
import type { DialogUser, UserAgent } from './userAgent.ts'

/** A confirmed INVITE dialog: RFC 3261 §12–15. Knows nothing of what is said in it. */
export class Session implements DialogUser {
  readonly dialog: Dialog
  readonly #agent: UserAgent
  readonly #clock: Clock
  readonly #contactUser: string | null
  #flow: Flow
  #release: () => void
  #user: SessionUser | null = null
  readonly #acks = new Acknowledgements()
  /** Our 2xx that waits for its ACK, and the number of its INVITE. */
  #answer: { readonly cSeq: number; readonly repeater: AnswerRepeater } | null = null
  #incoming: IncomingReinvite | null = null
  /** Whether an INVITE of ours waits for its answer. */
  #reoffering = false
  /** That INVITE, as soon as it is sent. */
  #reinvite: ClientTransaction | null = null
  #afterAck: (() => void) | null = null
  #over = false

  constructor(agent: UserAgent, clock: Clock, dialog: Dialog, flow: Flow, contactUser: string | null) {
    this.#agent = agent
    this.#clock = clock
    this.dialog = dialog
    this.#flow = flow
    this.#release = flow.hold()
    this.#contactUser = contactUser
    agent.enter(dialog.id, this)
  }

  /** Tells who wants to hear of what happens. Set right after the session was made. */
  attach(user: SessionUser): void {
    this.#user = user
  }

  /** The way to the peer, as of its last message. */
  get flow(): Flow {
    return this.#flow
  }

  get over(): boolean {
    return this.#over
  }

  /** Acknowledges the 2xx to our INVITE number `cSeq`, and every repeat of it with the same octets (§13.2.2.4). */
  acknowledge(cSeq: number, body?: Uint8Array): void {
    const headers = body ? [SDP_TYPE] : []
    const ack = this.dialog.request({ method: 'ACK', headers, body }, cSeq)
    this.#acks.acknowledged(cSeq, this.#agent.sendAck(ack, this.#flow))
  }

  /** A 2xx to an INVITE of ours came: `acknowledge` is due, sooner or later. Repeats are acknowledged as the first was. */
  accepted(response: SipResponse): void {
    const ack = this.#acks.answered(response.cSeq.number)
    if (ack) this.#flow.send(ack)
  }

  /** Our 2xx to `invite` left: it is repeated until the ACK comes, and without one the call is over (§13.3.1.4). */
  answered(invite: ServerTransaction): void {
    this.#answer?.repeater.stop()
    const repeater = new AnswerRepeater(
      this.#clock,
      () => invite.repeat(),
      () => this.#neverAcknowledged(),
    )
    this.#answer = { cSeq: invite.request.cSeq.number, repeater }
  }

  /** Sends a re-INVITE with this offer, or one that asks for the peer's. */
  reoffer(body: Uint8Array | null): Promise<ReofferOutcome> {
    if (this.#over) return Promise.resolve({ kind: 'rejected', status: 481 })
    // §14.1, §14.2: one INVITE at a time, in either direction.
    if (this.#reoffering || this.#incoming) return Promise.resolve({ kind: 'rejected', status: 491 })
    const headers: HeaderLine[] = [contactFor(this.#flow, this.#contactUser), ALLOW]
    if (body) headers.push(SDP_TYPE)
    const request = this.dialog.request({ method: 'INVITE', headers, body: body ?? undefined })
    this.#reoffering = true
    return new Promise((resolve) => {
      let answered = false
      const settle = (outcome: ReofferOutcome): void => {
        answered = true
        this.#reoffering = false
        this.#reinvite = null
        resolve(outcome)
      }
      this.#send(request, {
        response: (response) => {
          // A repeated 2xx, maybe after another re-INVITE has left.
          if (answered) this.accepted(response)
          else this.#reofferAnswered(response, settle)
        },
        failed: (failure) => settle({ kind: 'rejected', status: this.#unanswered(failure) }),
      })
    })
  }

  /** Takes back a re-INVITE of ours that is not yet answered (RFC 3261 §9.1). */
  withdraw(): void {
    this.#reinvite?.cancel([])
  }

  /**
   * Sends any other request and gives the status of its answer; 408 where none came and 503 where it could not be sent,
   * which ends the session (§12.2.1.2).
   */
  ask(wanted: DialogRequest): Promise<number> {
    const headers = [contactFor(this.#flow, this.#contactUser), ...(wanted.headers ?? [])]
    const request = this.dialog.request({ ...wanted, headers })
    return new Promise((resolve) => {
      this.#send(request, {
        response: ({ status }) => {
          if (status < 200) return
          this.#judge(status)
          resolve(status)
        },
        failed: (failure) => resolve(this.#unanswered(failure)),
      })
    })
  }

  /** Ends the call. `reason` is a Reason header's value (RFC 3326). The user hears no more of the session. */
  bye(reason: string | null = null): void {
    if (this.#over) return
    this.#user = null
    // §15: the side that answered says no BYE before the ACK has come, or can't come any more.
    if (this.#answer) {
      this.#afterAck = () => this.bye(reason)
      return
    }
    // A 2xx that nobody acknowledges is repeated for half a minute, BYE or not.
    if (this.#acks.owed !== null) this.acknowledge(this.#acks.owed)
    this.#close()
    const headers: HeaderLine[] = reason === null ? [] : [['Reason', reason]]
    this.#send(this.dialog.request({ method: 'BYE', headers }), { response() {}, failed() {} })
  }

  receive(transaction: ServerTransaction): void {
    const { request } = transaction
    // §12.2.2: out of order, so not to be obeyed.
    if (!this.dialog.inOrder(request)) return transaction.respond(500, { reason: 'Out of Order' })
    this.#moveTo(transaction.flow)
    switch (request.method) {
      case 'BYE':
        return this.#ended(transaction)
      case 'INVITE':
        return this.#reinvited(transaction)
      case 'OPTIONS':
        return transaction.respond(200, { headers: [ALLOW] })
      default:
        if (this.#user) this.#user.requested(transaction)
        else transaction.respond(481)
    }
  }

  acknowledged(ack: SipRequest): void {
    // A late ACK of an earlier INVITE says nothing of this one.
    if (this.#answer?.cSeq !== ack.cSeq.number) return
    this.#answer.repeater.stop()
    this.#answer = null
    this.#user?.acknowledged(ack)
    this.#afterAck?.()
  }

  // A phone's connection may have closed since; then it is reached by its Contact.
  #send(request: SipRequest, user: ClientUser): void {
    if (this.#flow.open) return this.#sendOver(this.#flow, request, user)
    this.#agent.reopen(this.dialog.remoteTarget, this.#flow).then(
      (flow) => {
        this.#moveTo(flow)
        // Nothing follows a BYE.
        if (this.#over && request.method !== 'BYE') user.failed('transport')
        else this.#sendOver(flow, request, user)
      },
      () => user.failed('transport'),
    )
  }

  #sendOver(flow: Flow, request: SipRequest, user: ClientUser): void {
    const transaction = this.#agent.request(request, flow, user)
    if (request.method === 'INVITE') this.#reinvite = transaction
  }

  #moveTo(flow: Flow): void {
    if (flow === this.#flow) return
    this.#release()
    if (!this.#over) this.#release = flow.hold()
    this.#flow = flow
  }

  #ended(transaction: ServerTransaction): void {
    transaction.respond(200)
    if (this.#over) return
    this.#close()
    this.#user?.ended({ by: 'peer', reason: transaction.request.headers.first('reason') })
  }

  #reinvited(transaction: ServerTransaction): void {
    // §14.2: ours is on its way: neither yields.
    if (this.#reoffering) return transaction.respond(491)
    if (this.#incoming) {
      const seconds = String(this.#agent.random.integer(11))
      return transaction.respond(500, { headers: [['Retry-After', seconds]] })
    }
    if (!this.#user) return transaction.respond(488)
    this.#incoming = new IncomingReinvite(transaction, (accepted) => {
      this.#incoming = null
      if (accepted) this.#acceptReoffer(transaction, accepted)
    })
    this.#user.reoffered(this.#incoming)
  }

  #acceptReoffer(transaction: ServerTransaction, body: Uint8Array): void {
    this.dialog.refreshTarget(transaction.request)
    transaction.respond(200, { headers: [contactFor(this.#flow, this.#contactUser), ALLOW, SDP_TYPE], body })
    this.answered(transaction)
  }

  #reofferAnswered(response: SipResponse, settle: (outcome: ReofferOutcome) => void): void {
    const { status, cSeq } = response
    if (status < 200) return
    if (status >= 300) {
      this.#judge(status)
      return settle({ kind: 'rejected', status })
    }
    this.accepted(response)
    // It crossed our BYE.
    if (this.#over) {
      this.acknowledge(cSeq.number)
      return settle({ kind: 'rejected', status: 481 })
    }
    this.dialog.refreshTarget(response)
    settle({ kind: 'accepted', response, acknowledge: (body) => this.acknowledge(cSeq.number, body) })
  }

  // §12.2.1.2: these two say that the peer knows no such call (any more), whatever we asked.
  #judge(status: number): void {
    if (status === 481 || status === 408) this.#fail(`the phone answers no more (${status})`, status === 408)
  }

  // §12.2.1.2: a dialog in which no answer comes at all is over. Gives the status that stands for the missing one.
  #unanswered(failure: ClientFailure): number {
    const status = failure === 'timeout' ? 408 : 503
    this.#fail(`the phone answers no more (${status})`, failure === 'timeout')
    return status
  }

  // §13.3.1.4: the session is ended by BYE, all the same.
  #neverAcknowledged(): void {
    this.#answer = null
    if (this.#afterAck) this.#afterAck()
    else this.#fail('our answer was never acknowledged', true)
  }

  #fail(reason: string, tell: boolean): void {
    if (this.#over) return
    const user = this.#user
    if (tell) this.bye()
    else this.#close()
    user?.ended({ by: 'failure', reason })
  }

  #close(): void {
    this.#over = true
    this.#release()
    this.#answer?.repeater.stop()
    // §14.1: a re-INVITE that still rings is taken back, or its transaction would wait for ever.
    this.#reinvite?.cancel([])
    this.#incoming?.reject(487)
    this.#agent.leave(this.dialog.id, this)
  }
}
