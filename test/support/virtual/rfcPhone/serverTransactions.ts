import type { Timer } from '../../../../src/platform/clock.ts'
import type { SipRequest, SipResponse } from '../../../../src/sip/message/message.ts'
import type { Ground } from './clientTransactions.ts'
import { GIVE_UP, T1, T2, T4 } from './timers.ts'

const NOTHING: Timer = { cancel() {} }

/** The INVITE server transaction over UDP: RFC 3261 §17.2.1, figure 7, with Accepted as in RFC 6026 §7.1. */
export class InviteServer {
  readonly request: SipRequest
  readonly #ground: Ground
  readonly #over: () => void
  #state: 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'over' = 'proceeding'
  #last: SipResponse | null = null
  #repeat = NOTHING
  #limit = NOTHING
  /** Called once after a final answer that is no 2xx: whether its ACK came. */
  onAcknowledged: (came: boolean) => void = () => {}

  constructor(ground: Ground, request: SipRequest, over: () => void) {
    this.#ground = ground
    this.request = request
    this.#over = over
  }

  /** Whether a final answer was given. */
  get answered(): boolean {
    return this.#state !== 'proceeding'
  }

  respond(response: SipResponse): void {
    if (this.answered) throw new Error(`a second final answer, ${response.status}`)
    this.#last = response
    this.#ground.send(response)
    if (response.status < 200) return
    this.#state = response.status < 300 ? 'accepted' : 'completed'
    // A 2xx is its user's to repeat (§13.3.1.4), any other final answer ours.
    if (this.#state === 'completed') this.#repeatIn(T1)
    this.#limit = this.#ground.clock.after(GIVE_UP, () => this.#end())
  }

  /** Sends the 2xx once more. */
  repeatSuccess(): void {
    if (this.#state === 'accepted' && this.#last) this.#ground.send(this.#last)
  }

  /** The INVITE came again. */
  again(): void {
    if (this.#last && (this.#state === 'proceeding' || this.#state === 'completed')) this.#ground.send(this.#last)
  }

  /** The ACK of a final answer that was no 2xx came. */
  acknowledged(): void {
    if (this.#state !== 'completed') return
    this.#state = 'confirmed'
    this.onAcknowledged(true)
    this.#repeat.cancel()
    this.#limit.cancel()
    this.#limit = this.#ground.clock.after(T4, () => this.#end())
  }

  #repeatIn(interval: number): void {
    this.#repeat = this.#ground.clock.after(interval, () => {
      if (this.#last) this.#ground.send(this.#last)
      this.#repeatIn(Math.min(interval * 2, T2))
    })
  }

  #end(): void {
    if (this.#state === 'completed') this.onAcknowledged(false)
    this.#state = 'over'
    this.#repeat.cancel()
    this.#over()
  }
}

/** The server transaction of any other request over UDP: RFC 3261 §17.2.2, figure 8. */
export class RequestServer {
  readonly request: SipRequest
  readonly #ground: Ground
  readonly #over: () => void
  #last: SipResponse | null = null

  constructor(ground: Ground, request: SipRequest, over: () => void) {
    this.#ground = ground
    this.request = request
    this.#over = over
  }

  respond(response: SipResponse): void {
    if (this.#last) throw new Error(`a second answer to ${this.request.method}`)
    this.#last = response
    this.#ground.send(response)
    this.#ground.clock.after(GIVE_UP, this.#over)
  }

  again(): void {
    if (this.#last) this.#ground.send(this.#last)
  }
}
