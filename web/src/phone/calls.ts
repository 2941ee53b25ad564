import { type Invitation, Inviter, type UserAgent } from 'sip.js'
import { MicrophoneError, openMicrophone, stop } from '../media/microphone.ts'
import { microphoneProblem, type Problem } from '../problems.ts'
import { dialled } from './dialled.ts'
import { callerOf } from './dialog.ts'
import { Leg } from './leg.ts'
import { type Call, type EndedCall, newCall, type Outcome, type Peer, type PhoneEvent } from './state.ts'
import { addressOf } from './userAgent.ts'

export interface CallsPorts {
  tell(event: PhoneEvent): void
  /** The calls as they are now. */
  current(): readonly Call[]
  /** The chosen microphone; null is the system's choice. */
  device(): string | null
  onHeard(): void
  onEnded(ended: EndedCall): void
  now(): number
}

/** The calls of this page, of which one at a time is talked in, and their legs until they are gone. */
export class Calls {
  readonly #ports: CallsPorts
  readonly #legs = new Map<string, Leg>()
  /** Microphones that were opened for calls which SIP.js is about to set up. */
  readonly #opened: MediaStream[] = []

  constructor(ports: CallsPorts) {
    this.#ports = ports
  }

  get(id: string): Leg | undefined {
    return this.#legs.get(id)
  }

  /** Calls what a person typed, unless it is nothing. The call is on the screen before the microphone is there. */
  async dial(userAgent: UserAgent, text: string): Promise<void> {
    const to = dialled(text)
    if (to.kind === 'nothing') return
    this.#holdOthers(null)
    const host = to.kind === 'address' ? to.host : userAgent.configuration.uri.host
    const inviter = new Inviter(userAgent, addressOf(to.user, host), { earlyMedia: true })
    const user = to.kind === 'address' ? `${to.user}@${to.host}` : to.user
    const leg = this.#begin(inviter, { user, name: null })
    const problem = await this.#prepare(leg.id)
    if (problem === null) return leg.call()
    leg.end()
    this.#ports.tell({ type: 'noticed', problem })
  }

  /** A call comes in. */
  ring(invitation: Invitation): void {
    this.#begin(invitation, callerOf(invitation))
  }

  /** Takes a call that rings, and holds the others. Without a microphone it rings on, so that it can be taken yet. */
  async answer(id: string): Promise<void> {
    this.#holdOthers(id)
    this.#ports.tell({ type: 'chosen', id })
    const problem = await this.#prepare(id)
    if (problem === null) this.#legs.get(id)?.answer()
    else this.#ports.tell({ type: 'noticed', problem })
  }

  hold(id: string, on: boolean): void {
    if (!on) this.#holdOthers(id)
    void this.#legs.get(id)?.hold(on)
  }

  /** Brings a call on the screen and off hold; the others are held. */
  switchTo(id: string): void {
    this.hold(id, false)
    this.#ports.tell({ type: 'chosen', id })
  }

  /** Sends another microphone in all calls from now on. */
  async useMicrophone(): Promise<void> {
    for (const { sound, gone } of this.#legs.values()) {
      if (sound && !gone) await sound.replace(await openMicrophone(this.#ports.device()))
    }
  }

  /** The microphone of a call that SIP.js sets up. */
  async microphone(): Promise<MediaStream> {
    return this.#opened.shift() ?? openMicrophone(this.#ports.device())
  }

  endAll(): void {
    for (const leg of this.#legs.values()) leg.end()
  }

  lost(): void {
    for (const leg of this.#legs.values()) leg.lost()
  }

  reconnected(): void {
    for (const leg of this.#legs.values()) leg.reconnected()
  }

  #begin(session: Inviter | Invitation, peer: Peer): Leg {
    const { tell, onHeard, now } = this.#ports
    for (const [id, { gone }] of this.#legs) if (gone) this.#legs.delete(id)
    const ended = (id: string, outcome: Outcome, problem: Problem | null): void => this.#ended(id, outcome, problem)
    const leg = new Leg(session, peer, { tell, ended, heard: onHeard, now })
    this.#legs.set(leg.id, leg)
    tell({ type: 'begun', call: newCall(leg.id, session instanceof Inviter ? 'out' : 'in', peer, now()) })
    return leg
  }

  #ended(id: string, outcome: Outcome, problem: Problem | null): void {
    const call = this.#ports.current().find((one) => one.id === id)
    if (!call) return
    const ended = { call, endedAt: this.#ports.now(), outcome, problem }
    this.#ports.tell({ type: 'ended', ended })
    this.#ports.onEnded(ended)
  }

  #holdOthers(id: string | null): void {
    for (const call of this.#ports.current()) {
      if (call.id !== id && call.state === 'talking' && !call.heldByMe) void this.#legs.get(call.id)?.hold(true)
    }
  }

  /** Opens the microphone for a call; gives what is wrong with it. A call that has ended meanwhile needs none. */
  async #prepare(id: string): Promise<Problem | null> {
    try {
      const stream = await openMicrophone(this.#ports.device())
      if (this.#ports.current().some((call) => call.id === id)) this.#opened.push(stream)
      else stop(stream)
      return null
    } catch (error) {
      return microphoneProblem(error instanceof MicrophoneError ? error.kind : 'unknown')
    }
  }
}
