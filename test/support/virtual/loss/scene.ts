import type { Millis } from '../../../../src/platform/clock.ts'
import type { Seeded } from '../random.ts'
import type { IncomingCall } from '../rfcPhone/incomingCall.ts'
import type { OutgoingCall } from '../rfcPhone/outgoingCall.ts'
import type { RfcPhone } from '../rfcPhone/rfcPhone.ts'
import { GIVE_UP } from '../rfcPhone/timers.ts'
import { Missed, type Stage } from './stage.ts'

/** Longer than any transaction: what has not come by then does not come. */
const LONG = 70_000
/** Words are said so often: one in three is lost each way. */
const SAYINGS = 60

type AnyCall = OutgoingCall | IncomingCall

/** Both ends of an answered call. */
export interface Talk {
  readonly caller: OutgoingCall
  readonly callee: IncomingCall
}

/** One play of a seed: its phones, and the words by which plays are written. */
export class Scene {
  readonly random: Seeded
  readonly #stage: Stage
  readonly #calls: AnyCall[] = []

  constructor(stage: Stage, random: Seeded) {
    this.#stage = stage
    this.random = random
  }

  /** Waits for up to `most` ms. */
  pause(most: Millis): Promise<void> {
    return this.#stage.pause(this.random.fraction() * most)
  }

  until(what: string, reached: () => boolean, limit: Millis = LONG): Promise<void> {
    return this.#stage.until(what, reached, limit)
  }

  calls(phone: RfcPhone, number: string, offer = true): OutgoingCall {
    const call = phone.calls(number, offer)
    this.#calls.push(call)
    return call
  }

  /** The next call that comes to `phone`. Ask before the call is made. */
  next(phone: RfcPhone): Promise<IncomingCall> {
    const before = phone.incoming.length
    phone.onCall = (call) => this.#calls.push(call)
    const came = (): IncomingCall | undefined => phone.incoming[before]
    return this.until(`a call to ${phone.user} at ${phone.address}`, () => came() !== undefined).then(() => {
      const call = came()
      if (!call) throw new Error('unreachable')
      return call
    })
  }

  /** A call from `from` to `to` that rings and is answered; both hear each other. */
  async talk(from: RfcPhone, to: RfcPhone, how: { offer?: boolean; early?: boolean } = {}): Promise<Talk> {
    const coming = this.next(to)
    const caller = this.calls(from, to.user, how.offer)
    const callee = await coming
    await this.answers(callee, how.early)
    return this.joined(caller, callee)
  }

  async answers(callee: IncomingCall, early = false): Promise<void> {
    await this.pause(300)
    if (early) callee.progresses()
    callee.rings()
    await this.pause(4_000)
    callee.answers()
  }

  /** `callee` has answered: waits until both know, and hear each other. */
  async joined(caller: OutgoingCall, callee: IncomingCall): Promise<Talk> {
    await this.until('the answer at the caller', () => caller.conversation !== null)
    await this.until('the ACK at the callee', () => callee.conversation?.free === true)
    await this.hears(callee, caller)
    await this.hears(caller, callee)
    return { caller, callee }
  }

  /** `listener` hears what `speaker` says. */
  async hears(listener: AnyCall, speaker: AnyCall): Promise<void> {
    const words = `words ${this.random.integer(1 << 30)}`
    const heard = (): boolean => listener.conversation?.host.audio.heard.some((one) => one.words === words) ?? false
    for (let said = 0; said < SAYINGS && !heard(); said++) {
      speaker.conversation?.says(words)
      await this.#stage.pause(200)
    }
    if (!heard()) throw new Missed('what the other side said')
  }

  /** Waits for the end of a call, which must be one of these. */
  async ends(call: AnyCall, ...how: string[]): Promise<void> {
    await this.until(`the end of a call: ${how.join(' or ')}`, () => call.ended !== null, 2 * LONG)
    if (!how.includes(call.ended ?? '')) throw new Missed(`a call that ${how.join(' or ')}: it ${call.ended}`)
  }

  /** `first` hangs up, and both calls end. */
  async hangsUp(first: AnyCall, other: AnyCall): Promise<void> {
    first.conversation?.hangUp()
    await this.ends(first, 'hung up')
    await this.ends(other, 'was hung up')
  }

  /** Takes every call of this play that is still up to its end, which must come. */
  async clear(): Promise<void> {
    for (const call of this.#calls) call.giveUp()
    await this.until('the end of all calls', () => this.#calls.every(({ ended }) => ended !== null), 4 * LONG)
    await this.quiet()
  }

  /**
   * Lets a cancelled INVITE run out: it is repeated until something comes back (RFC 3261 §9.1), so that a phone may ring
   * for a moment that knew nothing of the call.
   */
  quiet(): Promise<void> {
    return this.#stage.pause(GIVE_UP)
  }
}
