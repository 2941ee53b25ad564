import type { Clock } from '../../platform/clock.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import { AnswerRepeater } from './answerRepeater.ts'

/** A provisional response to be sent reliably. */
export interface ReliableResponse {
  readonly status: number
  readonly body: Uint8Array | null
  /** Its PRACK came, which may have a body. */
  acknowledged(prack: SipRequest): void
}

export interface ReliableResponsesUser {
  send(response: ReliableResponse, headers: readonly HeaderLine[]): void
  /** Send the last one again. */
  repeat(): void
  /** No PRACK came within 64·T1: the INVITE is to be refused with a 5xx (RFC 3262 §3). */
  abandoned(): void
}

/** The provisional responses to one INVITE, each repeated until its PRACK comes, one after the other: RFC 3262 §3. */
export class ReliableResponses {
  readonly #clock: Clock
  readonly #user: ReliableResponsesUser
  #waiting: ReliableResponse[] = []
  #current: { readonly response: ReliableResponse; readonly repeater: AnswerRepeater } | null = null
  #whenSettled: (() => void)[] = []
  readonly #cSeq: number
  #rSeq: number
  #stopped = false

  /** `cSeq`: the INVITE's; `firstRSeq`: from 1 to 2^31 - 1. */
  constructor(clock: Clock, cSeq: number, firstRSeq: number, user: ReliableResponsesUser) {
    this.#clock = clock
    this.#cSeq = cSeq
    this.#rSeq = firstRSeq - 1
    this.#user = user
  }

  /** Sends one, now or when those before it are acknowledged. */
  send(response: ReliableResponse): void {
    if (this.#stopped) return
    this.#waiting.push(response)
    if (!this.#current) this.#next()
  }

  /**
   * Takes a PRACK, which `answer` answers before anything else is sent; false if it is for none that waits, and is to be
   * answered 481.
   */
  take(prack: SipRequest, answer: () => void): boolean {
    const current = this.#current
    if (!current || !this.#isFor(prack)) return false
    current.repeater.stop()
    this.#current = null
    current.response.acknowledged(prack)
    answer()
    if (!this.#stopped && !this.#current) this.#next()
    return true
  }

  /**
   * Runs `run` when nothing waits for its PRACK any more. Before that §3 forbids a 2xx where SDP waits; and where none does,
   * a PRACK that comes after the 2xx would be for nothing.
   */
  whenSettled(run: () => void): void {
    if (this.#current) this.#whenSettled.push(run)
    else run()
  }

  /** A final response ends all repeating. */
  stop(): void {
    this.#stopped = true
    this.#current?.repeater.stop()
    this.#current = null
    this.#waiting = []
    this.#whenSettled = []
  }

  #next(): void {
    const response = this.#waiting.shift()
    if (!response) {
      for (const run of this.#whenSettled.splice(0)) run()
      return
    }
    this.#rSeq++
    const [repeat, abandoned] = [() => this.#user.repeat(), () => this.#user.abandoned()]
    this.#current = { response, repeater: new AnswerRepeater(this.#clock, repeat, abandoned, Number.POSITIVE_INFINITY) }
    this.#user.send(response, [
      ['Require', '100rel'],
      ['RSeq', String(this.#rSeq)],
    ])
  }

  // §7.2: the RSeq of the response, the CSeq number and the method of the INVITE.
  #isFor(prack: SipRequest): boolean {
    const [rSeq, cSeq, method] = (prack.headers.first('rack') ?? '').split(/[ \t]+/)
    return Number(rSeq) === this.#rSeq && Number(cSeq) === this.#cSeq && method === 'INVITE'
  }
}
