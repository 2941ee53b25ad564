import type { HeaderLine } from '../../../../src/sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../../../../src/sip/message/message.ts'
import type { VirtualAudio } from '../audio.ts'
import type { Seeded } from '../random.ts'
import type { Ground } from './clientTransactions.ts'
import { answerTo, type Direction, read } from './description.ts'
import type { RfcDialog } from './dialog.ts'
import { responseTo } from './messages.ts'
import { Reinvites } from './reinvites.ts'
import { SuccessRepeater } from './repeater.ts'
import type { InviteServer, RequestServer } from './serverTransactions.ts'
import { GIVE_UP } from './timers.ts'
import type { RfcTransactions } from './transactions.ts'

/** What a phone gives its calls. */
export interface Host extends Ground {
  readonly random: Seeded
  readonly transactions: RfcTransactions
  readonly audio: VirtualAudio
  readonly contact: HeaderLine
  via(): string
  tag(): string
  sdp(direction: Direction): string
  enter(conversation: Conversation): void
  leave(conversation: Conversation): void
}

/** An answered call as one phone sees it: RFC 3261 §12–15, with the races of RFC 5407. */
export class Conversation {
  readonly dialog: RfcDialog
  readonly host: Host
  readonly reinvites: Reinvites
  /** Bodies of the INFOs that came. */
  readonly infos: string[] = []
  /** How it ended; null while it lasts. */
  ended: string | null = null
  /** What this side wants. */
  wants: Direction = 'sendrecv'
  /** The other side's latest description. */
  theirs: ReturnType<typeof read> | null = null
  #closing = false
  readonly #acks = new Map<number, SipRequest>()
  /** Our 2xx that wait for their ACK, by the CSeq of their INVITE. */
  readonly #unacknowledged = new Map<number, { repeater: SuccessRepeater; offered: boolean }>()
  #byeWaits = false

  /** `owner`: this side chose the Call-ID. */
  constructor(host: Host, dialog: RfcDialog, owner: boolean) {
    this.host = host
    this.dialog = dialog
    this.reinvites = new Reinvites(this, owner)
    host.enter(this)
  }

  /** Whether nothing keeps it from sending an INVITE: RFC 3261 §14.1. */
  get free(): boolean {
    return this.#unacknowledged.size === 0
  }

  get over(): boolean {
    return this.#closing || this.ended !== null
  }

  /** A 2xx came to an INVITE of ours that made an offer, or did not: acknowledges it, the same way each time. */
  succeeded(response: SipResponse, offered: boolean): 'new' | 'repeated' {
    const known = this.#acks.get(response.cSeq.number)
    if (known) {
      this.host.send(known)
      return 'repeated'
    }
    this.dialog.refreshTarget(response)
    this.theirs = read(response.body)
    const sdp = offered ? null : this.host.sdp(answerTo(this.theirs.direction, this.wants))
    const ack = this.dialog.request('ACK', { cSeq: response.cSeq.number, sdp })
    this.#acks.set(response.cSeq.number, ack)
    this.host.send(ack)
    return 'new'
  }

  /** Answers an INVITE with 200 and repeats that until the ACK comes. */
  accept(invite: InviteServer, localTag: string): void {
    const { request } = invite
    const offer = request.body.length > 0 ? read(request.body) : null
    if (offer) this.theirs = offer
    const sdp = this.host.sdp(offer ? answerTo(offer.direction, this.wants) : this.wants)
    invite.respond(responseTo(request, 200, { toTag: localTag, headers: [this.host.contact], sdp }))
    const repeater = new SuccessRepeater(
      this.host.clock,
      () => invite.repeatSuccess(),
      () => this.#neverAcknowledged(request.cSeq.number),
    )
    this.#unacknowledged.set(request.cSeq.number, { repeater, offered: offer === null })
  }

  acknowledged(ack: SipRequest): void {
    const waiting = this.#unacknowledged.get(ack.cSeq.number)
    if (!waiting) return
    waiting.repeater.stop()
    this.#unacknowledged.delete(ack.cSeq.number)
    // One without an answer is only fit for a call that ends at once: there is no audio then.
    if (waiting.offered && ack.body.length > 0) this.theirs = read(ack.body)
    if (this.#byeWaits) this.hangUp()
    else this.reinvites.resume()
  }

  /** §15: who answered says no BYE before the ACK. */
  hangUp(): void {
    if (this.over) return
    this.#byeWaits = !this.free
    if (this.#byeWaits) return
    this.#closing = true
    this.reinvites.stop()
    this.host.transactions.ask(this.dialog.request('BYE'), {
      answered: ({ status }) => {
        if (status >= 200) this.#end('hung up')
      },
      unanswered: () => this.#end('its BYE was never answered'),
    })
  }

  /** Sends an INFO with this body; gives its final status to `then`, null if there was none. */
  inform(words: string, then: (status: number | null) => void): void {
    const info = this.dialog.request('INFO', { headers: [['Content-Type', 'text/plain']], sdp: null })
    const request = Object.assign(info, { body: Buffer.from(words) })
    this.host.transactions.ask(request, {
      answered: ({ status }) => {
        if (status >= 200) then(status)
      },
      unanswered: () => then(null),
    })
  }

  /** Sends a packet that says `words`. */
  says(words: string): void {
    if (this.theirs) this.host.audio.says(words, this.theirs.at)
  }

  /** A request in the dialog that is no INVITE. */
  asked(server: RequestServer): void {
    const { request } = server
    const answer = (status: number): void => server.respond(responseTo(request, status, { toTag: 'unused' }))
    if (!this.dialog.inOrder(request)) return answer(500)
    // RFC 5407 §3.2.1: two BYEs that cross are both answered 200.
    if (request.method === 'BYE') {
      answer(200)
      if (!this.#closing) this.#end('was hung up')
    } else if (this.ended !== null) answer(481)
    else if (request.method === 'INFO') {
      this.infos.push(Buffer.from(request.body).toString())
      answer(200)
    } else answer(request.method === 'OPTIONS' ? 200 : 405)
  }

  reinvited(invite: InviteServer): void {
    const refuse = (status: number, headers: HeaderLine[] = []): void =>
      invite.respond(responseTo(invite.request, status, { toTag: 'unused', headers }))
    if (!this.dialog.inOrder(invite.request)) return refuse(500)
    if (this.over) return refuse(481)
    // RFC 3261 §14.2, and RFC 5407 §3.1.5: an offer of ours waits for its answer in the ACK.
    const offering = [...this.#unacknowledged.values()].some(({ offered }) => offered)
    if (this.reinvites.pending || offering) return refuse(491)
    this.dialog.refreshTarget(invite.request)
    this.accept(invite, this.dialog.localTag)
  }

  /** The other side knows no such call any more, or answers nothing: RFC 3261 §12.2.1.2. */
  lost(why: string): void {
    if (this.over) return
    this.reinvites.stop()
    this.#end(why)
  }

  #neverAcknowledged(cSeq: number): void {
    this.#unacknowledged.delete(cSeq)
    if (this.over) return
    this.hangUp()
    this.ended ??= 'its answer was never acknowledged'
  }

  #end(how: string): void {
    this.ended ??= how
    this.#closing = true
    this.reinvites.stop()
    for (const { repeater } of this.#unacknowledged.values()) repeater.stop()
    this.#unacknowledged.clear()
    // What still comes is answered as long as it may come.
    this.host.clock.after(GIVE_UP, () => this.host.leave(this))
  }
}
