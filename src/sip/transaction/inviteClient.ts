import type { Millis } from '../../platform/clock.ts'
import {
  ACK,
  CANCEL,
  type ClientEvent,
  COMPLETED,
  FAILED,
  LINGER,
  type Outcome,
  PASS,
  SEND,
  start,
  stay,
  stop,
  TERMINATED,
  TIMED_OUT,
  to,
} from './machine.ts'
import { T1, TIMEOUT, TIMER_D } from './timers.ts'

/**
 * The INVITE client transaction: RFC 3261 §17.1.1, and CANCEL as §9.1 wants it: not before something provisional came, and
 * with an end if the other side never answers it. The Accepted state of RFC 6026 §7.2 is what the layer remembers: every
 * further 2xx, of this branch or another, is the transaction user's to acknowledge.
 */
export type InviteClientState =
  | { readonly name: 'calling'; readonly reliable: boolean; readonly interval: Millis; readonly cancelled: boolean }
  | { readonly name: 'proceeding'; readonly reliable: boolean; readonly cancelled: boolean }
  | { readonly name: 'completed' }
  | typeof TERMINATED

/** The request leaves; timer A repeats it on an unreliable transport, timer B gives up. */
export function startInviteClient(reliable: boolean): Outcome<InviteClientState> {
  const calling = { name: 'calling', reliable, interval: T1, cancelled: false } as const
  return reliable ? to(calling, SEND, start('B', TIMEOUT)) : to(calling, SEND, start('A', T1), start('B', TIMEOUT))
}

export function stepInviteClient(state: InviteClientState, event: ClientEvent): Outcome<InviteClientState> {
  switch (state.name) {
    case 'calling':
      return calling(state, event)
    case 'proceeding':
      return proceeding(state, event)
    case 'completed':
      return completed(state, event)
    case 'terminated':
      return stay(state)
    default:
      return state satisfies never
  }
}

type Calling = Extract<InviteClientState, { name: 'calling' }>
type Proceeding = Extract<InviteClientState, { name: 'proceeding' }>
type Completed = Extract<InviteClientState, { name: 'completed' }>

function calling(state: Calling, event: ClientEvent): Outcome<InviteClientState> {
  switch (event.type) {
    case 'response':
      return answered(state, event.status)
    case 'transport-failed':
      return to(TERMINATED, FAILED)
    case 'fired': {
      if (event.timer === 'B') return to(TERMINATED, TIMED_OUT)
      if (event.timer !== 'A') return stay(state)
      const interval = state.interval * 2
      return to({ ...state, interval }, SEND, start('A', interval))
    }
    // §9.1: nothing can be cancelled before something provisional came. So the INVITE goes on being repeated: a phone
    // whose 180 was lost would ring for ever otherwise.
    case 'cancel':
      return stay({ ...state, cancelled: true })
    default:
      return event satisfies never
  }
}

function proceeding(state: Proceeding, event: ClientEvent): Outcome<InviteClientState> {
  switch (event.type) {
    case 'response':
      return answered(state, event.status)
    case 'cancel':
      return state.cancelled ? stay(state) : cancel(state)
    // How long it may ring is the transaction user's decision. Timer B runs again only behind a CANCEL.
    case 'fired':
      return event.timer === 'B' ? to(TERMINATED, TIMED_OUT) : stay(state)
    case 'transport-failed':
      return stay(state)
    default:
      return event satisfies never
  }
}

function cancel(state: Proceeding): Outcome<InviteClientState> {
  return to({ ...state, cancelled: true }, CANCEL, start('B', TIMEOUT))
}

function answered(state: Calling | Proceeding, status: number): Outcome<InviteClientState> {
  if (status < 200) return provisional(state)
  if (status < 300) return to(TERMINATED, LINGER, PASS)
  // Timer D is zero on a reliable transport: nothing will be retransmitted there.
  if (state.reliable) return to(TERMINATED, ACK, PASS)
  return to(COMPLETED, stop('A'), stop('B'), ACK, start('D', TIMER_D), PASS)
}

function provisional(state: Calling | Proceeding): Outcome<InviteClientState> {
  if (state.name === 'proceeding') return to(state, PASS)
  const proceeding = { name: 'proceeding', reliable: state.reliable, cancelled: state.cancelled } as const
  const stopped = [stop('A'), stop('B')]
  if (!state.cancelled) return to(proceeding, ...stopped, PASS)
  return to(proceeding, ...stopped, CANCEL, start('B', TIMEOUT), PASS)
}

function completed(state: Completed, event: ClientEvent): Outcome<InviteClientState> {
  if (event.type === 'response' && event.status >= 300) return to(state, ACK)
  if (event.type === 'fired' && event.timer === 'D') return to(TERMINATED)
  // The ACK could not be sent. §17.1.1.2 would tell the user; but it has its answer, and nothing to do about this.
  if (event.type === 'transport-failed') return to(TERMINATED)
  return stay(state)
}
