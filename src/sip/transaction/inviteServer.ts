import type { Millis } from '../../platform/clock.ts'
import {
  ACCEPTED,
  FAILED,
  LINGER,
  type Outcome,
  PASS,
  SEND,
  type ServerEvent,
  start,
  stay,
  stop,
  TERMINATED,
  TIMED_OUT,
  TRYING,
  to,
} from './machine.ts'
import { T1, T2, TIMEOUT, TRYING_AFTER } from './timers.ts'

/**
 * The INVITE server transaction: RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1. `said` tells whether there
 * is a response to repeat. Once accepted or confirmed, the layer absorbs what is repeated; an accepted one is there only for
 * whoever gave the 2xx, to repeat it.
 */
export type InviteServerState =
  | { readonly name: 'proceeding'; readonly reliable: boolean; readonly said: boolean }
  | { readonly name: 'accepted' }
  | { readonly name: 'completed'; readonly reliable: boolean; readonly interval: Millis }
  | typeof TERMINATED

/** The request goes up; unless the transaction user answers in 200 ms we say 100 Trying for it. */
export function startInviteServer(reliable: boolean): Outcome<InviteServerState> {
  return to({ name: 'proceeding', reliable, said: false }, start('trying', TRYING_AFTER), PASS)
}

export function stepInviteServer(state: InviteServerState, event: ServerEvent): Outcome<InviteServerState> {
  switch (state.name) {
    case 'proceeding':
      return proceeding(state, event)
    case 'accepted':
      return accepted(state, event)
    case 'completed':
      return completed(state, event)
    case 'terminated':
      return stay(state)
    default:
      return state satisfies never
  }
}

type Proceeding = Extract<InviteServerState, { name: 'proceeding' }>
type Accepted = Extract<InviteServerState, { name: 'accepted' }>
type Completed = Extract<InviteServerState, { name: 'completed' }>

function proceeding(state: Proceeding, event: ServerEvent): Outcome<InviteServerState> {
  switch (event.type) {
    case 'request':
      return state.said ? to(state, SEND) : stay(state)
    case 'respond':
      return respond(state, event.status)
    case 'fired':
      return event.timer === 'trying' && !state.said ? to({ ...state, said: true }, TRYING) : stay(state)
    case 'transport-failed':
      return to(TERMINATED, FAILED)
    case 'ack':
      return stay(state)
    default:
      return event satisfies never
  }
}

function respond(state: Proceeding, status: number): Outcome<InviteServerState> {
  const first = state.said ? [] : [stop('trying')]
  if (status < 200) return to({ ...state, said: true }, ...first, SEND)
  // RFC 6026 §7.1: a 2xx is repeated by the transaction user, not by us.
  if (status < 300) return to(ACCEPTED, ...first, SEND, LINGER)
  const completed = { name: 'completed', reliable: state.reliable, interval: T1 } as const
  const repeat = state.reliable ? [] : [start('G', T1)]
  return to(completed, ...first, SEND, ...repeat, start('H', TIMEOUT))
}

function accepted(state: Accepted, event: ServerEvent): Outcome<InviteServerState> {
  switch (event.type) {
    case 'respond':
      return event.status >= 200 && event.status < 300 ? to(state, SEND) : stay(state)
    case 'transport-failed':
      return to(state, FAILED)
    case 'request':
    case 'ack':
    case 'fired':
      return stay(state)
    default:
      return event satisfies never
  }
}

function completed(state: Completed, event: ServerEvent): Outcome<InviteServerState> {
  switch (event.type) {
    case 'request':
      return to(state, SEND)
    case 'ack':
      // Timer I is zero on a reliable transport: no further ACK will come there.
      return state.reliable ? to(TERMINATED) : to(TERMINATED, LINGER)
    case 'fired': {
      if (event.timer === 'H') return to(TERMINATED, TIMED_OUT)
      if (event.timer !== 'G') return stay(state)
      const interval = Math.min(state.interval * 2, T2)
      return to({ ...state, interval }, SEND, start('G', interval))
    }
    case 'transport-failed':
      return to(TERMINATED, FAILED)
    case 'respond':
      return stay(state)
    default:
      return event satisfies never
  }
}
