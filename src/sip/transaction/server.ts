import { FAILED, LINGER, type Outcome, PASS, SEND, type ServerEvent, stay, TERMINATED, to } from './machine.ts'

/** The server transaction of every method but INVITE: RFC 3261 §17.2.2. Its Completed state is what the layer remembers. */
export type ServerState =
  | { readonly name: 'trying'; readonly reliable: boolean }
  | { readonly name: 'proceeding'; readonly reliable: boolean }
  | typeof TERMINATED

export function startServer(reliable: boolean): Outcome<ServerState> {
  return to({ name: 'trying', reliable }, PASS)
}

export function stepServer(state: ServerState, event: ServerEvent): Outcome<ServerState> {
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

type Waiting = Extract<ServerState, { name: 'trying' | 'proceeding' }>

function waiting(state: Waiting, event: ServerEvent): Outcome<ServerState> {
  switch (event.type) {
    case 'request':
      return state.name === 'proceeding' ? to(state, SEND) : stay(state)
    case 'respond':
      if (event.status < 200) return to({ name: 'proceeding', reliable: state.reliable }, SEND)
      // Timer J is zero on a reliable transport: the request will not come again.
      return state.reliable ? to(TERMINATED, SEND) : to(TERMINATED, SEND, LINGER)
    case 'transport-failed':
      return to(TERMINATED, FAILED)
    case 'fired':
    case 'ack':
      return stay(state)
    default:
      return event satisfies never
  }
}
