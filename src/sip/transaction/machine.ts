import type { Millis } from '../../platform/clock.ts'
import type { TimerName } from './timers.ts'

/**
 * What the four machines of RFC 3261 §17 have in common. A machine is a pure function: state and event in, state and
 * effects out. It neither holds a message nor starts a timer; the layer does what the effects say. So every path
 * through a machine can be tested as a list of values, and a transaction at rest is a few words of memory.
 */
export type Step<State, Event> = (state: State, event: Event) => Outcome<State>

export interface Outcome<State> {
  readonly state: State
  readonly effects: readonly Effect[]
}

export type Effect =
  /** Send (again) the request or the last response this transaction holds. */
  | { readonly type: 'send' }
  /** Acknowledge the final response that was just received: RFC 3261 §17.1.1.3. */
  | { readonly type: 'ack' }
  /** Send the CANCEL of this INVITE: RFC 3261 §9.1. */
  | { readonly type: 'cancel' }
  /** Hand the message that was just received to the transaction user. */
  | { readonly type: 'pass' }
  /** Tell the transaction user that nobody answered (§17.1.1.2, §17.1.2.2), or that no ACK came (§17.2.1). */
  | { readonly type: 'timeout' }
  /** Tell the transaction user that the transport refused. */
  | { readonly type: 'failed' }
  /** Answer 100 Trying in the transaction user's place. */
  | { readonly type: 'trying' }
  /**
   * The machine has had its last say, but what the other side repeats may still come, and is to be absorbed or answered as
   * before for 64·T1: timers I, J, L and M. The layer remembers that without the machine.
   */
  | { readonly type: 'linger' }
  | { readonly type: 'start'; readonly timer: TimerName; readonly delay: Millis }
  | { readonly type: 'stop'; readonly timer: TimerName }

export const SEND: Effect = { type: 'send' }
export const ACK: Effect = { type: 'ack' }
export const CANCEL: Effect = { type: 'cancel' }
export const PASS: Effect = { type: 'pass' }
export const TIMED_OUT: Effect = { type: 'timeout' }
export const FAILED: Effect = { type: 'failed' }
export const TRYING: Effect = { type: 'trying' }
export const LINGER: Effect = { type: 'linger' }

export function start(timer: TimerName, delay: Millis): Effect {
  return { type: 'start', timer, delay }
}

export function stop(timer: TimerName): Effect {
  return { type: 'stop', timer }
}

/** Events of both client machines. */
export type ClientEvent =
  | { readonly type: 'response'; readonly status: number }
  | { readonly type: 'fired'; readonly timer: TimerName }
  | { readonly type: 'transport-failed' }
  /** The transaction user has lost interest (INVITE only). */
  | { readonly type: 'cancel' }

/** Events of both server machines; the request that made the transaction is not among them. */
export type ServerEvent =
  /** The same request came again. */
  | { readonly type: 'request' }
  /** An ACK came (INVITE only). */
  | { readonly type: 'ack' }
  /** The transaction user answers. */
  | { readonly type: 'respond'; readonly status: number }
  | { readonly type: 'fired'; readonly timer: TimerName }
  | { readonly type: 'transport-failed' }

/** The state every machine ends in; the layer forgets the transaction and cancels its timers. */
export const TERMINATED = { name: 'terminated' } as const

/** States that hold nothing: one of each serves every transaction. */
export const COMPLETED = { name: 'completed' } as const
export const ACCEPTED = { name: 'accepted' } as const

export function stay<State>(state: State): Outcome<State> {
  return { state, effects: [] }
}

export function to<State>(state: State, ...effects: Effect[]): Outcome<State> {
  return { state, effects }
}

/** A machine in motion: holds the state and nothing else. */
export class Running<State extends { readonly name: string }, Event> {
  readonly #step: Step<State, Event>
  #state: State

  constructor(state: State, step: Step<State, Event>) {
    this.#state = state
    this.#step = step
  }

  get name(): State['name'] {
    return this.#state.name
  }

  take(event: Event): readonly Effect[] {
    const { state, effects } = this.#step(this.#state, event)
    this.#state = state
    return effects
  }
}
