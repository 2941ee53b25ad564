import { Invitation, Inviter, type Session, SessionState } from 'sip.js'
import { CONNECTION_LOST, callProblem, ownFailure, type Problem } from '../problems.ts'
import type { Sample, StatsEntry } from '../quality/sample.ts'
import { callerNow, hangUp, isAnsweredElsewhere, sendInfo } from './dialog.ts'
import { causesOf } from './reason.ts'
import { renegotiate } from './renegotiate.ts'
import { type CallSound, callSound } from './sound.ts'
import { nameOf, type Outcome, type Peer, type PhoneEvent } from './state.ts'

/** What a leg tells: changes of its call, and its end. */
export interface LegEvents {
  tell(event: PhoneEvent): void
  ended(id: string, outcome: Outcome, problem: Problem | null): void
  heard(): void
  now(): number
}

/** The part of a response that a caller looks at. */
interface Response {
  readonly statusCode?: number | undefined
  readonly body: string
  getHeaders(name: string): string[]
}

/** One call of this page: a SIP session and its sound. It tells what becomes of it and how it ended, once. */
export class Leg {
  readonly id: string
  readonly #session: Session
  readonly #peer: Peer
  readonly #events: LegEvents
  readonly #wanted = { muted: false, held: false }
  #sound: CallSound | null = null
  #over = false
  /** How it ends unless somebody says otherwise before. */
  #ending: { outcome: Outcome; problem: Problem | null }

  /** The leg of a session that has just been made or has just come in. */
  constructor(session: Session, peer: Peer, events: LegEvents) {
    this.id = session.id
    this.#session = session
    this.#peer = peer
    this.#events = events
    this.#ending = { outcome: session instanceof Invitation ? 'missed' : 'cancelled', problem: null }
    session.delegate = {
      onSessionDescriptionHandler: (handler) => this.#watch(handler),
      onBye: (bye) => void bye.accept(),
      onCancel: (cancel) => {
        if (isAnsweredElsewhere(cancel)) this.#ending = { outcome: 'elsewhere', problem: null }
      },
    }
    session.stateChange.addListener((state) => this.#changed(state))
  }

  get sound(): CallSound | null {
    return this.#sound
  }

  /** Nothing more will be heard of it, nor need be said. */
  get gone(): boolean {
    return this.#session.state === SessionState.Terminated
  }

  /** Sends the INVITE. */
  call(): void {
    if (!(this.#session instanceof Inviter)) return
    const requestDelegate = {
      onProgress: ({ message }: { message: Response }) => this.#progress(message),
      onReject: ({ message }: { message: Response }) => this.#refused(message),
      onRedirect: ({ message }: { message: Response }) => this.#refused(message),
    }
    this.#session.invite({ requestDelegate }).catch(() => this.#fail())
  }

  answer(): void {
    if (!(this.#session instanceof Invitation) || this.#session.state !== SessionState.Initial) return
    this.#events.tell({ type: 'answering', id: this.id })
    this.#session.accept().catch(() => this.#fail())
  }

  /** Declines, gives up or hangs up, as the case may be. */
  end(): void {
    const talked = this.#session.state === SessionState.Established
    const outcome = this.#session instanceof Invitation ? 'rejected' : 'cancelled'
    hangUp(this.#session)
    this.#finish(talked ? 'talked' : outcome, null)
  }

  mute(on: boolean): void {
    this.#wanted.muted = on
    this.#sendOrNot()
    this.#events.tell({ type: 'muted', id: this.id, on })
  }

  /** Holds the call or takes it back; a refusal by the other side undoes it. */
  async hold(on: boolean): Promise<void> {
    if (this.#wanted.held === on || this.#session.state !== SessionState.Established) return
    this.#held(on)
    const agreement = await this.#negotiate({ hold: on })
    if (agreement === 'refused' && this.#wanted.held === on) this.#held(!on)
  }

  /** One of the twelve keys of a phone. */
  key(key: string): void {
    if (!this.#sound?.key(key)) sendInfo(this.#session, key)
  }

  async sample(): Promise<Sample | null> {
    return (await this.#sound?.sample(this.#events.now())) ?? null
  }

  async stats(): Promise<readonly StatsEntry[]> {
    return (await this.#sound?.stats()) ?? []
  }

  /** The connection to the server is gone: what is not up cannot come up any more. */
  lost(): void {
    if (this.#session.state === SessionState.Established) return
    if (this.#session instanceof Inviter) this.#finish('failed', CONNECTION_LOST)
    else this.#finish('missed', null)
  }

  /** There is a connection again, and perhaps the sound has to find another way as well. */
  reconnected(): void {
    if (this.#session.state === SessionState.Established) void this.#restart()
    // What the connection took with it the server may still keep alive.
    else if (this.#over) hangUp(this.#session)
  }

  #watch(handler: unknown): void {
    const { id } = this
    this.#sound = callSound(handler, {
      sound: (sound) => this.#events.tell({ type: 'sound', id, sound }),
      heldByPeer: (on) => this.#events.tell({ type: 'held', id, by: 'peer', on }),
      heard: () => this.#events.heard(),
      failed: () => void this.#restart(),
    })
    this.#sendOrNot()
  }

  #changed(state: SessionState): void {
    if (state === SessionState.Established) this.#established()
    // SIP.js changes the state before it tells why.
    if (state === SessionState.Terminated)
      queueMicrotask(() => this.#finish(this.#ending.outcome, this.#ending.problem))
  }

  #established(): void {
    const { id } = this
    this.#ending = { outcome: 'talked', problem: null }
    this.#sendOrNot()
    const peer = callerNow(this.#session, this.#peer)
    if (peer !== this.#peer) this.#events.tell({ type: 'named', id, peer })
    this.#events.tell({ type: 'answered', id, at: this.#events.now() })
  }

  #progress({ statusCode = 100, body }: Response): void {
    if (statusCode <= 100) return
    this.#events.tell({ type: 'ringing', id: this.id, early: statusCode === 183 && body !== '' })
  }

  #refused(response: Response): void {
    const { q850 } = causesOf(response.getHeaders('reason'))
    const problem = callProblem(response.statusCode ?? 500, nameOf(this.#peer), q850)
    this.#ending = { outcome: problem ? 'failed' : 'cancelled', problem }
  }

  #held(on: boolean): void {
    this.#wanted.held = on
    this.#sendOrNot()
    this.#events.tell({ type: 'held', id: this.id, by: 'me', on })
  }

  #restart(): Promise<unknown> {
    return this.#negotiate({ hold: this.#wanted.held, offerOptions: { iceRestart: true } })
  }

  async #negotiate(options: Parameters<typeof renegotiate>[2]): ReturnType<typeof renegotiate> {
    const agreement = await renegotiate(this.#session, this.#session instanceof Inviter, options)
    if (agreement === 'gone') hangUp(this.#session)
    return agreement
  }

  #sendOrNot(): void {
    this.#sound?.send(!this.#wanted.muted && !this.#wanted.held)
  }

  #fail(): void {
    this.#finish('failed', ownFailure(nameOf(this.#peer), 'the browser could not set the sound up'))
  }

  #finish(outcome: Outcome, problem: Problem | null): void {
    if (this.#over) return
    this.#over = true
    this.#events.ended(this.id, outcome, problem)
  }
}
