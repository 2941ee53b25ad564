import type { Millis } from '../../platform/clock.ts'
import {
  type ClientEvent,
  FAILED,
  type Outcome,
  PASS,
  SEND,
  start,
  stay,
  TERMINATED,
  TIMED_OUT,
  to,
} from './machine.ts'
import { T1, T2, TIMEOUT } from './timers.ts'

/**
 * The client transaction of every method but INVITE: RFC 3261 §17.1.2. Its Completed state would absorb what comes late for
 * timer K; so does the layer, which drops every response that belongs to nothing.
 */
export type ClientState =
  | { readonly name: 'trying'; readonly reliable: boolean; readonly interval: Millis }
  | { readonly name: 'proceeding'; readonly reliable: boolean }
  | typeof TERMINATED

/** The request leaves; timer E repeats it on an unreliable transport, timer F gives up. */
export function startClient(reliable: boolean): Outcome<ClientState> {
  const trying = { name: 'trying', reliable, interval: T1 } as const
  return reliable ? to(trying, SEND, start('F', TIMEOUT)) : to(trying, SEND, start('E', T1), start('F', TIMEOUT))
}

export function stepClient(state: ClientState, event: ClientEvent): Outcome<ClientState> {
  switch (state.name) {
    case 'trying':
    case 'proceeding':
      return waiting(state, event)
    case 'terminated':
      return stay(state)
    default:
      return state satisfies never
  }
}

type Waiting = Extract<ClientState, { name: 'trying' | 'proceeding' }>

function waiting(state: Waiting, event: ClientEvent): Outcome<ClientState> {
  switch (event.type) {
    case 'response':
      return answered(state, event.status)
    case 'transport-failed':
      return to(TERMINATED, FAILED)
    case 'fired': {
      if (event.timer === 'F') return to(TERMINATED, TIMED_OUT)
      if (event.timer !== 'E') return stay(state)
      // §17.1.2.2: the interval doubles up to T2; once something provisional came it is T2 at once.
      if (state.name === 'proceeding') return to(state, SEND, start('E', T2))
      const interval = Math.min(state.interval * 2, T2)
      return to({ ...state, interval }, SEND, start('E', interval))
    }
    // RFC 3261 §9.1: only an INVITE can be cancelled.
    case 'cancel':
      return stay(state)
    default:
      return event satisfies never
  }
}

function answered(state: Waiting, status: number): Outcome<ClientState> {
  if (status < 200) return to({ name: 'proceeding', reliable: state.reliable }, PASS)
  return to(TERMINATED, PASS)
}
