import type { Clock, Timer } from '../../../../src/platform/clock.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../../../src/sip/message/message.ts'
import { ackOf, cancelOf } from './messages.ts'
import { GIVE_UP, T1, T2, T4, TIMER_D } from './timers.ts'

/** What a transaction stands on: time, and the way to the server. */
export interface Ground {
  readonly clock: Clock
  send(message: SipMessage): void
}

/** Who sent a request. */
export interface ClientUser {
  /** A response that is news; of an INVITE every 2xx, repeated or not. */
  answered(response: SipResponse): void
  /** Nobody answered in 64·T1. */
  unanswered(): void
}

const NOTHING: Timer = { cancel() {} }

/** The INVITE client transaction over UDP: RFC 3261 §17.1.1, figure 5, with Accepted as in RFC 6026 §7.2, and CANCEL, §9.1. */
export class InviteClient {
  readonly request: SipRequest
  readonly #ground: Ground
  readonly #user: ClientUser
  readonly #cancel: (cancel: SipRequest) => void
  readonly #over: () => void
  #state: 'calling' | 'proceeding' | 'accepted' | 'completed' | 'over' = 'calling'
  #cancelled: 'no' | 'wanted' | 'sent' = 'no'
  #repeat = NOTHING
  #limit = NOTHING

  /** `cancel` sends a CANCEL as a transaction of its own; `over` runs when this one ends. */
  constructor(
    ground: Ground,
    request: SipRequest,
    user: ClientUser,
    hooks: { cancel(cancel: SipRequest): void; over(): void },
  ) {
    this.#ground = ground
    this.request = request
    this.#user = user
    this.#cancel = hooks.cancel
    this.#over = hooks.over
    ground.send(request)
    this.#repeatIn(T1)
    this.#limitTo(GIVE_UP, () => this.#giveUp())
  }

  receive(response: SipResponse): void {
    if (this.#state === 'calling' || this.#state === 'proceeding') this.#answered(response)
    else if (this.#state === 'accepted' && isSuccess(response)) this.#user.answered(response)
    else if (this.#state === 'completed' && response.status >= 300) this.#acknowledge(response)
  }

  /** Takes the INVITE back: no CANCEL leaves before something provisional came. */
  cancel(): void {
    if (this.#cancelled !== 'no') return
    this.#cancelled = 'wanted'
    if (this.#state === 'proceeding') this.#sendCancel()
  }

  #answered(response: SipResponse): void {
    this.#repeat.cancel()
    if (response.status < 200) {
      if (this.#state === 'calling') this.#limit.cancel()
      this.#state = 'proceeding'
      if (this.#cancelled === 'wanted') this.#sendCancel()
    } else if (isSuccess(response)) {
      this.#state = 'accepted'
      this.#limitTo(GIVE_UP, () => this.#end())
    } else {
      this.#state = 'completed'
      this.#limitTo(TIMER_D, () => this.#end())
      this.#acknowledge(response)
    }
    this.#user.answered(response)
  }

  #sendCancel(): void {
    this.#cancelled = 'sent'
    this.#cancel(cancelOf(this.request))
    this.#limitTo(GIVE_UP, () => this.#giveUp())
  }

  #acknowledge(response: SipResponse): void {
    this.#ground.send(ackOf(this.request, response))
  }

  #repeatIn(interval: number): void {
    this.#repeat = this.#ground.clock.after(interval, () => {
      this.#ground.send(this.request)
      this.#repeatIn(interval * 2)
    })
  }

  #limitTo(span: number, run: () => void): void {
    this.#limit.cancel()
    this.#limit = this.#ground.clock.after(span, run)
  }

  #giveUp(): void {
    this.#end()
    this.#user.unanswered()
  }

  #end(): void {
    this.#state = 'over'
    this.#repeat.cancel()
    this.#limit.cancel()
    this.#over()
  }
}

/** The client transaction of any other request over UDP: RFC 3261 §17.1.2, figure 6. */
export class RequestClient {
  readonly #ground: Ground
  readonly #request: SipRequest
  readonly #user: ClientUser
  readonly #over: () => void
  #state: 'trying' | 'proceeding' | 'completed' = 'trying'
  #repeat = NOTHING
  #limit: Timer

  constructor(ground: Ground, request: SipRequest, user: ClientUser, over: () => void) {
    this.#ground = ground
    this.#request = request
    this.#user = user
    this.#over = over
    ground.send(request)
    this.#repeatIn(T1)
    this.#limit = ground.clock.after(GIVE_UP, () => {
      this.#repeat.cancel()
      over()
      user.unanswered()
    })
  }

  receive(response: SipResponse): void {
    if (this.#state === 'completed') return
    if (response.status < 200) {
      this.#state = 'proceeding'
    } else {
      this.#state = 'completed'
      this.#repeat.cancel()
      this.#limit.cancel()
      this.#limit = this.#ground.clock.after(T4, this.#over)
    }
    this.#user.answered(response)
  }

  #repeatIn(interval: number): void {
    this.#repeat = this.#ground.clock.after(interval, () => {
      this.#ground.send(this.#request)
      this.#repeatIn(this.#state === 'proceeding' ? T2 : Math.min(interval * 2, T2))
    })
  }
}

export function isSuccess({ status }: SipResponse): boolean {
  return status >= 200 && status < 300
}
