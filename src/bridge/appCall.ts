import type { Sound } from '../media/engine.ts'
import type { IncomingInvite } from '../sip/dialog/incomingInvite.ts'
import type { Session } from '../sip/dialog/session.ts'
import type { Reoffer } from '../sip/dialog/sessionUser.ts'
import type { SipRequest } from '../sip/message/message.ts'
import type { Bridge } from './bridge.ts'
import type { Call, RelayedLeg } from './call.ts'
import type { LegMedia } from './legMedia.ts'
import { noted } from './noteMedia.ts'
import { offerOf, openLegs } from './openLegs.ts'
import { refreshMedia } from './refreshMedia.ts'
import { answerUncarried } from './uncarried.ts'

/** The caller's leg, and what it has heard of its media so far. */
export interface AppCaller {
  readonly invite: IncomingInvite
  readonly leg: RelayedLeg
  readonly early: Uint8Array | null
}

/** A call as an app sees it: one party, and verbs to deal with it. */
export class AppCall {
  /** Settles when the call is over, whoever ended it. */
  readonly ended: Promise<void>
  readonly #bridge: Bridge
  readonly #call: Call
  readonly #invite: IncomingInvite
  readonly #leg: RelayedLeg
  readonly #app: string
  /** What the caller was answered in a 18x, when phones rang before: it stands. */
  readonly #early: Uint8Array | null
  #passing = false
  #plays = 0

  private constructor(bridge: Bridge, call: Call, { invite, leg, early }: AppCaller, app: string) {
    this.#bridge = bridge
    this.#call = call
    this.#invite = invite
    this.#leg = leg
    this.#early = early
    this.#app = app
    this.ended = new Promise((resolve) => call.onEnded(() => resolve()))
  }

  /** Prepares the caller's leg for an app; null if the call is over before it began. */
  static async open(bridge: Bridge, call: Call, invite: IncomingInvite, app: string): Promise<AppCall | null> {
    const { request, transaction } = invite
    const userAgent = request.headers.first('user-agent')
    const { flow } = transaction
    const party = { role: 'caller', user: call.by, userAgent, flow, offer: offerOf(invite) } as const
    const [leg] = (await openLegs(bridge, call, [party])) ?? []
    return leg ? new AppCall(bridge, call, { invite, leg, early: null }, app) : null
  }

  /** For an app that takes a call which phones have not taken. */
  static takeOver(bridge: Bridge, call: Call, caller: AppCaller, app: string): AppCall {
    return new AppCall(bridge, call, caller, app)
  }

  /**
   * Answers with those of the caller's codecs that we can make, for the app will be heard; with `passing` all of them, for
   * one that only gives back what comes. A caller that offers none is offered all that we make.
   */
  async answer({ passing = false } = {}): Promise<void> {
    const { media } = this.#leg
    this.#passing = passing
    const asked = this.#invite.request.body.length === 0
    const made = asked ? media.offer(media.made) : this.#answerOf(this.#invite.request)
    if (made.kind === 'rejected') return this.#end('failed', made.status, made.reason)
    // What a PRACK has acknowledged is not said again (RFC 6337 §2.1).
    const said = this.#invite.settled ? new Uint8Array() : (this.#early ?? made.body)
    const session = this.#invite.accept(said)
    this.#leg.session = session
    const { log } = this.#call
    log.note({ at: log.now(), type: 'answered', phone: null })
    this.#call.answered(this.#app, this.#bridge.clock.wall().getTime())
    this.#attend(session, asked)
  }

  /** Lets the caller hear itself. */
  echo(): void {
    this.#bridge.engine.link(this.#call.id, this.#leg.id, this.#leg.id)
  }

  /** Plays `sound` to the caller. Settles when it is over, or the call is. */
  play(sound: Sound): Promise<void> {
    const { engine } = this.#bridge
    const id = `${this.#call.id}-${++this.#plays}`
    return new Promise((resolve) => {
      const unsubscribe = engine.on((event) => {
        if (event.type === 'finished' && event.id === id) done()
      })
      const done = (): void => {
        unsubscribe()
        resolve()
      }
      this.#call.onEnded(done)
      engine.play(id, this.#leg.id, sound)
    })
  }

  hangUp(): void {
    this.#end('answered', 200, `${this.#app} came to its end`)
  }

  // `offered`: our last 2xx held an offer, and the next ACK brings the answer.
  #attend(session: Session, offered: boolean): void {
    let expecting = offered
    session.attach({
      reoffered: (reoffer) => {
        expecting = reoffer.request.body.length === 0
        this.#reoffered(noted(this.#call, this.#leg, reoffer), expecting)
      },
      acknowledged: (ack) => {
        if (expecting && this.#leg.media.takeAnswer(ack).kind === 'rejected')
          this.#end('answered', 200, 'the answer could not be used')
        expecting = false
      },
      requested: answerUncarried,
      refresh: () => refreshMedia(this.#leg),
      ended: (end) => {
        if (end.by === 'failure') return this.#end('answered', 200, end.reason)
        const reason = `${this.#call.from} hung up`
        this.#bridge.calls.end(this.#call, { by: 'caller', outcome: 'answered', status: 200, reason })
      },
    })
  }

  #reoffered(reoffer: Reoffer, asked: boolean): void {
    const { media } = this.#leg
    const made = asked ? media.offerAgain() : this.#answerOf(reoffer.request)
    if (made.kind === 'rejected') reoffer.reject(made.status)
    else reoffer.accept(made.body)
  }

  // An app speaks whenever it may, and listens.
  #answerOf(request: SipRequest): ReturnType<LegMedia['answer']> {
    const { media } = this.#leg
    const taken = media.takeOffer(request)
    if (taken.kind === 'rejected') return taken
    return media.answer(this.#passing ? { ...taken.offer, direction: 'sendrecv' } : media.made)
  }

  #end(outcome: 'failed' | 'answered', status: number, reason: string): void {
    this.#bridge.calls.end(this.#call, { by: 'server', outcome, status, reason })
  }
}
