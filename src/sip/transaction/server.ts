import {
  COMPLETED,
  FAILED,
  type Outcome,
  PASS,
  SEND,
  type ServerEvent,
  start,
  stay,
  TERMINATED,
  to,
} from './machine.ts'
import { TIMEOUT } from './timers.ts'

/** The server transaction of every method but INVITE: RFC 3261 §17.2.2. */
export type ServerState =
  | { readonly name: 'trying'; readonly reliable: boolean }
  | { readonly name: 'proceeding'; readonly reliable: boolean }
  | { readonly name: 'completed' }
  | typeof TERMINATED

export function startServer(reliable: boolean): Outcome<ServerState> {
  return to({ name: 'trying', reliable }, PASS)
}

export function stepServer(state: ServerState, event: ServerEvent): Outcome<ServerState> {
  switch (state.name) {
    case 'trying':
    case 'proceeding':
      return waiting(state, event)
    case 'completed':
      return completed(state, event)
    case 'terminated':
      return stay(state)
    default:
      return state satisfies never
  }
}

type Waiting = Extract<ServerState, { name: 'trying' | 'proceeding' }>
type Completed = Extract<ServerState, { name: 'completed' }>

function waiting(state: Waiting, event: ServerEvent): Outcome<ServerState> {
  switch (event.type) {
    case 'request':
      return state.name === 'proceeding' ? to(state, SEND) : stay(state)
    case 'respond':
      if (event.status < 200) return to({ name: 'proceeding', reliable: state.reliable }, SEND)
      // Timer J is zero on a reliable transport: the request will not come again.
      return state.reliable ? to(TERMINATED, SEND) : to(COMPLETED, SEND, start('J', TIMEOUT))
    case 'transport-failed':
      return to(TERMINATED, FAILED)
    case 'fired':
    case 'ack':
      return stay(state)
    default:
      return event satisfies never
  }
}

function completed(state: Completed, event: ServerEvent): Outcome<ServerState> {
  if (event.type === 'request') return to(state, SEND)
  if (event.type === 'fired' && event.timer === 'J') return to(TERMINATED)
  if (event.type === 'transport-failed') return to(TERMINATED, FAILED)
  return stay(state)
}
