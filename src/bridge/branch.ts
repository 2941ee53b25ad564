import { hostPort } from '../platform/address.ts'
import type { Clock, Timer } from '../platform/clock.ts'
import { OutgoingInvite, type Progress } from '../sip/dialog/outgoingInvite.ts'
import type { Session } from '../sip/dialog/session.ts'
import type { Reoffer } from '../sip/dialog/sessionUser.ts'
import { formatNameAddr } from '../sip/message/fields.ts'
import type { SipResponse } from '../sip/message/message.ts'
import { reasonPhrase } from '../sip/message/reasonPhrase.ts'
import { toUtf8 } from '../sip/message/text.ts'
import { escapeUser, sipUri } from '../sip/message/uri.ts'
import { T1 } from '../sip/transaction/timers.ts'
import type { Flow } from '../sip/transport/flow.ts'
import type { Bridge, Device } from './bridge.ts'
import type { Call, Leg } from './call.ts'
import { wordsOf } from './callEvent.ts'
import type { CallLog } from './callLog.ts'
import { hasSdp } from './legMedia.ts'
import { type Refusal, refusalOf, UNREACHABLE } from './refusal.ts'

/** A phone that has not said a word by then is taken to be off. */
const OFFLINE_AFTER = 5_000
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

/** One phone that rings: an outgoing INVITE and the leg prepared for it. */
export class Branch {
  readonly leg: Leg
  readonly #events: BranchEvents
  readonly #log: CallLog
  readonly #invite: OutgoingInvite
  #rang = false
  #early = false
  readonly #clock: Clock
  #silent: Timer
  readonly #unwatch: () => void
  #over = false

  /** Sends the INVITE at once. `offer`: our SDP for this phone; null asks for its own. `reliable`: as OutgoingInvite's. */
  constructor(
    bridge: Bridge,
    call: Call,
    how: { device: Device; leg: Leg; flow: Flow; offer: Uint8Array | null; reliable: boolean; maxForwards: number },
    events: BranchEvents,
  ) {
    const { device, flow, offer, reliable, maxForwards } = how
    this.leg = how.leg
    this.#events = events
    const { number: phone, user, signalling } = how.leg
    const { log } = call
    this.#log = log
    const userAgent = device.userAgent === null ? null : wordsOf(device.userAgent)
    log.note({
      at: log.now(),
      type: 'called',
      phone,
      user,
      remote: hostPort(signalling.address, signalling.port),
      userAgent,
    })
    this.#invite = new OutgoingInvite(
      bridge.agent,
      {
        flow,
        uri: device.contact,
        route: device.route,
        from: addressOf(call.from, call.fromName, device.domain),
        to: addressOf(device.user, null, device.domain),
        contactUser: escapeUser(toUtf8(call.from)),
        maxForwards,
        body: offer,
        reliable,
      },
      {
        progressed: (progress) => {
          if (!this.#over) this.#progressed(progress)
        },
        reoffered: (reoffer) => (this.#over ? reoffer.reject(481) : events.reoffered(this, reoffer)),
        answered: (session, response, settled) =>
          this.#finish(() => {
            log.note({ at: log.now(), type: 'answered', phone })
            events.answered(this, { session, response, settled })
          }),
        failed: (status, response) =>
          this.#finish(() => {
            log.note({ at: log.now(), type: 'refused', phone, status, phrase: response && unusualPhrase(response) })
            this.#failed(refusalOf(status, response))
          }),
      },
    )
    this.#clock = bridge.clock
    this.#silent = bridge.clock.after(SILENT_AFTER, () => this.#look(device))
    this.#unwatch = flow.onClosed(() => this.#giveUp())
  }

  /** Stops the ringing. `reason`: a Reason header's value. The fork hears no more of this branch. */
  cancel(reason: string | null): void {
    this.#finish(() => {
      this.#log.note({ at: this.#log.now(), type: 'stopped', phone: this.leg.number })
      this.#invite.cancel(reason)
    })
  }

  #progressed(progress: Progress): void {
    const { response } = progress
    const phone = this.leg.number
    if (!this.#rang) this.#log.note({ at: this.#log.now(), type: 'ringing', phone, status: response.status })
    this.#rang = true
    if (!this.#early && hasSdp(response)) {
      this.#early = true
      this.#log.note({ at: this.#log.now(), type: 'early-media', phone })
    }
    this.#events.progressed(this, progress)
  }

  #finish(then: () => void): void {
    if (this.#over) return
    this.#over = true
    this.#silent.cancel()
    this.#unwatch()
    then()
  }

  // It may have been switched off, or its software ended; then its host says so, if it is asked.
  #look(device: Device): void {
    if (this.#invite.heard) return
    this.#silent = this.#clock.after(OFFLINE_AFTER - SILENT_AFTER, () => this.#giveUpIfSilent())
    void device.hasVanished().then((vanished) => vanished && this.#giveUpIfSilent())
  }

  #giveUpIfSilent(): void {
    if (!this.#invite.heard) this.#giveUp()
  }

  #giveUp(): void {
    this.#finish(() => {
      this.#invite.cancel(null)
      this.#log.note({ at: this.#log.now(), type: 'silent', phone: this.leg.number })
      this.#failed(UNREACHABLE)
    })
  }

  // A phone that has rung is no flow that failed: over another one it would ring a second time.
  #failed(refusal: Refusal): void {
    this.#events.failed(this, this.#rang ? { ...refusal, ofFlow: false } : refusal)
  }
}

// The phone's own words, where it has some.
function unusualPhrase({ status, reason }: SipResponse): string | null {
  const phrase = wordsOf(reason)
  return phrase === '' || phrase.toLowerCase() === reasonPhrase(status).toLowerCase() ? null : phrase
}

// From has the domain by which this phone knows us: it is what it will redial.
function addressOf(user: string, displayName: string | null, domain: string): string {
  const uri = sipUri({ user: escapeUser(toUtf8(user)), host: domain })
  return formatNameAddr({ displayName: displayName === null ? null : toUtf8(displayName), uri })
}
