import type { IncomingInvite } from '../sip/dialog/incomingInvite.ts'
import type { Reoffer } from '../sip/dialog/session.ts'
import type { Wish } from '../sdp/agreement.ts'
import type { Bridge } from './bridge.ts'
import type { Call, Leg } from './call.ts'
import { openLegs } from './openLegs.ts'

/** A call as an app sees it: one party, and verbs to deal with it. */
export class AppCall {
  /** Settles when the call is over, whoever ended it. */
  readonly ended: Promise<void>
  readonly #bridge: Bridge
  readonly #call: Call
  readonly #invite: IncomingInvite
  readonly #leg: Leg
  readonly #app: string

  private constructor(bridge: Bridge, call: Call, invite: IncomingInvite, leg: Leg, app: string) {
    this.#bridge = bridge
    this.#call = call
    this.#invite = invite
    this.#leg = leg
    this.#app = app
    this.ended = new Promise((resolve) => call.onEnded(() => resolve()))
  }

  /** Prepares the caller's leg for an app; null if the call is over before it began. */
  static async open(bridge: Bridge, call: Call, invite: IncomingInvite, app: string): Promise<AppCall | null> {
    const { request, transaction } = invite
    const userAgent = request.headers.first('user-agent')
    const party = { role: 'caller', user: call.from, userAgent, flow: transaction.flow } as const
    const [leg] = (await openLegs(bridge, call, [party])) ?? []
    return leg ? new AppCall(bridge, call, invite, leg, app) : null
  }

  /** Answers with all the codecs the caller offers. */
  async answer(): Promise<void> {
    const taken = this.#leg.media.takeOffer(this.#invite.request)
    const made = taken.kind === 'offer' ? this.#leg.media.answer(willing(taken.offer)) : taken
    if (made.kind === 'rejected') return this.#end('failed', made.status, made.reason)
    const session = this.#invite.accept(made.body)
    this.#leg.session = session
    this.#call.answered(this.#app, this.#bridge.clock.wall().getTime())
    session.attach({
      reoffered: (reoffer) => this.#reoffered(reoffer),
      acknowledged: () => {},
      requested: (transaction) => transaction.respond(405),
      ended: (end) => {
        const reason = end.by === 'peer' ? `${this.#call.from} hung up` : end.reason
        this.#bridge.calls.end(this.#call, {
          by: end.by === 'peer' ? 'caller' : 'server',
          outcome: 'answered',
          status: 200,
          reason,
        })
      },
    })
  }

  /** Lets the caller hear itself. */
  echo(): void {
    this.#bridge.engine.link(this.#call.id, this.#leg.id, this.#leg.id)
  }

  #reoffered(reoffer: Reoffer): void {
    const { media } = this.#leg
    const taken = media.takeOffer(reoffer.request)
    const made = taken.kind === 'offer' ? media.answer(willing(taken.offer)) : taken
    if (made.kind === 'rejected') reoffer.reject(made.status)
    else reoffer.accept(made.body)
  }

  #end(outcome: 'failed', status: number, reason: string): void {
    this.#bridge.calls.end(this.#call, { by: 'server', outcome, status, reason })
  }
}

// An app speaks whatever is offered, and listens whenever it may.
function willing(offer: Wish): Wish {
  return { ...offer, direction: 'sendrecv' }
}
