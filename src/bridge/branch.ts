import { hostPort } from '../platform/address.ts'
import type { Clock, Timer } from '../platform/clock.ts'
import { OutgoingInvite, type OutgoingInviteUser, type Progress } from '../sip/dialog/outgoingInvite.ts'
import type { Session } from '../sip/dialog/session.ts'
import type { Reoffer } from '../sip/dialog/sessionUser.ts'
import type { SipResponse } from '../sip/message/message.ts'
import { reasonPhrase } from '../sip/message/reasonPhrase.ts'
import { T1 } from '../sip/transaction/timers.ts'
import { isWebSocket } from '../sip/transport/flow.ts'
import type { Bridge, Device } from './bridge.ts'
import type { Call, Leg } from './call.ts'
import { wordsOf } from './callEvent.ts'
import type { CallLog } from './callLog.ts'
import { type Asked, inviteTo } from './inviteTo.ts'
import { hasSdp } from './legMedia.ts'
import { LINE_DOWN, lineRefusalOf, type Refusal, refusalOf, UNREACHABLE } from './refusal.ts'

/** A phone that has not said a word by then is taken to be off. */
const OFFLINE_AFTER = 5_000
/** So is a trunk's server: another one has to be asked while the caller still listens. */
const LINE_DOWN_AFTER = 4_000
/** When most have said something: the INVITE is about to be repeated. */
const SILENT_AFTER = T1

/** What a branch tells the fork. */
export interface BranchEvents {
  progressed(branch: Branch, progress: Progress): void
  /** The phone makes another offer before it answers (RFC 3311). */
  reoffered(branch: Branch, reoffer: Reoffer): void
  answered(branch: Branch, answer: BranchAnswer): void
  failed(branch: Branch, refusal: Refusal): void
}

export interface BranchAnswer {
  readonly session: Session
  /** The phone's 2xx. */
  readonly response: SipResponse
  /** Whether offer and answer were exchanged for good before it (RFC 3262). */
  readonly settled: boolean
}

/** Which phone or line is asked, and how. */
export interface BranchOptions extends Asked {
  readonly leg: Leg
}

/** One phone that rings: an outgoing INVITE and the leg prepared for it. */
export class Branch implements OutgoingInviteUser {
  readonly leg: Leg
  readonly #clock: Clock
  readonly #log: CallLog
  readonly #events: BranchEvents
  readonly #invite: OutgoingInvite
  #silent: Timer
  readonly #isLine: boolean
  readonly #unwatch: () => void
  #rang = false
  #early = false
  #over = false

  /** Sends the INVITE at once. */
  constructor(bridge: Bridge, call: Call, how: BranchOptions, events: BranchEvents) {
    this.leg = how.leg
    this.#clock = bridge.clock
    this.#log = call.log
    this.#events = events
    this.#noteCalled(how.device)
    this.#isLine = how.device.kind === 'line'
    this.#invite = new OutgoingInvite(bridge.agent, inviteTo(call, how), this)
    this.#silent = bridge.clock.after(SILENT_AFTER, () => this.#look(how.device))
    this.#unwatch = how.flow.onClosed(() => this.#giveUp(isWebSocket(how.flow.protocol)))
  }

  /** Stops the ringing. `reason`: a Reason header's value. The fork hears no more of this branch. */
  cancel(reason: string | null): void {
    if (!this.#end()) return
    this.#log.note({ at: this.#log.now(), type: 'stopped', phone: this.leg.number })
    this.#invite.cancel(reason)
  }

  progressed(progress: Progress): void {
    if (this.#over) return
    if (!this.#rang) this.#noteRinging(progress.response.status)
    if (!this.#early && hasSdp(progress.response)) this.#noteEarlyMedia()
    this.#events.progressed(this, progress)
  }

  reoffered(reoffer: Reoffer): void {
    if (this.#over) reoffer.reject(481)
    else this.#events.reoffered(this, reoffer)
  }

  answered(session: Session, response: SipResponse, settled: boolean): void {
    if (!this.#end()) return
    this.#log.note({ at: this.#log.now(), type: 'answered', phone: this.leg.number })
    this.#events.answered(this, { session, response, settled })
  }

  failed(status: number, response: SipResponse | null): void {
    if (!this.#end()) return
    this.#noteRefused(status, response)
    this.#refused(this.#isLine ? lineRefusalOf(status, response, this.#rang) : refusalOf(status, response))
  }

  // Whether this is its end: it has but one.
  #end(): boolean {
    if (this.#over) return false
    this.#over = true
    this.#silent.cancel()
    this.#unwatch()
    return true
  }

  // It may have been switched off, or its software ended; then its host says so, if it is asked.
  #look(device: Device): void {
    if (this.#invite.heard) return
    this.#silent = this.#clock.after((this.#isLine ? LINE_DOWN_AFTER : OFFLINE_AFTER) - SILENT_AFTER, () =>
      this.#giveUpIfSilent(),
    )
    void device.hasVanished().then((vanished) => vanished && this.#giveUpIfSilent())
  }

  #giveUpIfSilent(): void {
    if (!this.#invite.heard) this.#giveUp()
  }

  #giveUp(gone = false): void {
    if (!this.#end()) return
    this.#invite.cancel(null)
    this.#log.note({ at: this.#log.now(), type: 'silent', phone: this.leg.number })
    this.#refused(this.#isLine ? LINE_DOWN : { ...UNREACHABLE, gone })
  }

  // A phone that has rung is no flow that failed: over another one it would ring a second time.
  #refused(refusal: Refusal): void {
    this.#events.failed(this, { ...refusal, ofFlow: refusal.ofFlow && !this.#rang })
  }

  #noteCalled(device: Device): void {
    const { number: phone, user, signalling } = this.leg
    const remote = hostPort(signalling.address, signalling.port)
    const userAgent = device.userAgent === null ? null : wordsOf(device.userAgent)
    this.#log.note({ at: this.#log.now(), type: 'called', phone, user, remote, userAgent })
  }

  #noteRinging(status: number): void {
    this.#rang = true
    this.#log.note({ at: this.#log.now(), type: 'ringing', phone: this.leg.number, status })
  }

  #noteEarlyMedia(): void {
    this.#early = true
    this.#log.note({ at: this.#log.now(), type: 'early-media', phone: this.leg.number })
  }

  #noteRefused(status: number, response: SipResponse | null): void {
    const phrase = response && unusualPhrase(response)
    this.#log.note({ at: this.#log.now(), type: 'refused', phone: this.leg.number, status, phrase })
  }
}

// The phone's own words, where it has some.
function unusualPhrase({ status, reason }: SipResponse): string | null {
  const phrase = wordsOf(reason)
  return phrase === '' || phrase.toLowerCase() === reasonPhrase(status).toLowerCase() ? null : phrase
}
