import type { Millis } from '../../platform/clock.ts'
import type { RtpLeg } from '../../rtp/rtpLeg.ts'
import { Sender } from '../link/sender.ts'
import { Hearing } from '../playout/hearing.ts'
import { TICK, type Ticker } from '../ticker.ts'
import { Mixer } from './mixer.ts'
import type { Party } from './party.ts'

/** What rooms are mixed at, Hz: the voices of G.722, and all that a mixture needs of Opus. */
const RATE = 16_000
const FRAME = (RATE * TICK) / 1000

interface Member {
  readonly leg: RtpLeg
  readonly hearing: Hearing
  readonly party: Party<string>
  sender: Sender | null
  /** For which it was made. */
  terms: string
}

/** A room of legs, in which each hears all others. */
export class Room {
  readonly #ticker: Ticker
  readonly #members = new Map<string, Member>()
  readonly #mixer = new Mixer<string>(RATE, FRAME)
  readonly #spoken: (speakers: readonly string[]) => void
  readonly #pcm = new Int16Array(FRAME)
  #stopTicking: (() => void) | null = null

  /** `spoken` is told who talks, by id, whenever others do than before. */
  constructor(ticker: Ticker, spoken: (speakers: readonly string[]) => void) {
    this.#ticker = ticker
    this.#spoken = spoken
  }

  /** One of those who are in it; null: nobody is. */
  get member(): string | null {
    return this.#members.keys().next().value ?? null
  }

  /** Lets a leg in, which nobody else speaks to. */
  join(id: string, leg: RtpLeg): void {
    const hearing = new Hearing(RATE)
    leg.addTap(hearing)
    this.#members.set(id, { leg, hearing, party: this.#mixer.join(id), sender: Sender.to(leg, RATE), terms: leg.terms })
    this.#stopTicking ??= this.#ticker.add(this.#tick)
  }

  /** Takes in what the leg now negotiated. */
  refresh(id: string): void {
    const member = this.#members.get(id)
    if (!member || member.terms === member.leg.terms) return
    member.terms = member.leg.terms
    member.sender = Sender.to(member.leg, RATE)
  }

  leave(id: string): void {
    const member = this.#members.get(id)
    if (!member) return
    this.#members.delete(id)
    this.#mixer.leave(member.party)
    member.leg.removeTap(member.hearing)
    if (this.#members.size > 0) return
    this.#stopTicking?.()
    this.#stopTicking = null
  }

  readonly #tick = (now: Millis): void => {
    const pcm = this.#pcm
    for (const { hearing, party } of this.#members.values()) if (hearing.pull(pcm, now)) party.write(pcm)
    const isChanged = this.#mixer.mix()
    for (const { leg, party, sender } of this.#members.values()) {
      party.read(pcm)
      if (!leg.occupied) sender?.write(pcm, now)
    }
    if (isChanged) this.#spoken(this.#mixer.speakers())
  }
}
